// SPDX-License-Identifier: MIT
// How far a job is, as a ring with the number in it.

import { html } from '../html.js';
import { formatPercent } from '../format.js';
import { Icon } from './icon.js';

const RADIUS = 44;
const AROUND = 2 * Math.PI * RADIUS;

/**
 * @param {{ percent: import('@preact/signals').ReadonlySignal<number | null>, label: string, kind: import('@preact/signals').ReadonlySignal<string> }} props
 */
export function Ring({ percent, label, kind }) {
	if (percent.value === null) {
		return html`<div class="ring ring-none"><${Icon} name=${kind.value === 'offline' ? 'offline' : 'printer'} size=${22} /></div>`;
	}
	const whole = Math.floor(Math.min(100, Math.max(0, percent.value)));
	return html`<div class="ring" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${whole}>
		<svg viewBox="0 0 100 100" aria-hidden="true">
			<circle class="ring-rest" cx="50" cy="50" r=${RADIUS} />
			<circle class=${`ring-fill ring-${kind.value}`} cx="50" cy="50" r=${RADIUS} stroke-dasharray=${`${(AROUND * whole) / 100} ${AROUND}`} transform="rotate(-90 50 50)" />
		</svg>
		<span class="ring-text" aria-hidden="true">${formatPercent(whole)}</span>
	</div>`;
}
