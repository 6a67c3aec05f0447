// SPDX-License-Identifier: MIT
// The gateway's API: whoever asks, and what came of it.

import { computed, signal } from './html.js';
import { start } from './start.js';

const ROOT = '/api/v1';
const UNAUTHORIZED = 401;

/** Who uses the page; null: nobody, the login is shown. @type {import('@preact/signals').Signal<import('./types').Session | null>} */
export const session = signal(start.session ?? null);
/** Whether the first user is still to be made. */
export const setupIsOpen = signal(start.setup ?? false);
export const version = start.version ?? '';

export const mayOperate = computed(() => session.value !== null && session.value.role !== 'viewer');
export const mayManage = computed(() => session.value?.role === 'admin');

/**
 * Never throws: what went wrong is in the answer.
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<import('./types').Answer>}
 */
export async function ask(method, path, body, headers = {}) {
	const csrf = session.peek()?.csrf;
	/** @type {RequestInit} */
	const request = { method, headers: { ...headers, ...(csrf && method !== 'GET' ? { 'X-CSRF-Token': csrf } : {}) } };
	if (body !== undefined) {
		const isRaw = body instanceof Blob;
		request.body = isRaw ? body : JSON.stringify(body);
		request.headers = { 'Content-Type': isRaw ? 'application/octet-stream' : 'application/json', ...request.headers };
	}
	let response;
	try {
		response = await fetch(ROOT + path, request);
	} catch {
		return { ok: false, status: 0, data: null, detail: '' };
	}
	const text = await response.text().catch(() => '');
	const data = parse(text);
	if (response.status === UNAUTHORIZED && path !== '/login' && path !== '/password') {
		session.value = null;
	}
	return { ok: response.ok, status: response.status, data, detail: response.ok ? (data?.detail ?? '') : await detailOf(data) };
}

/** What went wrong, in words. @type {(data: any) => Promise<string>} */
let detailOf = async (data) => data?.detail ?? '';

/** Once somebody knows better words: sentences.js. @param {(data: any) => Promise<string>} words */
export function followDetail(words) {
	detailOf = words;
}

/** Of an answer that did not come by ask. @param {any} data */
export const tellDetail = (data) => detailOf(data);

/** @param {string} text */
function parse(text) {
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		return null;
	}
}

/** @param {string} path */
export const get = (path) => ask('GET', path);
/** @param {string} path @param {unknown} [body] */
export const post = (path, body = {}) => ask('POST', path, body);

/** Of a printer or file, in a path. @param {string} text */
export const part = (text) => encodeURIComponent(text);

/** @param {string} name @param {string} password */
export async function login(name, password) {
	const answer = await post('/login', { name, password });
	if (answer.ok) {
		session.value = answer.data;
	}
	return answer;
}

/** As a screen that nobody sits at does. @param {string} key */
export async function loginByKey(key) {
	const answer = await post('/login', { key });
	if (answer.ok) {
		session.value = answer.data;
	}
	return answer;
}

/** @param {string} token of the link @param {string} name @param {string} password */
export async function setUp(token, name, password) {
	const answer = await post('/setup', { token, name, password });
	if (answer.ok) {
		setupIsOpen.value = false;
		session.value = answer.data;
	}
	return answer;
}

export async function logout() {
	await post('/logout');
	session.value = null;
}
