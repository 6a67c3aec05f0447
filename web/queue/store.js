// SPDX-License-Identifier: MIT
// The print queue as it is now: all entries in their order, and the plates of the printers that somebody looks at.

import { batch, signal } from '../html.js';
import { ask, get, part, post, session } from '../api.js';
import { act } from '../actions.js';
import { hasJob } from '../condition.js';
import { onMessage, printerOf, slowNow } from '../live.js';
import { start } from '../start.js';

const TOGETHER_MS = 150; // changes within it are asked for at once

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {'waiting' | 'checking' | 'uploading' | 'starting' | 'printing' | 'finished' | 'failed' | 'cancelled'} state
 * @property {string | null} reason in the gateway's words: see sentences.js
 * @property {string} [reason_code]
 * @property {boolean} to_decide whether it was started is not known: somebody has to look
 * @property {string | null} printer that it is for; null: any that fits
 * @property {string | null} model
 * @property {string | null} taken_by
 * @property {string} path
 * @property {string} hash
 * @property {string} name
 * @property {string | null} material
 * @property {number} copies
 * @property {number} copies_done
 * @property {boolean} hold
 * @property {boolean} force
 * @property {string | null} not_before
 * @property {string | null} asker
 * @property {string | null} asked_at
 * @property {string | null} begun_at
 * @property {string | null} ended_at
 * @property {number | null} uploaded_percent
 */

/** @typedef {{ clear: boolean, auto_clear: boolean, material: string | null, cannot_send: string | null }} Plate */

/** null until it was heard. @type {import('@preact/signals').Signal<Entry[] | null>} */
export const entries = signal(null);
/** By serial number. @type {import('@preact/signals').Signal<Map<string, Plate>>} */
const plates = signal(new Map());
/** Why the queue is not known. @type {import('@preact/signals').Signal<import('../types').Answer | null>} */
export const fault = signal(null);

/** Printers whose plate is kept up to date. @type {Set<string>} */
const watched = new Set();
let timer = 0;

async function load() {
	timer = 0;
	if (!session.peek()) {
		return;
	}
	const answer = await get('/queue');
	batch(() => {
		fault.value = answer.ok ? null : answer;
		entries.value = answer.ok ? answer.data : (entries.peek() ?? []);
	});
}

function loadSoon() {
	timer ||= setTimeout(load, TOGETHER_MS);
}

/** Why files cannot be sent, with what sentences.js wants of it. @param {any} told */
const sendingOf = (told) => ({ cannot_send: told?.cannot_send ?? null, cannot_send_code: told?.cannot_send_code, cannot_send_arguments: told?.cannot_send_arguments });

/** @param {string} serial */
async function loadPlate(serial) {
	const answer = await get(`/printers/${part(serial)}/queue`);
	if (answer.ok) {
		putPlate(serial, { ...answer.data.plate, ...sendingOf(answer.data) });
	}
}

/** @param {string} serial @param {Plate} plate */
function putPlate(serial, plate) {
	plates.value = new Map(plates.peek()).set(serial, plate);
}

/** undefined until it was heard. @param {string} serial */
export function plateOf(serial) {
	if (!watched.has(serial)) {
		watched.add(serial);
		loadPlate(serial);
	}
	return plates.value.get(serial);
}

/** @param {any} change of an entry; whether it may have another place now */
function takeChange(change) {
	const known = entries.peek()?.find(({ id }) => id === change.id);
	if (known && change.state) {
		entries.value = (entries.peek() ?? []).map((one) => (one.id === change.id ? change : one));
	}
	return !known || change.uploaded_percent === null || change.state !== known.state;
}

onMessage((message) => {
	if (message.type === 'snapshot') {
		loadSoon();
		watched.forEach(loadPlate);
	} else if (message.type === 'queue' && takeChange(message.queue)) {
		loadSoon();
	}
	const isOfJob = message.type === 'event' && String(message.event.event).startsWith('job_');
	if ((message.type === 'queue' && message.queue.uploaded_percent === null) || isOfJob) {
		const serial = message.printer ?? '';
		if (watched.has(serial)) {
			loadPlate(serial);
		}
	}
});
load();

// --- what it means ---

const OVER = new Set(['finished', 'failed', 'cancelled']);

/** @param {Entry} entry */
export const isOver = (entry) => OVER.has(entry.state);

/** Whether it stands in line: others can be put in front of it. @param {Entry} entry */
export const isWaiting = (entry) => entry.state === 'waiting' && !entry.to_decide;

/** Whether a printer has it to itself. @param {Entry} entry */
export const isActive = (entry) => !isOver(entry) && !isWaiting(entry);

/** Whether its time is still to come. @param {Entry} entry */
export const isEarly = (entry) => entry.not_before !== null && Date.parse(entry.not_before) > slowNow.value;

/** The printer in whose line it stands; "" for any that fits. @param {Entry} entry */
export const lineOf = (entry) => (isWaiting(entry) ? (entry.printer ?? '') : (entry.taken_by ?? entry.printer ?? ''));

/** "PLA;PLA" wants "pla". @param {Entry} entry @param {Plate | undefined} plate */
function fits(entry, plate) {
	const loaded = plate?.material?.toLowerCase();
	return !loaded || entry.force || (entry.material ?? '').toLowerCase().split(';').every((one) => !one || one === loaded);
}

/** What a printer would print next. @param {string} serial @returns {Entry | undefined} */
export function nextOf(serial) {
	const { model = null, online = false } = printerOf(serial)?.value ?? {};
	const plate = plates.value.get(serial);
	// What any of them may print is nothing of one that is off.
	return entries.value?.find((entry) => isWaiting(entry) && !entry.hold && !isEarly(entry) && fits(entry, plate) && (entry.printer ? entry.printer === serial : online && model !== 'E1' && (!entry.model || entry.model === model)));
}

/** Whether all is known that Next and the column of a printer show. @param {string} serial */
export const isRead = (serial) => entries.value !== null && (!nextOf(serial) || plateOf(serial) !== undefined);

/** Whether nothing but the word that its plate is clear keeps a printer from its next job. @param {string} serial */
export function wantsPlate(serial) {
	const printer = printerOf(serial)?.value;
	if (!printer?.online || hasJob(printer) || !nextOf(serial) || entries.value?.some((entry) => isActive(entry) && entry.taken_by === serial)) {
		return false;
	}
	const plate = plateOf(serial);
	return plate !== undefined && !plate.clear && !plate.auto_clear && !plate.cannot_send;
}

/**
 * What a card shows of it: until all of it is heard, what the document began with.
 * @param {string} serial
 */
export function comingOf(serial) {
	const begun = start.next?.[serial];
	const name = (entries.value ? nextOf(serial)?.name : begun?.name) ?? '';
	const isHeard = entries.value && (!name || plateOf(serial));
	return { name, wants: isHeard ? wantsPlate(serial) : name !== '' && name === begun?.name && begun.wants_plate };
}

// --- what can be done; each is in the list of activities ---

/** @param {string} name @param {Entry} entry @param {string} method @param {string} path @param {unknown} [body] */
const doWith = (name, entry, method, path, body) =>
	act(entry.taken_by ?? entry.printer ?? '', name, { entry: entry.id, name: entry.name }, async () => {
		const answer = await ask(method, `/queue/${entry.id}${path}`, body);
		loadSoon();
		return answer;
	});

/** @param {Entry} entry @param {boolean} hold */
export const setHold = (entry, hold) => doWith(hold ? 'queue_hold' : 'queue_release', entry, 'PATCH', '', { hold });

/** @param {Entry} entry @param {{ before: number } | { to: string }} place */
export const move = (entry, place) => doWith('queue_move', entry, 'POST', '/move', place);

/** @param {Entry} entry */
export const retry = (entry) => doWith('queue_retry', entry, 'POST', '/retry', {});

/** Whatever was found against it. @param {Entry} entry */
export const forceEntry = (entry) => (isWaiting(entry) ? doWith('queue_force', entry, 'PATCH', '', { force: true }) : doWith('queue_force', entry, 'POST', '/retry', { force: true }));

/** @param {Entry} entry */
export const drop = (entry) => doWith(isOver(entry) ? 'queue_forget' : 'queue_drop', entry, 'DELETE', '');

/** @param {string} serial */
export const clearPlate = (serial) =>
	act(serial, 'plate_clear', {}, async () => {
		const answer = await post(`/printers/${part(serial)}/plate`, { clear: true });
		if (answer.ok) {
			putPlate(serial, { ...answer.data, ...sendingOf(plates.peek().get(serial)) });
		}
		return answer;
	});

/**
 * Where one goes that is to stand before or behind another one of its line: others may stand in between, in lines of their own.
 * @param {Entry} entry @param {Entry} other @param {boolean} isBehind
 * @returns {{ before: number } | { to: string } | null} null: it stands there already
 */
export function placeAt(entry, other, isBehind) {
	const all = (entries.peek() ?? []).filter((one) => one.state === 'waiting' && one.id !== entry.id);
	const at = all.findIndex(({ id }) => id === other.id);
	const next = all[isBehind ? at + 1 : at];
	return other.id === entry.id ? null : next ? { before: next.id } : { to: 'back' };
}
