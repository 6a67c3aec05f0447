// SPDX-License-Identifier: MIT
// The job of a printer, and what can be done with it.

import { html, useComputed } from '../../html.js';
import { mayOperate } from '../../api.js';
import { command } from '../../actions.js';
import { conditionOf, hasJob, isFilamentPrinter, isPaused, isPrinting, nameOf } from '../../condition.js';
import { formatClock, formatDuration, formatWhole, NOTHING } from '../../format.js';
import { pictureOf } from '../../pictures.js';
import { t } from '../../text.js';
import { breakable } from '../../parts/breakable.js';
import { HoldButton } from '../../parts/hold_button.js';
import { Icon } from '../../parts/icon.js';
import { Queued } from '../../parts/queued.js';
import { Ring } from '../../parts/ring.js';
import { filamentText } from './filament.js';
import { Newest } from './newest.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

const COMMANDS = ['pause', 'resume', 'stop', 'plate_clear', 'queue_add'];

/** Whether another one could begin. @param {import('../../types').Printer} printer */
export const couldBegin = (printer) => isFilamentPrinter(printer) && ['idle', 'finished'].includes(conditionOf(printer));

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Job({ printer, serial }) {
	const isJob = useComputed(() => hasJob(printer.value) || printer.value.job?.state === 'finished');
	const percent = useComputed(() => (isJob.value ? (printer.value.job?.progress_percent ?? null) : null));
	const condition = useComputed(() => conditionOf(printer.value));
	const name = useComputed(() => (isJob.value ? (printer.value.job?.name ?? '') : ''));
	const picture = useComputed(() => (isJob.value ? pictureOf(printer.value) : null));
	const isFilament = isFilamentPrinter(printer.peek());
	const isFree = useComputed(() => couldBegin(printer.value));
	return html`<${Panel} title=${t('job.title')} serial=${serial} commands=${COMMANDS} class="job">
		${isJob.value
			? html`<div class="job-body">
					<${Ring} percent=${percent} label=${t('card.progress', { name: nameOf(printer.peek()) })} kind=${condition} />
					${picture.value ? html`<img class="job-picture" src=${picture} alt="" width="96" height="96" />` : null}
					<div class="job-what"><p class="job-name name">${breakable(name.value)}</p><${Facts} printer=${printer} isFilament=${isFilament} /></div>
				</div>`
			: html`<p class="quiet">${t(condition.value === 'offline' ? 'job.unheard' : 'job.none')}</p>`}
		<${Doings} printer=${printer} serial=${serial} />
		${isFilament ? html`<${Queued} serial=${serial} />` : null}
		${isFree.value ? html`<${Newest} serial=${serial} />` : null}
	<//>`;
}

/** @param {import('../../types').Job | undefined} job */
function layerText(job) {
	return job?.layer === null || job?.layer === undefined ? NOTHING : job.layers ? `${formatWhole(job.layer)} / ${formatWhole(job.layers)}` : formatWhole(job.layer);
}

/** What is left comes first, and largest. An E1 has neither layers nor filament. @param {{ printer: PrinterSignal, isFilament: boolean }} props */
function Facts({ printer, isFilament }) {
	const layer = useComputed(() => layerText(printer.value.job));
	const left = useComputed(() => (printer.value.job?.state === 'finished' ? NOTHING : formatDuration(printer.value.job?.remaining_s)));
	const guessed = useComputed(() => (printer.value.job?.remaining_estimated ? t('job.guessed') : ''));
	const finish = useComputed(() => (printer.value.job?.state === 'finished' ? NOTHING : formatClock(printer.value.job?.finish_at)));
	const elapsed = useComputed(() => formatDuration(printer.value.job?.elapsed_s));
	const filament = useComputed(() => filamentText(printer.value.job?.filament_used, printer.value.job?.filament_unit, printer.value.job?.filament_estimated));
	return html`<dl class="facts job-facts">
		<div><dt>${t('card.left')}</dt><dd title=${guessed}>${left}</dd></div>
		<div><dt>${t('card.finish')}</dt><dd>${finish}</dd></div>
		${isFilament ? html`<div><dt>${t('card.layer')}</dt><dd>${layer}</dd></div>` : null}
		<div><dt>${t('job.elapsed')}</dt><dd>${elapsed}</dd></div>
		${isFilament ? html`<div><dt>${t('job.filament')}</dt><dd>${filament}</dd></div>` : null}
	</dl>`;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
function Doings({ printer, serial }) {
	const printing = useComputed(() => isPrinting(printer.value));
	const paused = useComputed(() => isPaused(printer.value));
	const working = useComputed(() => hasJob(printer.value));
	if (!mayOperate.value || !working.value) {
		return null;
	}
	return html`<div class="job-actions">
		${paused.value
			? html`<button type="button" class="button button-main" onClick=${() => command(serial, { command: 'resume' })}><${Icon} name="resume" size=${18} /><span>${t('command.resume')}</span></button>`
			: html`<button type="button" class="button" disabled=${!printing.value} onClick=${() => command(serial, { command: 'pause' })}><${Icon} name="pause" size=${18} /><span>${t('command.pause')}</span></button>`}
		<${HoldButton} label=${t('command.stop')} icon="stop" onConfirm=${() => command(serial, { command: 'stop' })} />
	</div>`;
}
