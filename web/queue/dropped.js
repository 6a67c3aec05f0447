// SPDX-License-Identifier: MIT
// Files that were dropped to be printed: they are sent one after the other, while somebody chooses how.

import { signal } from '../html.js';
import { upload } from '../files/store.js';
import { openDialog } from '../router.js';

/** @typedef {{ path: string, file: File | null, percent: number, state: 'waiting' | 'sending' | 'done' | 'exists' | 'failed', detail: string }} Item one that is to be printed */

/** @type {import('@preact/signals').Signal<Item[]>} */
export const dropped = signal([]);
let isSending = false;

/** @param {Item} item @param {Partial<Item>} changes */
export function change(item, changes) {
	dropped.value = dropped.peek().map((one) => (one.path === item.path ? { ...one, ...changes } : one));
}

/** @param {Item} item */
export const leaveOut = (item) => (dropped.value = dropped.peek().filter((one) => one.path !== item.path));

/** @param {Iterable<File>} files */
export function takeDropped(files) {
	dropped.value = [...files].map((file) => ({ path: file.name, file, percent: 0, state: 'waiting', detail: '' }));
	openDialog('print');
	work();
}

async function work() {
	if (isSending) {
		return;
	}
	isSending = true;
	for (let next = waiting(); next; next = waiting()) {
		await send(next, false);
	}
	isSending = false;
}

const waiting = () => dropped.peek().find((one) => one.state === 'waiting');

/** @param {Item} item @param {boolean} replaces what is there of its name */
export async function send(item, replaces) {
	change(item, { state: 'sending', percent: 0, detail: '' });
	const answer = await upload(/** @type {File} */ (item.file), item.path, replaces, (percent) => change(item, { percent }));
	const state = answer.ok ? 'done' : answer.status === 409 && !replaces ? 'exists' : 'failed';
	change(item, { state, percent: 100, detail: answer.detail });
}
