// SPDX-License-Identifier: MIT
// What came of what was done to a printer, where it was done.

import { html, useComputed, useRef } from '../html.js';
import { actions } from '../actions.js';
import { Outcome } from './outcome.js';

/**
 * The newest of what was done with these commands since this is shown, at most so many.
 * @param {string} serial @param {string[]} commands @param {number} most
 */
function useLast(serial, commands, most) {
	const since = useRef(Date.now());
	return useComputed(() => {
		/** @type {typeof actions.value} */
		const found = [];
		for (const action of actions.value) {
			const { serial: of, name, at } = action.peek();
			if (of === serial && at >= since.current && commands.includes(name) && (most > 1 || !found.length) && !found.some((other) => other.peek().name === name)) {
				found.push(action);
			}
		}
		return found.slice(0, most).reverse();
	});
}

/** Where it was done: what came of it. @param {{ serial: string, commands: string[], most?: number }} props */
export function Outcomes({ serial, commands, most = 1 }) {
	const last = useLast(serial, commands, most);
	return html`${last.value.map((action) => html`<${Outcome} key=${action.peek().id} action=${action} />`)}`;
}
