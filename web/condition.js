// SPDX-License-Identifier: MIT
// What a printer is up to, in one word: for its colour, its place in a list, and what can be done with it.

import { keyOf, t, textOr } from './text.js';

/** @typedef {'offline' | 'error' | 'attention' | 'paused' | 'printing' | 'busy' | 'finished' | 'idle'} Condition */

/** In the order in which they want somebody. @type {Condition[]} */
export const conditions = ['error', 'attention', 'paused', 'finished', 'printing', 'busy', 'idle', 'offline'];

const BUSY = new Set(['preparing', 'heating', 'levelling', 'calibrating', 'loading', 'unloading', 'downloading']);

/** @param {import('./types').Printer} printer @returns {Condition} */
export function conditionOf(printer) {
	const state = printer.job?.state ?? 'unknown';
	if (!printer.online) {
		return 'offline';
	}
	if (printer.error) {
		return 'error';
	}
	if (printer.alert) {
		return 'attention';
	}
	if (state === 'printing' || state === 'paused' || state === 'finished') {
		return state;
	}
	return BUSY.has(state) || isActive(printer) ? 'busy' : 'idle';
}

/** Of an E1, which has activities beside its job. @param {import('./types').Printer} printer */
const isActive = (printer) => Boolean(printer.activity?.name && printer.activity.name !== 'idle');

/** In words: the state that the printer tells, or that it says nothing. @param {import('./types').Printer} printer */
export function stateText(printer) {
	if (!printer.online) {
		return t('state.offline');
	}
	if (isActive(printer) && (printer.job?.state ?? 'idle') === 'idle') {
		const name = printer.activity?.name ?? '';
		return textOr(`state.${keyOf(name)}`, name);
	}
	return t(`state.${printer.job?.state ?? 'unknown'}`);
}

/** Whether there is a job that can be stopped. @param {import('./types').Printer} printer */
export const hasJob = (printer) => printer.online && ['printing', 'paused', 'preparing', 'heating'].includes(printer.job?.state ?? '');

/** @param {import('./types').Printer} printer */
export const isPrinting = (printer) => printer.online && printer.job?.state === 'printing';

/** @param {import('./types').Printer} printer */
export const isPaused = (printer) => printer.online && printer.job?.state === 'paused';

/** Whether it is made of heaters and axes: an E1 is not. @param {import('./types').Printer} printer */
export const isFilamentPrinter = (printer) => printer.model !== 'E1';

/** Whether it may have a camera: an M5C and an E1 have none. @param {import('./types').Printer | undefined} printer */
export const hasCamera = (printer) => printer !== undefined && printer.model !== 'M5C' && isFilamentPrinter(printer);

/** @param {import('./types').Printer} printer */
export const nameOf = (printer) => printer.name || printer.serial;
