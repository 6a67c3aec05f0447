// SPDX-License-Identifier: MIT
// The printers as they are now: one signal each, kept up to date by the gateway's socket.

import { batch, computed, signal } from './html.js';
import { get, session } from './api.js';
import { start } from './start.js';

/** @typedef {import('./types').Printer} Printer */
/** @typedef {import('@preact/signals').Signal<Printer>} PrinterSignal */

const SILENCE_MS = 1800; // the gateway says something each second
const LOOK_MS = 200;
const SECOND_MS = 1000;
const SLOW_MS = 10000;
const FLUSH_MS = 100; // what comes within it is shown at once
const RETRY_MS = [100, 300, 700, 1500, 3000];
const POLICY = 1008; // how the gateway ends what a login opened that is over
const DOUBTFUL_TRIES = 3; // in vain, after which it is asked whether the login is over

/** @type {Map<string, PrinterSignal>} */
const printers = new Map();

/** Serial numbers of all, in the gateway's order. @type {import('@preact/signals').Signal<string[]>} */
export const serials = signal([]);
/** Whether what is shown is what is: false from two seconds of silence on. */
export const isLive = signal(Boolean(start.snapshot));
/** How often the gateway came back: what was asked before may be old, or was never answered. */
export const returns = signal(0);
/** Since when nothing was heard, by performance.now(); counts while it is not live. */
export const heardAt = signal(performance.now());
/** Counts seconds, for what shows a time: it is the current time in ms. */
export const now = signal(Date.now());
/** The same, in steps that are long enough for ages: what many cards show has to cost nothing while it stays. */
export const slowNow = signal(Date.now());
/** Whether it ever was heard how printers are. */
export const isKnown = signal(Boolean(start.snapshot));

/** When the state of a printer was received, by Date.now(): ages in it count from then on. @type {Map<string, number>} */
const receivedAt = new Map();

/** @param {string} serial @returns {PrinterSignal | undefined} */
export const printerOf = (serial) => printers.get(serial);

/** All printers as they are now; to look at it in a computed is to be told of each change of any. */
export const everyPrinter = computed(() => serials.value.map((serial) => /** @type {PrinterSignal} */ (printers.get(serial)).value));

/** How old the newest part of a printer's state is: a printer tells what changes, so that one part alone may well be old. @param {Printer} printer */
export function newestAge(printer) {
	const age = Math.min(ageOf(printer, 'job') ?? Infinity, ageOf(printer, 'nozzle') ?? Infinity, ageOf(printer, 'bed') ?? Infinity);
	return age === Infinity ? null : age;
}

/**
 * How old a part of a printer's state is, in seconds; null where it never was heard.
 * @param {Printer} printer @param {'job' | 'nozzle' | 'bed'} part
 */
export function ageOf(printer, part) {
	const age = printer.age_s?.[part];
	return age === null || age === undefined ? null : age + Math.max(0, slowNow.value - (receivedAt.get(printer.serial) ?? slowNow.value)) / 1000;
}

// --- what comes ---

let stream = '';
let sequence = 0;

/** @param {import('./types').Snapshot} message */
function takeSnapshot(message) {
	const at = Date.now();
	stream = message.stream;
	const known = new Set();
	for (const printer of message.printers) {
		known.add(printer.serial);
		put(printer, at);
	}
	for (const serial of [...printers.keys()]) {
		if (!known.has(serial)) {
			printers.delete(serial);
		}
	}
	serials.value = message.printers.map((printer) => printer.serial);
	isKnown.value = true;
}

/** @param {Printer} printer @param {number} at */
function put(printer, at) {
	receivedAt.set(printer.serial, at);
	const held = printers.get(printer.serial);
	if (held) {
		held.value = printer;
	} else {
		printers.set(printer.serial, signal(printer));
	}
}

/**
 * RFC 7396, but for null: here it is a value that is not known, and stays.
 * @param {any} target @param {any} patch
 */
function merge(target, patch) {
	if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) {
		return patch;
	}
	const merged = target && typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
	for (const name in patch) {
		merged[name] = merge(merged[name], patch[name]);
	}
	return merged;
}

/** @param {string} serial @param {Record<string, unknown>} patch */
function takePatch(serial, patch) {
	const held = printers.get(serial);
	put(merge(held?.peek() ?? {}, { serial, ...patch }), Date.now());
	if (!held) {
		serials.value = [...serials.peek(), serial];
	}
}

/** @type {Set<(message: any) => void>} */
const listeners = new Set();

/** For who wants each message as it comes. Returns what ends it. @param {(message: import('./types').Message) => void} listener */
export function onMessage(listener) {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** @param {import('./types').Message} message */
function take(message) {
	sequence = message.seq;
	if (message.type === 'snapshot') {
		takeSnapshot(message);
	} else if (message.type === 'patch') {
		takePatch(message.printer, message.patch);
	} else if (message.type === 'removed') {
		printers.delete(message.printer);
		serials.value = serials.peek().filter((serial) => serial !== message.printer);
	}
	for (const listener of listeners) {
		listener(message);
	}
}

/** Messages as they came: what comes together is read at once, as one list. @type {string[]} */
let waiting = [];
let flushing = 0;

function flush() {
	flushing = 0;
	/** @type {import('./types').Message[]} */
	const messages = JSON.parse(`[${waiting.join(',')}]`);
	waiting = [];
	batch(() => messages.forEach(take));
}

// --- the socket ---

/** @type {WebSocket | null} */
let socket = null;
let tries = 0;
let retry = 0;
/** When the socket was begun, by performance.now(). */
let begunAt = 0;
let begun = 0;

function connect() {
	retry = 0;
	begunAt = performance.now();
	let isReturn = begun++ > 0;
	const after = stream ? `&after=${encodeURIComponent(`${stream}-${sequence}`)}` : '';
	const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/events?beat=1${after}`);
	socket = opened;
	opened.onmessage = ({ data }) => {
		if (socket !== opened) {
			return;
		}
		heard();
		if (isReturn) {
			isReturn = false;
			returns.value++;
		}
		waiting.push(data);
		flushing ||= setTimeout(flush, isLive.peek() ? FLUSH_MS : 0);
	};
	opened.onclose = ({ code }) => {
		if (socket === opened) {
			reconnect();
			// What a socket is refused for it is not told: a login that is over shows so, and the page asks for another one.
			// Each few tries anew: a gateway that begins anew knows it no more, however long it was away.
			if (code === POLICY || (tries > 0 && tries % DOUBTFUL_TRIES === 0)) {
				get('/session');
			}
		}
	};
}

function heard() {
	tries = 0;
	heardAt.value = performance.now();
	isLive.value = true;
}

function reconnect() {
	socket = null;
	if (!retry && session.peek()) {
		retry = setTimeout(connect, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
		tries++;
	}
}

/** One that says nothing is given up where another would be answered: a phone that slept, another network. */
function look() {
	const at = Date.now();
	now.value = at - (at % SECOND_MS);
	if (at - slowNow.peek() >= SLOW_MS) {
		slowNow.value = at;
	}
	const silence = performance.now() - heardAt.peek();
	if (silence > SILENCE_MS) {
		isLive.value = false;
	}
}

const DEAD_MS = 10000;

function giveUpDead() {
	// One that is still opening has as long for its first word: a slow way would never be given enough otherwise.
	if (socket && performance.now() - Math.max(heardAt.peek(), begunAt) > DEAD_MS) {
		const dead = socket;
		reconnect();
		dead.close();
	}
}

function end() {
	const ended = socket;
	socket = null;
	clearTimeout(retry);
	retry = 0;
	ended?.close();
}

/** The printers that came with the document. */
export function begin() {
	if (start.snapshot) {
		sequence = start.snapshot.seq;
		takeSnapshot(start.snapshot);
	}
}

/** Follows who uses the page: with a login there is a socket, and without one nothing is kept. */
export function follow() {
	setInterval(look, LOOK_MS);
	setInterval(giveUpDead, DEAD_MS / 4);
	addEventListener('online', () => {
		if (retry) {
			clearTimeout(retry);
			connect();
		}
	});
	let user = session.peek() ? `${session.peek()?.by} ${session.peek()?.user}` : '';
	session.subscribe((value) => {
		const current = value ? `${value.by} ${value.user}` : '';
		// The socket with them: one that goes on where the last one ended tells no printers that are forgotten since.
		if (user && current !== user) {
			end();
			forget();
		}
		if (current && !socket && !retry) {
			connect();
		} else if (!current) {
			end();
		}
		user = current;
	});
}

function forget() {
	waiting = [];
	batch(() => {
		printers.clear();
		serials.value = [];
		isKnown.value = false;
		stream = '';
	});
}
