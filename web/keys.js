// SPDX-License-Identifier: MIT
// Keys that do something, wherever the focus is; the map on "?" is made of them.

import { signal, useLayoutEffect } from './html.js';
import { dialog } from './router.js';

/**
 * @typedef {object} Key
 * @property {string} key as the browser calls it, or two that follow each other: "g f"
 * @property {string} label a key of text/: what it does
 * @property {() => void} run
 */

/** All that do something now. @type {import('@preact/signals').Signal<Key[]>} */
export const keys = signal([]);

const SECOND_MS = 1000;
let first = '';
let firstAt = 0;

/** While a component is shown, from its first moment. @param {Key[]} own */
export function useKeys(own) {
	useLayoutEffect(() => {
		keys.value = [...keys.peek(), ...own];
		return () => {
			keys.value = keys.peek().filter((key) => !own.includes(key));
		};
	}, []);
}

/** What takes letters for itself: a box that is ticked takes none. @param {EventTarget | null} target */
function isWriting(target) {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !target.matches('[type=checkbox], [type=radio], [type=range]');
}

addEventListener('keydown', (event) => {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || dialog.peek()) {
		return;
	}
	const pair = event.timeStamp - firstAt < SECOND_MS ? `${first} ${event.key}` : '';
	const found = keys.peek().find((key) => key.key === pair) ?? keys.peek().find((key) => key.key === event.key);
	first = event.key;
	firstAt = event.timeStamp;
	if (found) {
		event.preventDefault();
		first = '';
		found.run();
	}
});
