// SPDX-License-Identifier: MIT
// How warm heaters were in the last minutes, for the small curves of cards. Only of printers that somebody sees.

import { signal } from './html.js';
import { get, part } from './api.js';
import { onMessage, printerOf } from './live.js';

export const SPAN_S = 600;
const STEP_S = 10;
const AT_ONCE = 2; // more would keep the socket's messages waiting

/** @typedef {{ t: number, nozzle: number | null, bed: number | null }} Sample */

/** @type {Map<string, import('@preact/signals').Signal<Sample[]>>} */
const series = new Map();
/** @type {Map<string, number>} how many see each */
const seen = new Map();
/** @type {string[]} */
const waiting = [];
let asking = 0;

/** @param {string} serial */
export function warmthOf(serial) {
	let found = series.get(serial);
	if (!found) {
		found = signal([]);
		series.set(serial, found);
	}
	return found;
}

/** While it is seen its curve goes on. Returns what ends it. @param {string} serial */
export function watchWarmth(serial) {
	seen.set(serial, (seen.get(serial) ?? 0) + 1);
	if (warmthOf(serial).peek().length === 0 && !waiting.includes(serial)) {
		waiting.push(serial);
		askNext();
	}
	return () => {
		const left = (seen.get(serial) ?? 1) - 1;
		if (left > 0) {
			seen.set(serial, left);
		} else {
			seen.delete(serial);
			series.delete(serial); // it is asked for again: what it missed would be a gap
		}
	};
}

function askNext() {
	while (asking < AT_ONCE && waiting.length) {
		const serial = /** @type {string} */ (waiting.shift());
		asking++;
		get(`/printers/${part(serial)}/temperatures?from=${SPAN_S}s&step=${STEP_S}`).then((answer) => {
			asking--;
			if (answer.ok && seen.has(serial)) {
				warmthOf(serial).value = answer.data.points.map((/** @type {any} */ point) => ({ t: point.t, nozzle: point.nozzle?.mean_c ?? null, bed: point.bed?.mean_c ?? null }));
			}
			askNext();
		});
	}
}

/** @param {string} serial */
function sample(serial) {
	const printer = printerOf(serial)?.peek();
	const held = series.get(serial);
	if (!printer?.online || !held) {
		return;
	}
	const at = Date.now() / 1000;
	const last = held.peek().at(-1);
	if (!last || at - last.t >= STEP_S) {
		const kept = held.peek().filter((one) => one.t > at - SPAN_S);
		held.value = [...kept, { t: at, nozzle: printer.nozzle?.current_c ?? null, bed: printer.bed?.current_c ?? null }];
	}
}

onMessage((message) => {
	if (message.type === 'beat') {
		for (const serial of seen.keys()) {
			sample(serial);
		}
	}
});
