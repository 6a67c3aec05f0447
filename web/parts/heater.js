// SPDX-License-Identifier: MIT
// A heater: how warm it is, and where it is going.

import { html, useComputed } from '../html.js';
import { formatCelsius, formatWhole } from '../format.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

const NEAR_C = 5;

/** @typedef {import('@preact/signals').ReadonlySignal<number | null>} Celsius */

/** @param {{ part: 'nozzle' | 'bed', current: Celsius, target: Celsius, children?: any }} props */
export function Heater({ part, current, target, children }) {
	const is = useComputed(() => formatWhole(current.value));
	const wanted = useComputed(() => (target.value ? `→ ${formatCelsius(target.value)}` : '°C'));
	const state = useComputed(() => `heater ${target.value ? (Math.abs((current.value ?? 0) - target.value) > NEAR_C ? 'is-heating' : 'is-hot') : ''}`);
	return html`<div class=${state}>
		<dt><${Icon} name=${part} size=${16} /><span>${t(`part.${part}`)}</span></dt>
		<dd><span><span class="heater-now">${is}</span> <span class="heater-target">${wanted}</span></span>${children}</dd>
	</div>`;
}
