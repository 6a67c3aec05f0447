// SPDX-License-Identifier: MIT
// What is changed while it prints: speed, fan, and how far the nozzle is from the bed.

import { html, useComputed, useEffect, useId, useRef, useSignal } from '../../html.js';
import { mayOperate } from '../../api.js';
import { command } from '../../actions.js';
import { formatNumber, formatPercent, NOTHING } from '../../format.js';
import { t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

const COMMANDS = ['speed', 'fan', 'z-offset'];
const SETTLE_MS = 600;
const SPEED_MIN = 50;
const SPEED_STEP = 10;
/** mm/s, where the printer does not say. @type {Record<string, number>} */
const SPEED_MAX = { M5: 500, M5C: 250 };
const Z_STEPS = [-0.05, -0.01, 0.01, 0.05];
const MINUS = '−';

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Tuning({ printer, serial }) {
	const speed = useComputed(() => printer.value.speed_mm_s);
	const fan = useComputed(() => printer.value.fan_percent);
	const fastest = useComputed(() => printer.value.max_speed_mm_s ?? SPEED_MAX[printer.value.model ?? ''] ?? SPEED_MAX.M5C);
	const offset = useComputed(() => printer.value.z_offset_mm);
	const isOn = useComputed(() => printer.value.online);
	const shown = useComputed(() => (offset.value === null || offset.value === undefined ? NOTHING : `${signed(offset.value, 2)} mm`));
	return html`<${Panel} title=${t('tuning.title')} serial=${serial} commands=${COMMANDS}>
		<${Slider} label=${t('tuning.speed')} value=${speed} min=${SPEED_MIN} max=${fastest} step=${SPEED_STEP} show=${showSpeed} isOn=${isOn} onSet=${(/** @type {number} */ mm_s) => command(serial, { command: 'speed', mm_s })} />
		<${Slider} label=${t('tuning.fan')} value=${fan} min=${0} max=${100} step=${5} show=${formatPercent} isOn=${isOn} onSet=${(/** @type {number} */ percent) => command(serial, { command: 'fan', percent })} />
		<div class="slider">
			<p class="slider-head"><span>${t('tuning.z_offset')}</span> <output>${shown}</output></p>
			${mayOperate.value
				? html`<div class="steps" role="group" aria-label=${t('tuning.z_offset')}>
						${Z_STEPS.map(
							(step) => html`<button type="button" class="button" disabled=${!isOn.value} title=${t(step < 0 ? 'tuning.z_closer' : 'tuning.z_farther')} onClick=${() => command(serial, { command: 'z-offset', offset_mm: step, relative: true })}>${signed(step, 2)}</button>`,
						)}
					</div>
					<p class="hint"><${Icon} name="down" size=${14} />${t('tuning.z_hint')}</p>`
				: null}
		</div>
	<//>`;
}

/** @param {number} value @param {number} digits */
const signed = (value, digits) => `${value < 0 ? MINUS : value > 0 ? '+' : ''}${formatNumber(Math.abs(value), digits)}`;

/** @param {number | null | undefined} value */
const showSpeed = (value) => (value === null || value === undefined ? NOTHING : `${formatNumber(value, 0)} mm/s`);

/**
 * Sends what it was set to once it is let be for a moment, so that keys do not send each step.
 * @param {{ label: string, value: import('@preact/signals').ReadonlySignal<number | null>, min: number, max: number | import('@preact/signals').ReadonlySignal<number>, step: number,
 *   show: (value: number | null) => string, isOn: import('@preact/signals').ReadonlySignal<boolean>, onSet: (value: number) => { done: Promise<unknown> } }} props
 */
function Slider({ label, value, min, max, step, show, isOn, onSet }) {
	const id = useId();
	const draft = useSignal(/** @type {number | null} */ (null));
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const at = useComputed(() => draft.value ?? value.value ?? min);
	const text = useComputed(() => show(draft.value ?? value.value));

	function settle() {
		const wanted = draft.peek();
		if (wanted !== null) {
			onSet(wanted).done.then(() => {
				if (draft.peek() === wanted) {
					draft.value = null;
				}
			});
		}
	}

	return html`<div class="slider">
		<p class="slider-head"><label for=${id}>${label}</label> <output for=${id} class=${draft.value === null ? '' : 'is-draft'}>${text}</output></p>
		${mayOperate.value
			? html`<input
					id=${id}
					type="range"
					min=${min}
					max=${max}
					step=${step}
					value=${at}
					disabled=${!isOn.value}
					aria-valuetext=${text}
					onInput=${(/** @type {any} */ event) => {
						draft.value = Number(event.target.value);
						clearTimeout(timer.current);
					}}
					onChange=${() => {
						clearTimeout(timer.current);
						timer.current = setTimeout(settle, SETTLE_MS);
					}}
				/>`
			: null}
	</div>`;
}
