// SPDX-License-Identifier: MIT
// A printer among others. What changes often is bound to its text alone, so that a change costs no more than that text.

import { html, useComputed, useSignal, useSignalEffect } from '../html.js';
import { mayOperate } from '../api.js';
import { command, lastOf } from '../actions.js';
import { conditionOf, hasJob, isFilamentPrinter, isPaused, isPrinting, nameOf, stateText } from '../condition.js';
import { NOTHING, formatClock, formatDuration, formatWhole } from '../format.js';
import { newestAge, printerOf } from '../live.js';
import { pictureOf } from '../pictures.js';
import { t } from '../text.js';
import { Heater } from './heater.js';
import { HoldButton } from './hold_button.js';
import { Icon } from './icon.js';
import { Inks } from './inks.js';
import { Menu } from './menu.js';
import { Outcome } from './outcome.js';
import { Queued } from './queued.js';
import { Ring } from './ring.js';
import { Sparkline } from './sparkline.js';
import { Trouble } from './trouble.js';

const OLD_S = 60;
const MINUTE_S = 60;
const MINUTE_MS = 60000;
const CONFIRMED_SHOWN_MS = 5000;

/** @typedef {import('@preact/signals').ReadonlySignal<import('../types').Printer>} PrinterSignal */

/**
 * @param {{ serial: string, size: string, menu?: any[], selection?: { isOn: boolean, isSelected: boolean, toggle: () => void } | null, isStill?: boolean }} props isStill: nothing in it can be done
 */
export function Card({ serial, size, menu = [], selection = null, isStill = false }) {
	const printer = printerOf(serial);
	return printer ? html`<${Shown} printer=${printer} ...${{ serial, size, menu, selection, isStill }} />` : null;
}

/** @param {{ printer: PrinterSignal } & Parameters<typeof Card>[0]} props */
function Shown({ printer, serial, size, menu, selection, isStill }) {
	const condition = useComputed(() => conditionOf(printer.value));
	const name = useComputed(() => nameOf(printer.value));
	const jobName = useComputed(() => printer.value.job?.name ?? '');
	const isJob = useComputed(() => hasJob(printer.value) || printer.value.job?.state === 'finished');
	const percent = useComputed(() => (isJob.value ? (printer.value.job?.progress_percent ?? null) : null));
	const trouble = useComputed(() => printer.value.error ?? printer.value.alert);
	const isOnline = useComputed(() => printer.value.online);
	const isFilament = isFilamentPrinter(printer.peek());
	const isSmall = size === 's';
	return html`<article class=${`card card-${size} is-${condition.value} ${selection?.isSelected ? 'is-selected' : ''}`} data-serial=${serial}>
		<header class="card-head">
			${selection?.isOn ? html`<input type="checkbox" class="card-check" checked=${selection.isSelected} aria-label=${t('fleet.select_one', { name: name.value })} onChange=${selection.toggle} />` : null}
			<${Ring} percent=${percent} label=${t('card.progress', { name: name.value })} kind=${condition} />
			<div class="card-title">
				<h3><a class="card-link name" href=${`/p/${encodeURIComponent(serial)}`}>${name}</a></h3>
				<${State} printer=${printer} condition=${condition} />
			</div>
			${isSmall ? null : html`<${Picture} printer=${printer} />`}
			${menu?.length ? html`<${Menu} label=${t('card.menu', { name: name.value })} items=${menu} class="card-menu" />` : null}
		</header>
		${isSmall || !isJob.value ? null : html`<p class="card-job name" title=${jobName}>${jobName}</p>`}
		<${Facts} printer=${printer} isJob=${isJob} isSmall=${isSmall} />
		${trouble.value && html`<${Trouble} printer=${printer.value} />`}
		${isSmall || !isOnline.value ? null : isFilament ? html`<${Heaters} printer=${printer} serial=${serial} />` : html`<${Inside} printer=${printer} />`}
		${isFilament ? html`<${Queued} serial=${serial} isSmall=${isSmall} isStill=${isStill} />` : null}
		${isStill ? null : html`<${Doings} printer=${printer} serial=${serial} isSmall=${isSmall} />`}
	</article>`;
}

/** @param {{ printer: PrinterSignal, condition: import('@preact/signals').ReadonlySignal<string> }} props */
function State({ printer, condition }) {
	const text = useComputed(() => stateText(printer.value));
	const model = useComputed(() => printer.value.model ?? '');
	const age = useComputed(() => {
		const seconds = printer.value.online ? newestAge(printer.value) : null;
		const seen = printer.value.seen_at;
		if (!printer.value.online && seen) {
			return t('card.seen', { time: formatClock(seen) });
		}
		return seconds !== null && seconds > OLD_S ? t('card.age', { age: formatDuration(seconds - (seconds % 10)) }) : '';
	});
	return html`<p class="card-state"><span class=${`state state-${condition.value}`}>${text}</span><span class="card-model">${model}</span><span class="card-age">${age}</span></p>`;
}

/** Layer, what is left, and when it ends. @param {{ printer: PrinterSignal, isJob: import('@preact/signals').ReadonlySignal<boolean>, isSmall: boolean }} props */
function Facts({ printer, isJob, isSmall }) {
	const layer = useComputed(() => {
		const { layer: is, layers: all } = printer.value.job ?? {};
		return is === null || is === undefined ? NOTHING : all ? `${formatWhole(is)} / ${formatWhole(all)}` : formatWhole(is);
	});
	// In the steps in which they are shown: to write a time costs more than all else here.
	const leftStep = useComputed(() => {
		const remaining = printer.value.job?.remaining_s ?? null;
		return remaining === null || remaining < MINUTE_S ? remaining : Math.round(remaining / MINUTE_S) * MINUTE_S;
	});
	const finishStep = useComputed(() => {
		const at = printer.value.job?.finish_at;
		return at ? Math.round(Date.parse(at) / MINUTE_MS) * MINUTE_MS : null;
	});
	const left = useComputed(() => formatDuration(leftStep.value));
	const finish = useComputed(() => formatClock(finishStep.value));
	const isOver = useComputed(() => printer.value.job?.state === 'finished');
	if (!isJob.value) {
		return isSmall ? null : html`<p class="facts-none">${t('card.no_job')}</p>`;
	}
	return isOver.value
		? null
		: html`<dl class="facts">
				${isSmall ? null : html`<div><dt>${t('card.layer')}</dt><dd>${layer}</dd></div>`}
				<div><dt>${t('card.left')}</dt><dd>${left}</dd></div>
				<div><dt>${t('card.finish')}</dt><dd>${finish}</dd></div>
			</dl>`;
}

/** Of the file that is printed, where it was sent through the gateway. @param {{ printer: PrinterSignal }} props */
function Picture({ printer }) {
	const address = useComputed(() => pictureOf(printer.value));
	return address.value ? html`<img class="card-picture" src=${address} alt="" loading="lazy" width="64" height="64" />` : null;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
function Heaters({ printer, serial }) {
	return html`<dl class="heaters">
		<${Heater} printer=${printer} part="nozzle"><${Sparkline} serial=${serial} part="nozzle" /><//>
		<${Heater} printer=${printer} part="bed"><${Sparkline} serial=${serial} part="bed" /><//>
	</dl>`;
}

/** What an E1 is made of. @param {{ printer: PrinterSignal }} props */
function Inside({ printer }) {
	const { ink, accessory } = printer.value;
	return html`${ink?.length ? html`<${Inks} ink=${ink} />` : null}
	${accessory?.plate ? html`<p class="card-plate quiet">${t('card.plate')}: <span class="name">${accessory.plate}</span></p>` : null}`;
}

/** What can be done now, and what came of the last that was. @param {{ printer: PrinterSignal, serial: string, isSmall: boolean }} props */
function Doings({ printer, serial, isSmall }) {
	const printing = useComputed(() => isPrinting(printer.value));
	const paused = useComputed(() => isPaused(printer.value));
	const job = useComputed(() => hasJob(printer.value));
	const action = useComputed(() => lastOf(serial));
	const isOver = useSignal(0);
	useSignalEffect(() => {
		const last = action.value;
		if (last?.value.state === 'confirmed') {
			const id = last.value.id;
			setTimeout(() => (isOver.value = id), CONFIRMED_SHOWN_MS);
		}
	});
	const shown = action.value && action.value.peek().id !== isOver.value ? action.value : null;
	return html`${mayOperate.value && job.value
		? html`<div class="card-actions">
				${printing.value ? html`<${Do} serial=${serial} name="pause" icon="pause" isSmall=${isSmall} />` : null}
				${paused.value ? html`<${Do} serial=${serial} name="resume" icon="resume" isSmall=${isSmall} />` : null}
				<${HoldButton} label=${t('command.stop')} icon="stop" short=${isSmall} onConfirm=${() => command(serial, { command: 'stop' })} />
			</div>`
		: null}
	${shown ? html`<${Outcome} action=${shown} onClose=${() => (isOver.value = shown.peek().id)} />` : null}`;
}

/** @param {{ serial: string, name: string, icon: string, isSmall: boolean }} props */
function Do({ serial, name, icon, isSmall }) {
	const text = t(`command.${name}`);
	return html`<button type="button" class="button" aria-label=${text} onClick=${() => command(serial, { command: name })}>
		<${Icon} name=${icon} size=${18} />${isSmall ? null : html`<span>${text}</span>`}
	</button>`;
}
