// SPDX-License-Identifier: MIT
// Which printers the fleet view shows, and in which order. What somebody set is kept in this browser.

import { computed, signal } from './html.js';
import { conditionOf, conditions, nameOf } from './condition.js';
import { everyPrinter } from './live.js';
import { setting } from './settings.js';
import { locale } from './text.js';

/** @typedef {'own' | 'state' | 'name' | 'finish' | 'progress'} Sort */

export const sort = setting('fleet_sort', /** @type {Sort} */ ('own'));
export const size = setting('fleet_size', /** @type {'s' | 'm' | 'l'} */ ('m'));
/** Serial numbers, as somebody put them; printers that are not in it come behind. @type {import('@preact/signals').Signal<string[]>} */
export const order = setting('fleet_order', []);
/** @type {import('@preact/signals').Signal<string[]>} */
export const hidden = setting('fleet_hidden', []);
/** Name of the group of a serial number. @type {import('@preact/signals').Signal<Record<string, string>>} */
export const groups = setting('fleet_groups', {});
export const showsHidden = signal(false);
export const search = signal('');
/** "" for all. @type {import('@preact/signals').Signal<string>} */
export const filter = signal('');

/** @type {Record<string, import('./condition.js').Condition[]>} */
export const filters = {
	attention: ['error', 'attention', 'paused', 'finished'],
	printing: ['printing', 'busy'],
	idle: ['idle'],
	offline: ['offline'],
};

const SEPARATOR = '\n';

/** How many there are of each filter, and of all. */
export const counts = computed(() => {
	const shown = everyPrinter.value.filter((printer) => showsHidden.value || !hidden.value.includes(printer.serial));
	/** @type {Record<string, number>} */
	const found = { '': shown.length };
	for (const [name, wanted] of Object.entries(filters)) {
		found[name] = shown.filter((printer) => wanted.includes(conditionOf(printer))).length;
	}
	return found;
});

/** @param {import('./types').Printer} printer */
function finish(printer) {
	const at = printer.job?.finish_at;
	return at ? Date.parse(at) : Infinity;
}

/** @param {import('./types').Printer} a @param {import('./types').Printer} b */
function byName(a, b) {
	return collator.value.compare(nameOf(a), nameOf(b));
}

const collator = computed(() => new Intl.Collator(locale.value, { numeric: true }));

/** @type {Record<Sort, (a: import('./types').Printer, b: import('./types').Printer) => number>} */
const comparisons = {
	own: () => 0,
	name: byName,
	state: (a, b) => conditions.indexOf(conditionOf(a)) - conditions.indexOf(conditionOf(b)),
	finish: (a, b) => (finish(a) === finish(b) ? 0 : finish(a) - finish(b)),
	progress: (a, b) => (b.job?.progress_percent ?? -1) - (a.job?.progress_percent ?? -1),
};

const places = computed(() => new Map(order.value.map((serial, at) => [serial, at])));

/** @param {import('./types').Printer} printer */
const place = (printer) => places.value.get(printer.serial) ?? Infinity;

/** @param {import('./types').Printer} printer */
function isWanted(printer) {
	const words = search.value.trim().toLowerCase();
	return (
		(showsHidden.value || !hidden.value.includes(printer.serial)) &&
		(!filter.value || filters[filter.value].includes(conditionOf(printer))) &&
		(!words || [printer.name, printer.serial, printer.model, printer.job?.name, groups.value[printer.serial]].some((text) => text?.toLowerCase().includes(words)))
	);
}

/** As one text, which only changes when the list does. */
const shownText = computed(() => {
	const wanted = everyPrinter.value.filter(isWanted);
	wanted.sort((a, b) => (place(a) === place(b) ? byName(a, b) : place(a) - place(b)));
	wanted.sort(comparisons[sort.value] ?? comparisons.own);
	return wanted.map((printer) => printer.serial).join(SEPARATOR);
});

/** Serial numbers of what is shown. */
export const shown = computed(() => (shownText.value ? shownText.value.split(SEPARATOR) : []));

/** The same by groups, in the order of their names; who is in none comes last. */
export const sections = computed(() => {
	/** @type {Map<string, string[]>} */
	const found = new Map();
	for (const serial of shown.value) {
		const group = groups.value[serial] ?? '';
		found.set(group, [...(found.get(group) ?? []), serial]);
	}
	return [...found.entries()].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b))).map(([name, members]) => ({ name, members }));
});

/** One place forward (-1) or back (1) among those that are shown. @param {string} serial @param {number} by */
export function move(serial, by) {
	const list = [...shown.peek()];
	const from = list.indexOf(serial);
	const to = from + by;
	if (from >= 0 && to >= 0 && to < list.length) {
		list.splice(to, 0, ...list.splice(from, 1));
		order.value = [...list, ...order.peek().filter((one) => !list.includes(one))];
		sort.value = 'own';
	}
}

/** @param {string} serial */
export function toggleHidden(serial) {
	hidden.value = hidden.peek().includes(serial) ? hidden.peek().filter((one) => one !== serial) : [...hidden.peek(), serial];
}

/** @param {string} serial @param {string} name "" for none */
export function setGroup(serial, name) {
	const { [serial]: _, ...others } = groups.peek();
	groups.value = name ? { ...others, [serial]: name } : others;
}
