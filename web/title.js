// SPDX-License-Identifier: MIT
// The tab: what prints, how far it is and when it ends; as a ring in its icon, too.

import { computed, effect, untracked } from './html.js';
import { everyPrinter, now, printerOf } from './live.js';
import { formatDuration, formatPercent } from './format.js';
import { t } from './text.js';

const SIZE = 64;
const RADIUS = 25;

/** The printer that the tab is about: that of the view, else the one that ends first. */
function shown(/** @type {Record<string, string>} */ values) {
	if (values.serial) {
		return printerOf(values.serial)?.value ?? null;
	}
	void now.value; // once a second is enough, however many of them change
	const printing = untracked(() => everyPrinter.value).filter((printer) => printer.job?.state === 'printing' && printer.online);
	return printing.sort((a, b) => (a.job.remaining_s ?? Infinity) - (b.job.remaining_s ?? Infinity))[0] ?? null;
}

/** @param {number} percent @param {boolean} isBad */
function icon(percent, isBad) {
	const around = 2 * Math.PI * RADIUS;
	const colour = isBad ? '#d92d20' : '#0d857e';
	return `data:image/svg+xml,${encodeURIComponent(
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}"><g fill="none" stroke-width="12"><circle cx="32" cy="32" r="${RADIUS}" stroke="#8a9094" stroke-opacity=".4"/>` +
			`<circle cx="32" cy="32" r="${RADIUS}" stroke="${colour}" stroke-dasharray="${(around * percent) / 100} ${around}" transform="rotate(-90 32 32)"/></g></svg>`,
	)}`;
}

/** @param {() => { route: import('./types').Route | null, values: Record<string, string> }} find */
export function followTitle(find) {
	const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=icon]'));
	const plain = link?.href ?? '';
	const title = computed(() => {
		const { route, values } = find();
		const printer = shown(values);
		const view = route ? t(route.title) : 'flagship';
		if (!printer) {
			return `${view} · flagship`;
		}
		const name = printer.name ?? printer.serial;
		const { state, progress_percent: progress, remaining_s: remaining } = printer.job ?? {};
		if (state !== 'printing' || progress === null) {
			return `${name} · flagship`;
		}
		return [formatPercent(progress), remaining === null ? '' : formatDuration(remaining), name].filter(Boolean).join(' · ');
	});
	const ring = computed(() => {
		const printer = shown(find().values);
		const isBad = Boolean(printer?.error ?? printer?.alert);
		const progress = printer?.job?.state === 'printing' || printer?.job?.state === 'paused' ? (printer.job.progress_percent ?? 0) : null;
		return progress === null ? plain : icon(Math.floor(progress), isBad);
	});
	effect(() => {
		document.title = title.value;
	});
	effect(() => {
		if (link && link.href !== ring.value) {
			link.href = ring.value;
		}
	});
}
