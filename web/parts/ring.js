// SPDX-License-Identifier: MIT
// How far a job is, as a ring with the number in it.

import { html, useComputed } from '../html.js';
import { formatPercent } from '../format.js';
import { Icon } from './icon.js';

const RADIUS = 44;
const AROUND = 2 * Math.PI * RADIUS;

/**
 * @param {{ percent: import('@preact/signals').ReadonlySignal<number | null>, label: string, kind: import('@preact/signals').ReadonlySignal<string> }} props
 */
export function Ring({ percent, label, kind }) {
	const whole = useComputed(() => (percent.value === null ? null : Math.floor(Math.min(100, Math.max(0, percent.value)))));
	const dash = useComputed(() => `${(AROUND * (whole.value ?? 0)) / 100} ${AROUND}`);
	const text = useComputed(() => formatPercent(whole.value));
	const filled = useComputed(() => `ring-fill ring-${kind.value}`);
	const now = useComputed(() => whole.value ?? 0);
	const isEmpty = useComputed(() => percent.value === null);
	if (isEmpty.value) {
		return html`<div class="ring ring-none"><${Icon} name=${kind.value === 'offline' ? 'offline' : 'printer'} size=${22} /></div>`;
	}
	return html`<div class="ring" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${now}>
		<svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
			<circle class="ring-rest" cx="50" cy="50" r=${RADIUS} />
			<circle class=${filled} cx="50" cy="50" r=${RADIUS} stroke-dasharray=${dash} transform="rotate(-90 50 50)" />
		</svg>
		<span class="ring-text" aria-hidden="true">${text}</span>
	</div>`;
}
