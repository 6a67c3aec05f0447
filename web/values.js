// SPDX-License-Identifier: MIT
// What is shown of something that changes often.

import { effect, signal, untracked, useEffect, useRef } from './html.js';

/**
 * A signal for each value that `read` makes. A change is looked at once, however many of them there are, and only those that
 * have become others are told on: fifty printers that change each second have many.
 * @template {Record<string, any>} T
 * @param {() => T} read @param {any} of what it reads: another one, and all is made anew
 * @returns {{ [name in keyof T]: import('@preact/signals').ReadonlySignal<T[name]> }}
 */
export function useValues(read, of) {
	const held = useRef(/** @type {{ of: any, signals: Record<string, import('@preact/signals').Signal<any>> } | null} */ (null));
	if (held.current?.of !== of) {
		const made = untracked(read);
		held.current = { of, signals: Object.fromEntries(Object.keys(made).map((name) => [name, signal(made[name])])) };
	}
	useEffect(
		() =>
			effect(() => {
				const made = read();
				for (const name in made) {
					/** @type {any} */ (held.current).signals[name].value = made[name];
				}
			}),
		[of],
	);
	return /** @type {any} */ (held.current?.signals);
}
