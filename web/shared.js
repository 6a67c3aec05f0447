// SPDX-License-Identifier: MIT
// What a user wants on each of his devices: the gateway keeps it, this browser has it meanwhile, and what another device changes comes here at once.

import { batch, effect, signal } from './html.js';
import { ask, get, session } from './api.js';
import { isLive, onMessage } from './live.js';
import { lateSetting, openSettings } from './settings.js';
import { start } from './start.js';

const WAIT_MS = 300; // a drag changes an order several times

/** As the gateway has it; null: it keeps nothing for who uses the page, or that is not known yet. @type {Record<string, any> | null} */
let kept = start.page ?? null;
/** @type {Map<string, { value: import('@preact/signals').Signal<any>, initial: any }>} */
const known = new Map();
/** Names of what the gateway does not have yet. @type {import('@preact/signals').Signal<string[]>} */
const unsent = lateSetting('unsent', []);
/** Whose it is what this browser has. */
const owner = lateSetting('settings_of', '');
/** Whether it was another user's. */
let isForeign = false;
/** Why the gateway does not have what was set; "": it has. */
export const unkept = signal('');

/** @param {unknown} one @param {unknown} other */
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * A signal whose value the user has on each of his devices.
 * @template T @param {string} name as the gateway knows it @param {T} initial
 * @returns {import('@preact/signals').Signal<T>}
 */
export function shared(name, initial) {
	const value = lateSetting(name, initial, kept?.[name]);
	known.set(name, { value, initial });
	settle(name);
	effect(() => {
		note(name, value.value);
	});
	return value;
}

/** What the gateway has counts, unless something newer waits here. @param {string} name */
function settle(name) {
	const one = known.get(name);
	if (one && kept && !unsent.peek().includes(name)) {
		if (name in kept) {
			one.value.value = kept[name];
		} else if (isForeign) {
			one.value.value = one.initial;
		}
	}
}

/** @param {string} name @param {unknown} value */
function note(name, value) {
	if (kept && !isSame(value, kept[name] ?? known.get(name)?.initial)) {
		if (!unsent.peek().includes(name)) {
			unsent.value = [...unsent.peek(), name];
		}
		sendSoon();
	}
}

let waits = 0;

function sendSoon() {
	clearTimeout(waits);
	waits = setTimeout(sendSettings, WAIT_MS);
}

export async function sendSettings() {
	const names = unsent.peek().filter((name) => known.has(name));
	if (!kept || !names.length || !isLive.peek()) {
		return;
	}
	/** @param {string} name */
	const valueOf = (name) => known.get(name)?.value.peek();
	const sent = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
	const answer = await ask('PATCH', '/session/page', sent);
	if (answer.ok) {
		kept = answer.data;
		unsent.value = unsent.peek().filter((name) => !(name in sent) || !isSame(valueOf(name), sent[name]));
		unkept.value = '';
		if (unsent.peek().length) {
			sendSoon();
		}
	} else if (answer.status) {
		unkept.value = answer.detail || String(answer.status);
	}
}

/** @param {Record<string, any> | null} settings */
function learn(settings) {
	kept = settings;
	const user = session.peek()?.user ?? '';
	isForeign = owner.peek() !== '' && owner.peek() !== user;
	if (kept) {
		if (isForeign) {
			unsent.value = [];
		}
		owner.value = user;
		for (const [name, { value }] of known) {
			settle(name);
			note(name, value.peek());
		}
	}
}

/** @param {Record<string, any>} changes of another page of this user, or of this one */
function takeChanges(changes) {
	for (const [name, value] of Object.entries(changes)) {
		const one = known.get(name);
		if (kept) {
			kept = { ...kept, [name]: value ?? one?.initial };
		}
		settle(name);
	}
}

async function askAnew() {
	const user = session.peek()?.user;
	const answer = await get('/session/page');
	if (user === session.peek()?.user) {
		learn(answer.ok ? answer.data : null);
	}
}

/** Follows what the gateway says. */
export function followSettings() {
	batch(() => {
		openSettings();
		learn(kept);
	});
	onMessage((message) => {
		if (message.type === 'page') {
			takeChanges(message.page);
		} else if (message.type === 'snapshot') {
			askAnew(); // somebody logged in, or too much was missed
		}
	});
	session.subscribe((value) => {
		if (!value) {
			kept = null;
			unkept.value = '';
		}
	});
	isLive.subscribe((live) => live && sendSoon());
}

/** "auto" follows the system. @type {import('@preact/signals').Signal<'auto' | 'light' | 'dark'>} */
export const theme = shared('theme', 'auto');

effect(() => {
	if (theme.value === 'auto') {
		delete document.documentElement.dataset.theme;
	} else {
		document.documentElement.dataset.theme = theme.value;
	}
});
