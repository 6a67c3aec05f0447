// SPDX-License-Identifier: MIT
// What this browser remembers of how the page is to look. Nothing of it is secret, and nothing of it is needed.

import { effect, signal } from './html.js';

const PREFIX = 'flagship.';

/** @param {string} name */
function read(name) {
	try {
		return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
	} catch {
		return null;
	}
}

/**
 * A signal whose value this browser keeps, also across its tabs.
 * @template T @param {string} name @param {T} initial
 * @returns {import('@preact/signals').Signal<T>}
 */
export function setting(name, initial) {
	const kept = signal(read(name) ?? initial);
	let written = JSON.stringify(kept.peek());
	effect(() => {
		const text = JSON.stringify(kept.value);
		if (text !== written) {
			written = text;
			try {
				localStorage.setItem(PREFIX + name, text);
			} catch {
				// a browser that keeps nothing: it lasts as long as the page
			}
		}
	});
	addEventListener('storage', (event) => {
		if (event.key === PREFIX + name && event.newValue && event.newValue !== written) {
			written = event.newValue;
			kept.value = JSON.parse(event.newValue);
		}
	});
	return kept;
}
