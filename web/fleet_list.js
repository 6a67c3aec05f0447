// SPDX-License-Identifier: MIT
// Which printers the fleet view shows, and in which order. What somebody set is his on each device.

import { computed, effect, signal, untracked } from './html.js';
import { conditionOf, conditions, nameOf } from './condition.js';
import { printerOf, serials } from './live.js';
import { orderOf } from './names.js';
import { shared } from './shared.js';
import { locale } from './text.js';

/** @typedef {'own' | 'state' | 'name' | 'finish' | 'progress'} Sort */

export const sort = shared('fleet_sort', /** @type {Sort} */ ('own'));
export const size = shared('fleet_size', /** @type {'s' | 'm' | 'l'} */ ('m'));
/** Serial numbers, as somebody put them; printers that are not in it come behind. @type {import('@preact/signals').Signal<string[]>} */
export const order = shared('fleet_order', []);
/** @type {import('@preact/signals').Signal<string[]>} */
export const hidden = shared('fleet_hidden', []);
/** Name of the group of a serial number. @type {import('@preact/signals').Signal<Record<string, string>>} */
export const groups = shared('fleet_groups', {});
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
const MINUTE_MS = 60000;

/**
 * What the list goes by, of one printer. It changes seldom, unlike its temperatures; so the list is made anew seldom.
 * @typedef {{ serial: string, name: string, condition: import('./condition.js').Condition, model: string, job: string, finish: number, progress: number }} Entry
 */

/** @type {Map<string, { made: import('@preact/signals').Signal<Entry | null>, end: () => void }>} */
const entries = new Map();

/** @param {import('./types').Printer} printer @returns {Entry} */
function entryOf(printer) {
	const at = printer.job?.finish_at;
	return {
		serial: printer.serial,
		name: nameOf(printer),
		condition: conditionOf(printer),
		model: printer.model ?? '',
		job: printer.job?.name ?? '',
		finish: at && sort.value === 'finish' ? Math.round(Date.parse(at) / MINUTE_MS) : Infinity,
		progress: sort.value === 'progress' ? Math.floor(printer.job?.progress_percent ?? -1) : -1,
	};
}

/** @param {Entry} a @param {Entry} b */
const isSame = (a, b) => a.name === b.name && a.condition === b.condition && a.job === b.job && a.finish === b.finish && a.progress === b.progress && a.model === b.model;

/**
 * Made by an effect of its own: what changes in a printer is looked at once, and ends here where it changes nothing in the list.
 * @param {string} serial
 */
function entry(serial) {
	let held = entries.get(serial);
	if (!held) {
		const printer = untracked(() => printerOf(serial));
		const made = signal(/** @type {Entry | null} */ (null));
		const end = effect(() => {
			const now = printer ? entryOf(printer.value) : null;
			const last = made.peek();
			if (!last || !now || !isSame(last, now)) {
				made.value = now;
			}
		});
		held = { made, end };
		entries.set(serial, held);
	}
	return held.made.value;
}

const all = computed(() => {
	const listed = serials.value;
	for (const serial of [...entries.keys()].filter((one) => !printerOf(one))) {
		entries.get(serial)?.end();
		entries.delete(serial); // one that comes back is another signal
	}
	return listed.map(entry).filter((one) => one !== null);
});

/** How many there are of each filter, and of all. */
export const counts = computed(() => {
	const listed = all.value.filter((one) => showsHidden.value || !hidden.value.includes(one.serial));
	/** @type {Record<string, number>} */
	const found = { '': listed.length };
	for (const [name, wanted] of Object.entries(filters)) {
		found[name] = listed.filter((one) => wanted.includes(one.condition)).length;
	}
	return found;
});

const collator = computed(() => new Intl.Collator(locale.value, { numeric: true }));

const compareNames = computed(() => orderOf(all.value.map((one) => one.name), () => collator.value));

/** Two of the same name have an order, too. @param {Entry} a @param {Entry} b */
const byName = (a, b) => compareNames.value(a.name, b.name) || (a.serial < b.serial ? -1 : 1);

/** @type {Record<Sort, (a: Entry, b: Entry) => number>} */
const comparisons = {
	own: () => 0,
	name: byName,
	state: (a, b) => conditions.indexOf(a.condition) - conditions.indexOf(b.condition),
	finish: (a, b) => (a.finish === b.finish ? 0 : a.finish - b.finish),
	progress: (a, b) => b.progress - a.progress,
};

const places = computed(() => new Map(order.value.map((serial, at) => [serial, at])));

/** @param {Entry} one */
const place = (one) => places.value.get(one.serial) ?? Infinity;

/** @param {Entry} one */
function isWanted({ serial, name, model, job, condition }) {
	const words = search.value.trim().toLowerCase();
	return (
		(showsHidden.value || !hidden.value.includes(serial)) &&
		(!filter.value || filters[filter.value].includes(condition)) &&
		(!words || [name, serial, model, job, groups.value[serial] ?? ''].some((text) => text.toLowerCase().includes(words)))
	);
}

/** As one text, which only changes when the list does. */
const shownText = computed(() => {
	const wanted = all.value.filter(isWanted);
	wanted.sort((a, b) => (place(a) === place(b) ? byName(a, b) : place(a) - place(b)));
	wanted.sort(comparisons[sort.value] ?? comparisons.own);
	return wanted.map((one) => one.serial).join(SEPARATOR);
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

/** Before or behind another one that is shown. @param {string} serial @param {string} other @param {boolean} isBehind */
export function put(serial, other, isBehind) {
	const list = shown.peek().filter((one) => one !== serial);
	const at = list.indexOf(other);
	if (at >= 0 && serial !== other && shown.peek().includes(serial)) {
		list.splice(isBehind ? at + 1 : at, 0, serial);
		order.value = [...list, ...order.peek().filter((one) => !list.includes(one))];
		sort.value = 'own';
	}
}

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
