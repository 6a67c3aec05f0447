// SPDX-License-Identifier: MIT
// A heater: how warm it is, and where it is going.

import { html } from '../html.js';
import { formatCelsius, formatWhole } from '../format.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

const NEAR_C = 5;

/** @typedef {import('@preact/signals').ReadonlySignal<number | null>} Celsius */

/** @param {{ part: 'nozzle' | 'bed', current: Celsius, target: Celsius, children?: any }} props */
export function Heater({ part, current, target, children }) {
	const is = current.value;
	const wanted = target.value;
	const state = wanted ? (Math.abs((is ?? 0) - wanted) > NEAR_C ? 'is-heating' : 'is-hot') : '';
	return html`<div class=${`heater ${state}`}>
		<dt><${Icon} name=${part} size=${16} /><span>${t(`part.${part}`)}</span></dt>
		<dd><span><span class="heater-now">${formatWhole(is)}</span> <span class="heater-target">${wanted ? `→ ${formatCelsius(wanted)}` : '°C'}</span></span>${children}</dd>
	</div>`;
}
