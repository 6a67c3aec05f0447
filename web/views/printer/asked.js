// SPDX-License-Identifier: MIT
// Questions to a printer that take seconds: they stand among what was done, as commands do.

import { act } from '../../actions.js';
import { get } from '../../api.js';

/**
 * @param {string} serial @param {string} name of it, as a command has one @param {string} path
 * Returns what was answered; null where it came to nothing, which its outcome says.
 */
export async function askPrinter(serial, name, path) {
	const { done } = act(serial, name, {}, async () => {
		const answer = await get(path);
		// It is no command that could be sent again with force.
		return answer.ok ? answer : { ...answer, data: { ...answer.data, forceable: false } };
	});
	const { state, result } = await done;
	return state === 'confirmed' ? result : null;
}
