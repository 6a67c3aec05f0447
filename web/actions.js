// SPDX-License-Identifier: MIT
// What people have done from this page, and what came of it. Nothing is shown as done before the gateway says so.

import { computed, signal } from './html.js';
import { part, post } from './api.js';

const KEPT = 100;

/**
 * @typedef {object} Action
 * @property {number} id
 * @property {string} serial "" where it is about no printer
 * @property {string} name of the command: "pause"; in words it is the text "command.pause"
 * @property {Record<string, unknown>} body what was sent
 * @property {number} at
 * @property {'running' | 'confirmed' | 'accepted' | 'refused' | 'unanswered' | 'failed'} state
 * @property {string} detail in the gateway's words; "" for none
 * @property {boolean} forceable whether it can be done nevertheless
 * @property {any} result what the gateway answered
 */

/** The newest first. @type {import('@preact/signals').Signal<import('@preact/signals').Signal<Action>[]>} */
export const actions = signal([]);

export const running = computed(() => actions.value.filter((action) => action.value.state === 'running').length);

let last = 0;

/**
 * Sends a command to a printer. Returns at once what can be looked at until it ends; `done` is when it has.
 * @param {string} serial
 * @param {Record<string, unknown>} body with `command`
 */
export function command(serial, body) {
	return act(serial, String(body.command), body, () => post(`/printers/${part(serial)}/commands`, body));
}

/** The same, although a guard refused it. @param {Action} action */
export const force = (action) => command(action.serial, { ...action.body, force: true });

/**
 * Anything else that is done and may go wrong: `send` asks the gateway.
 * @param {string} serial @param {string} name @param {Record<string, unknown>} body
 * @param {() => Promise<import('./types').Answer>} send
 */
export function act(serial, name, body, send) {
	/** @type {Action} */
	const begun = { id: ++last, serial, name, body, at: Date.now(), state: 'running', detail: '', forceable: false, result: null };
	const action = signal(begun);
	actions.value = [action, ...actions.peek().slice(0, KEPT - 1)];
	const done = send().then((answer) => {
		action.value = { ...begun, ...outcomeOf(answer) };
		return action.value;
	});
	return { action, done };
}

/** @param {import('./types').Answer} answer @returns {Pick<Action, 'state' | 'detail' | 'forceable' | 'result'>} */
function outcomeOf(answer) {
	const told = answer.data && typeof answer.data === 'object' ? answer.data : {};
	const states = ['confirmed', 'accepted', 'refused', 'unanswered', 'failed'];
	const state = states.includes(told.outcome) ? told.outcome : answer.ok ? 'confirmed' : answer.status === 0 ? 'unanswered' : answer.status === 409 ? 'refused' : 'failed';
	return { state, detail: told.detail ?? '', forceable: told.forceable === true, result: answer.data };
}

/** What did not follow from it in the gateway: "" where all is well. @param {Action} action @returns {string} */
export const warningOf = ({ result }) => result?.warning ?? '';

/** The last one of a printer, which its card shows. @param {string} serial */
export const lastOf = (serial) => actions.value.find((action) => action.peek().serial === serial);

/** @param {number} id */
export function forgetAction(id) {
	actions.value = actions.peek().filter((action) => action.peek().id !== id);
}
