// SPDX-License-Identifier: MIT
// What this browser remembers of how the page is to look. Nothing of it is secret, and nothing of it is needed.

import { batch, effect, signal } from './html.js';
import { start } from './start.js';

const PREFIX = 'flagship.';

/** Whether the browser was asked yet for what waits: its answer keeps the page waiting, and the first view does without where the gateway told all. */
let isOpen = !start.page;
/** @type {(() => void)[]} */
const unread = [];
/** What takes a value that another tab has set, by name. @type {Map<string, (text: string) => void>} */
const takers = new Map();

/** @param {string} name */
function read(name) {
	try {
		const text = localStorage.getItem(PREFIX + name) ?? '';
		JSON.parse(text);
		return text;
	} catch {
		return null;
	}
}

/** @param {string} name @param {string} text */
function write(name, text) {
	try {
		localStorage.setItem(PREFIX + name, text);
	} catch {
		// a browser that keeps nothing: it lasts as long as the page
	}
}

/**
 * A signal whose value this browser keeps, also across its tabs. It is read at once: what somebody does is added to what there is.
 * @template T @param {string} name @param {T} initial
 * @returns {import('@preact/signals').Signal<T>}
 */
export function setting(name, initial) {
	const { kept, look } = make(name, initial, initial);
	look();
	return kept;
}

/**
 * The same, of what the first view does without: the browser is asked behind it.
 * @template T @param {string} name @param {T} initial @param {T} [told] what it is until then
 * @returns {import('@preact/signals').Signal<T>}
 */
export function lateSetting(name, initial, told = initial) {
	const { kept, look } = make(name, initial, told);
	if (isOpen) {
		look();
	} else {
		unread.push(look);
	}
	return kept;
}

/** @template T @param {string} name @param {T} initial @param {T} told */
function make(name, initial, told) {
	const kept = signal(told);
	let written = JSON.stringify(initial);
	function look() {
		const text = read(name);
		if (text !== null) {
			written = text;
			kept.value = kept.peek() === told ? (JSON.parse(text) ?? initial) : kept.peek();
		}
		effect(() => {
			const changed = JSON.stringify(kept.value);
			if (changed !== written) {
				written = changed;
				write(name, changed);
			}
		});
	}
	takers.set(name, (text) => {
		if (text !== written) {
			written = text;
			kept.value = JSON.parse(text);
		}
	});
	return { kept, look };
}

/** Asks the browser for what waits, and from now on what its other tabs set. */
export function openSettings() {
	isOpen = true;
	batch(() => unread.splice(0).forEach((look) => look()));
	addEventListener('storage', ({ key, newValue }) => {
		if (key?.startsWith(PREFIX) && newValue) {
			takers.get(key.slice(PREFIX.length))?.(newValue);
		}
	});
}
