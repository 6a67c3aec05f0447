// SPDX-License-Identifier: MIT
// A heater: how warm it is, and where it is going.

import { html, useComputed } from '../html.js';
import { formatCelsius, formatWhole } from '../format.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

/** @param {{ printer: import('@preact/signals').ReadonlySignal<import('../types').Printer>, part: 'nozzle' | 'bed', children?: any }} props */
export function Heater({ printer, part, children }) {
	const current = useComputed(() => formatWhole(rounded(printer.value[part]?.current_c)));
	const target = useComputed(() => {
		const wanted = printer.value[part]?.target_c;
		return wanted ? `→ ${formatCelsius(wanted)}` : '°C';
	});
	const state = useComputed(() => {
		const { current_c: is, target_c: wanted } = printer.value[part] ?? {};
		return `heater ${wanted ? (Math.abs((is ?? 0) - wanted) > 5 ? 'is-heating' : 'is-hot') : ''}`;
	});
	return html`<div class=${state}>
		<dt><${Icon} name=${part} size=${16} /><span>${t(`part.${part}`)}</span></dt>
		<dd><span><span class="heater-now">${current}</span> <span class="heater-target">${target}</span></span>${children}</dd>
	</div>`;
}

/** @param {number | null | undefined} value */
const rounded = (value) => (value === null || value === undefined ? value : Math.round(value));
