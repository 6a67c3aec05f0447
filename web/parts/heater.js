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
	const state = useComputed(() => (target.value ? (Math.abs((current.value ?? 0) - target.value) > NEAR_C ? 'is-heating' : 'is-hot') : ''));
	return html`<div class=${`heater ${state.value}`}>
		<dt><${Icon} name=${part} size=${16} /><span>${t(`part.${part}`)}</span></dt>
		<dd><span><span class="heater-now"><${Degrees} of=${current} /></span> <span class="heater-target">${target.value ? `→ ${formatCelsius(target.value)}` : '°C'}</span></span>${children}</dd>
	</div>`;
}

/** By itself, as it changes more often than all else. @param {{ of: Celsius }} props */
const Degrees = ({ of }) => formatWhole(of.value);
