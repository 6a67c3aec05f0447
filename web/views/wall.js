// SPDX-License-Identifier: MIT
// All printers on a screen that hangs on a wall: seen from afar, touched by nobody. What needs somebody comes first, what is hidden not at all.

import { computed, html, untracked, useComputed, useEffect } from '../html.js';
import { conditionOf, conditions, nameOf } from '../condition.js';
import { formatClock } from '../format.js';
import { everyPrinter, isKnown, isLive, now } from '../live.js';
import { filters, hidden } from '../fleet_list.js';
import { t } from '../text.js';
import { Card } from '../parts/card.js';

const MINUTE_MS = 60000;
const FEW = 6;
const MANY = 24;

/** The screen stays on while it is shown, where the browser lets it. */
function useLitScreen() {
	useEffect(() => {
		/** @type {{ release: () => Promise<void> } | undefined} */
		let lock;
		const take = () => {
			if (document.visibilityState === 'visible') {
				/** @type {any} */ (navigator).wakeLock?.request('screen').then((/** @type {any} */ taken) => (lock = taken), () => {});
			}
		};
		take();
		document.addEventListener('visibilitychange', take);
		return () => {
			document.removeEventListener('visibilitychange', take);
			lock?.release().catch(() => {});
		};
	}, []);
}

const seen = computed(() => everyPrinter.value.filter((printer) => !hidden.value.includes(printer.serial)));

/** How many there are of each filter. */
const counts = computed(() => Object.entries(filters).map(([name, wanted]) => ({ name, count: seen.value.filter((printer) => wanted.includes(conditionOf(printer))).length })));

/** Serial numbers, as one text that changes when the order does. */
function useOrder() {
	return useComputed(() => {
		void now.value; // once a second, however many of them change
		void hidden.value;
		return untracked(() => [...seen.value])
			.sort((a, b) => conditions.indexOf(conditionOf(a)) - conditions.indexOf(conditionOf(b)) || nameOf(a).localeCompare(nameOf(b)))
			.map((printer) => printer.serial)
			.join('\n');
	});
}

export function Wall() {
	useLitScreen();
	const order = useOrder();
	const minute = useComputed(() => Math.floor(now.value / MINUTE_MS) * MINUTE_MS);
	const size = useComputed(() => (seen.value.length <= FEW ? 'l' : seen.value.length <= MANY ? 'm' : 's'));
	return html`<main id="view" class=${isKnown.value && !isLive.value ? 'wall is-stale' : 'wall'}>
		<header class="wall-head">
			<h1><a href="/">${t('fleet.title')}</a></h1>
			<ul class="wall-counts">
				${counts.value.map(({ name, count }) => html`<li class=${name === 'attention' && count ? 'is-wanted' : ''}><strong>${count}</strong> ${t(`fleet.filter_${name}`)}</li>`)}
			</ul>
			<p role="status">${isLive.value ? '' : t('connection.lost')}</p>
			<time class="wall-clock">${formatClock(minute.value)}</time>
		</header>
		<h2 class="unseen">${t('fleet.printers')}</h2>
		<div class=${`cards cards-${size.value}`}>
			${order.value.split('\n').filter(Boolean).map((serial) => html`<${Card} key=${serial} serial=${serial} size=${size.value} isStill />`)}
		</div>
	</main>`;
}

export { Wall as view };
