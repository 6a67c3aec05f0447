// SPDX-License-Identifier: MIT
// Whose cameras they are: a printer's own, one that has a URL, or none. Asked for when somebody may look.

import { ask, get, part } from '../api.js';
import { signal } from '../html.js';

/** @typedef {'printer' | 'url' | null} Source */

/** By serial number. @type {import('@preact/signals').Signal<Record<string, { source: Source, url: string | null, film: boolean }>>} */
const known = signal({});
const asked = new Set();

/** null: it has none; undefined: not known yet. @param {string} serial */
export const sourceOf = (serial) => known.value[serial]?.source;
/** Whether what it sends is a film, and not single pictures. @param {string} serial */
export const hasFilm = (serial) => known.value[serial]?.film ?? true;
/** Of those who may set it. @param {string} serial */
export const urlOf = (serial) => known.value[serial]?.url ?? '';

/** @param {string} serial @param {import('../types').Answer} answer */
function take(serial, answer) {
	if (answer.ok) {
		known.value = { ...known.peek(), [serial]: answer.data };
	}
	return answer;
}

/** Once. @param {string} serial */
export function learnSource(serial) {
	if (!asked.has(serial)) {
		asked.add(serial);
		get(`/printers/${part(serial)}/camera`).then((answer) => take(serial, answer).ok || asked.delete(serial));
	}
}

/** @param {string} serial @param {string} url "" for the printer's own */
export const setSource = async (serial, url) => take(serial, await ask('PUT', `/printers/${part(serial)}/camera`, { url: url || null }));
