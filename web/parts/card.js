// SPDX-License-Identifier: MIT
// A printer among others. What changes often is bound to its text alone, so that a change costs no more than that text.

import { html, useComputed, useSignal, useSignalEffect } from '../html.js';
import { mayOperate } from '../api.js';
import { command, lastOf, warningOf } from '../actions.js';
import { conditionOf, hasJob, isFilamentPrinter, isPaused, isPrinting, nameOf, stateText } from '../condition.js';
import { formatClock, formatDuration, formatWhole, isSettled } from '../format.js';
import { newestAge, printerOf } from '../live.js';
import { pictureOf } from '../pictures.js';
import { keyOf, t, textOr } from '../text.js';
import { useValues } from '../values.js';
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
const AGE_STEP_S = 10;
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

/** What a card shows of a printer, in the steps in which it is shown: to write a number or a time costs more than all else here. @param {import('../types').Printer} printer */
function read(printer) {
	const { job, online, model, seen_at: seen, nozzle, bed } = printer;
	const remaining = job?.remaining_s ?? null;
	const isJob = hasJob(printer) || job?.state === 'finished';
	const age = online ? newestAge(printer) : null;
	return {
		condition: conditionOf(printer),
		name: nameOf(printer),
		model: model ?? '',
		state: stateText(printer),
		seen: !online && seen ? seen : null,
		age: age !== null && age > OLD_S ? age - (age % AGE_STEP_S) : null,
		trouble: printer.error ?? printer.alert,
		isOnline: online,
		isJob,
		isOver: job?.state === 'finished',
		isPrinting: isPrinting(printer),
		isPaused: isPaused(printer),
		canStop: hasJob(printer),
		jobName: job?.name ?? '',
		percent: isJob && typeof job?.progress_percent === 'number' ? Math.floor(job.progress_percent) : null,
		layer: job?.layer ?? null,
		layers: job?.layers ?? null,
		remaining: remaining === null || remaining < MINUTE_S ? remaining : Math.round(remaining / MINUTE_S) * MINUTE_S,
		finish: job?.finish_at ? Math.round(Date.parse(job.finish_at) / MINUTE_MS) * MINUTE_MS : null,
		nozzle: warmthOf(nozzle),
		nozzleTarget: nozzle?.target_c ?? null,
		bed: warmthOf(bed),
		bedTarget: bed?.target_c ?? null,
		picture: pictureOf(printer),
	};
}

/** @param {import('../types').Heater | undefined} heater */
const warmthOf = (heater) => (typeof heater?.current_c === 'number' ? Math.round(heater.current_c) : null);

/** @typedef {{ [name in keyof ReturnType<typeof read>]: import('@preact/signals').ReadonlySignal<ReturnType<typeof read>[name]> }} Values */

/** @param {{ printer: PrinterSignal } & Parameters<typeof Card>[0]} props */
function Shown({ printer, serial, size, menu, selection, isStill }) {
	const values = useValues(() => read(printer.value), printer);
	const { condition, name, isJob } = values;
	const isFilament = isFilamentPrinter(printer.peek());
	const isSmall = size === 's';
	return html`<article class=${`card card-${size} is-${condition.value} ${selection?.isSelected ? 'is-selected' : ''}`} data-serial=${serial}>
		<header class="card-head">
			${selection?.isOn ? html`<input type="checkbox" class="card-check" checked=${selection.isSelected} aria-label=${t('fleet.select_one', { name: name.value })} onChange=${selection.toggle} />` : null}
			<${Ring} percent=${values.percent} label=${t('card.progress', { name: name.value })} kind=${condition} />
			<div class="card-title">
				<h3><a class="card-link name" href=${`/p/${encodeURIComponent(serial)}`}>${name.value}</a></h3>
				<${State} values=${values} />
			</div>
			${isSmall || !values.picture.value ? null : html`<img class="card-picture" src=${values.picture.value} alt="" loading="lazy" width="64" height="64" />`}
			${menu?.length ? html`<${Menu} label=${t('card.menu', { name: name.value })} items=${menu} class="card-menu" />` : null}
		</header>
		${isSmall || !isJob.value ? null : html`<p class="card-job name" title=${values.jobName.value}>${values.jobName.value}</p>`}
		<${Facts} ...${{ values, serial, isSmall, isFilament, isStill }} />
		${values.trouble.value && html`<${Trouble} printer=${printer.peek()} />`}
		${isSmall || !values.isOnline.value ? null : isFilament ? html`<${Heaters} values=${values} serial=${serial} />` : html`<${Inside} printer=${printer} />`}
		${isFilament ? html`<${Queued} serial=${serial} isSmall=${isSmall} isStill=${isStill} />` : null}
		${isStill ? null : html`<${Doings} values=${values} serial=${serial} isSmall=${isSmall} />`}
	</article>`;
}

/** @param {{ values: Values }} props */
function State({ values }) {
	const { condition, seen, age } = values;
	const old = seen.value ? t('card.seen', { time: formatClock(seen.value) }) : age.value !== null ? t('card.age', { age: formatDuration(age.value) }) : '';
	return html`<p class="card-state"><span class=${`state state-${condition.value}`}>${values.state.value}</span><span class="card-model">${values.model.value}</span><span class="card-age">${old}</span></p>`;
}

/** Layer, what is left, and when it ends; an E1 has no layers. @param {{ values: Values, serial: string, isSmall: boolean, isFilament: boolean, isStill: boolean }} props */
function Facts({ values, serial, isSmall, isFilament, isStill }) {
	if (!values.isJob.value) {
		return isSmall ? null : html`<p class="facts-none">${values.isOnline.value ? t('card.no_job') : html`${t('card.unheard')} ${isStill ? null : html`<${Why} serial=${serial} />`}`}</p>`;
	}
	return values.isOver.value
		? null
		: html`<dl class="facts">
				${isSmall || !isFilament ? null : html`<div><dt>${t('card.layer')}</dt><dd>${layerOf(values)}</dd></div>`}
				<div><dt>${t('card.left')}</dt><dd>${formatDuration(values.remaining.value)}</dd></div>
				<div><dt>${t('card.finish')}</dt><dd>${formatClock(values.finish.value)}</dd></div>
			</dl>`;
}

/** Leads who may to the doctor, who looks for it. @param {{ serial: string }} props */
export const Why = ({ serial }) => (mayOperate.value ? html`<a class="why" href=${`/doctor/${encodeURIComponent(serial)}`}>${t('card.why')}</a>` : null);

/** @param {Values} values */
function layerOf({ layer, layers }) {
	return layer.value === null || !layers.value ? formatWhole(layer.value) : `${formatWhole(layer.value)} / ${formatWhole(layers.value)}`;
}

/** Curves come behind the first picture: nothing is in them before. @param {{ values: Values, serial: string }} props */
function Heaters({ values, serial }) {
	/** @param {'nozzle' | 'bed'} part */
	const curve = (part) => (isSettled.value ? html`<${Sparkline} serial=${serial} part=${part} />` : null);
	return html`<dl class="heaters">
		<${Heater} part="nozzle" current=${values.nozzle} target=${values.nozzleTarget}>${curve('nozzle')}<//>
		<${Heater} part="bed" current=${values.bed} target=${values.bedTarget}>${curve('bed')}<//>
	</dl>`;
}

/** What an E1 is made of. @param {{ printer: PrinterSignal }} props */
function Inside({ printer }) {
	const { ink, accessory } = printer.value;
	return html`${ink?.length ? html`<${Inks} ink=${ink} />` : null}
	${accessory?.plate ? html`<p class="card-plate quiet">${t('card.plate')}: <span class="name">${textOr(`plate.${keyOf(accessory.plate)}`, accessory.plate)}</span></p>` : null}`;
}

/** What can be done now, and what came of the last that was. @param {{ values: Values, serial: string, isSmall: boolean }} props */
function Doings({ values, serial, isSmall }) {
	const action = useComputed(() => lastOf(serial));
	const isOver = useSignal(0);
	useSignalEffect(() => {
		const last = action.value;
		if (last?.value.state === 'confirmed' && !warningOf(last.value)) {
			const id = last.value.id;
			setTimeout(() => (isOver.value = id), CONFIRMED_SHOWN_MS);
		}
	});
	const shown = action.value && action.value.peek().id !== isOver.value ? action.value : null;
	return html`${mayOperate.value && values.canStop.value
		? html`<div class="card-actions">
				${values.isPrinting.value ? html`<${Do} serial=${serial} name="pause" icon="pause" isSmall=${isSmall} />` : null}
				${values.isPaused.value ? html`<${Do} serial=${serial} name="resume" icon="resume" isSmall=${isSmall} />` : null}
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
