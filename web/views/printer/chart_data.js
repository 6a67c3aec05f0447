// SPDX-License-Identifier: MIT
// Heat of a printer over time, and what its job was about meanwhile: what the gateway kept, and then what comes.

import { get, part } from '../../api.js';

/**
 * Columns as uPlot takes them; null where nothing was received.
 * @typedef {[number[], ...(number | null)[][]]} Columns  seconds; nozzle, its target, bed, its target
 * @typedef {{ from: number, to: number, kind: 'preparing' | 'printing' | 'paused' }} Phase  seconds; `to` is Infinity of one that goes on
 */

const GAP = 2.5; // steps without a point: nothing is drawn across
const LIVE_STEP_S = 5;
const BEFORE_S = 14 * 86400; // in which what goes on at the beginning began: large prints take days
const EVENTS_MAX = 1000;
const OVER = new Set(['idle', 'finished', 'stopped']);
const GOES_ON = new Set(['preparing', 'heating', 'printing', 'paused']);
const GAP_LEAST_S = 60; // a shorter one is no time in which nobody looked

/** @returns {Columns} */
export const noColumns = () => [[], [], [], [], []];

/** @param {Columns} columns @param {number} t @param {(number | null)[]} values */
function add(columns, t, values) {
	columns[0].push(t);
	values.forEach((value, at) => /** @type {(number | null)[]} */ (columns[at + 1]).push(value));
}

const NONE = [null, null, null, null];

/**
 * @param {string} serial @param {number} from @param {number} to seconds
 * @returns {Promise<{ columns: Columns, step: number, detail: string }>}
 */
export async function readHeat(serial, from, to) {
	const answer = await get(`/printers/${part(serial)}/temperatures?from=${Math.floor(from)}&to=${Math.ceil(to)}`);
	const columns = noColumns();
	if (!answer.ok) {
		return { columns, step: LIVE_STEP_S, detail: answer.detail };
	}
	const step = answer.data.step_s;
	let last = 0;
	for (const { t, nozzle, bed } of answer.data.points) {
		if (last && t - last > GAP * step) {
			add(columns, last + step, NONE);
		}
		add(columns, t, [nozzle.mean_c, nozzle.target_c, bed.mean_c, bed.target_c]);
		last = t;
	}
	return { columns, step, detail: '' };
}

/**
 * One more point, of what the printer says now. A gap before it is one.
 * @param {Columns} columns @param {import('../../types').Printer} printer @param {number} t @param {number} step
 * @returns {boolean} whether it was one
 */
export function addNow(columns, printer, t, step) {
	const last = columns[0].at(-1) ?? 0;
	if (!printer.online || t - last < 1) {
		return false;
	}
	if (last && t - last > GAP * Math.max(step, LIVE_STEP_S) && columns[1].at(-1) !== null) {
		add(columns, last + 1, NONE);
	}
	const { nozzle, bed } = printer;
	add(columns, t, [nozzle?.current_c ?? null, nozzle?.target_c ?? null, bed?.current_c ?? null, bed?.target_c ?? null]);
	return true;
}

/** @type {Record<string, Phase['kind'] | 'none'>} */
const begins = { job_preparing: 'preparing', job_started: 'printing', job_paused: 'paused', job_resumed: 'printing', job_finished: 'none', job_stopped: 'none' };

/**
 * @param {string} serial @param {number} from @param {number} to seconds
 * @returns {Promise<Phase[]>}
 */
export async function readPhases(serial, from, to) {
	const since = Math.floor(from - BEFORE_S);
	const answer = await get(`/history?printer=${part(serial)}&type=event&since=${since}&until=${Math.ceil(to)}&limit=${EVENTS_MAX}`);
	/** @type {Phase[]} */
	const phases = [];
	for (const { t, kind } of answer.ok ? answer.data.toReversed() : []) {
		note(phases, kind, Date.parse(t) / 1000);
	}
	return phases;
}

/**
 * What ended while nobody looked, as its printer says now: it is shown for as long as it was seen, which is until the longest gap.
 * @param {Phase[]} phases @param {Columns} columns @param {import('../../types').Printer} printer @param {number} t
 * @returns {boolean} whether that is known: a printer may not have said yet what it does
 */
export function noteEnd(phases, columns, printer, t) {
	const open = phases.at(-1);
	if (open?.to !== Infinity) {
		return true;
	}
	if (!printer.online || !OVER.has(printer.job?.state ?? '')) {
		return GOES_ON.has(printer.job?.state ?? '');
	}
	open.to = t;
	let longest = GAP_LEAST_S;
	for (const [at, from] of columns[0].entries()) {
		const gap = columns[1][at] === null && from > open.from ? (columns[0][at + 1] ?? t) - from : 0;
		if (gap > longest) {
			longest = gap;
			open.to = from;
		}
	}
	return true;
}

/** What goes on though nobody saw how it began. @param {Phase[]} phases @param {import('../../types').Printer} printer @param {number} t */
export function noteNow(phases, printer, t) {
	const { state, elapsed_s: elapsed } = printer.job ?? {};
	if (phases.at(-1)?.to !== Infinity && printer.online && (state === 'printing' || state === 'paused')) {
		phases.push({ from: Math.max(phases.at(-1)?.to ?? 0, t - (state === 'printing' ? (elapsed ?? 0) : 0)), to: Infinity, kind: state });
	}
}

/** @param {Phase[]} phases @param {string} kind of an event @param {number} t */
export function note(phases, kind, t) {
	const next = begins[kind];
	const open = phases.at(-1);
	if (!next) {
		return;
	}
	if (open && open.to === Infinity) {
		open.to = t;
	}
	if (next !== 'none') {
		phases.push({ from: t, to: Infinity, kind: next });
	}
}

/**
 * So many rows of it, for who reads it as a table; the newest first.
 * @param {Columns} columns @param {number} from @param {number} to @param {number} most
 */
export function rowsOf(columns, from, to, most) {
	const places = columns[0].map((t, at) => ({ t, at })).filter(({ t, at }) => t >= from && t <= to && columns[1][at] !== null);
	const stride = Math.max(1, Math.ceil(places.length / most));
	return places
		.reverse()
		.filter((_, at) => at % stride === 0)
		.map(({ t, at }) => ({ t, values: [1, 2, 3, 4].map((column) => columns[column][at]) }));
}
