// SPDX-License-Identifier: MIT
// The service worker: what the gateway sends to this device while the page is not open becomes words here, and a subscription
// that the browser renews is told to the gateway. It keeps no copy of the page, and answers no request. tools/pack_page.py makes one script of it, which is served as /push-worker.js.

import { de } from '../text/notice/de.js';
import { en } from '../text/notice/en.js';
import { es } from '../text/notice/es.js';
import { fr } from '../text/notice/fr.js';
import { zh } from '../text/notice/zh.js';
import { de as troubleDe } from '../text/trouble/de.js';
import { en as troubleEn } from '../text/trouble/en.js';
import { es as troubleEs } from '../text/trouble/es.js';
import { fr as troubleFr } from '../text/trouble/fr.js';
import { zh as troubleZh } from '../text/trouble/zh.js';
import { idOf } from './id.js';

/** @type {Record<string, Record<string, string>>} */
const texts = { de, en, es, fr, zh };
/** @type {Record<string, Record<string, string>>} */
const troubles = { de: troubleDe, en: troubleEn, es: troubleEs, fr: troubleFr, zh: troubleZh };
const worker = /** @type {any} */ (self);
const NAME = 'flagship';
const ROOT = '/api/v1';
const TOO_MANY = 409;
const SOON = new Set(['finished', 'stopped', 'paused']);

/**
 * @typedef {{ type: string, language: string, tag: string, url: string, printer?: string | null, job?: string | null, reason?: string | null, reason_code?: string,
 *   printers?: number, counts?: Record<string, number> }} Notice
 */

/** @param {string} language @param {string} key @param {Record<string, string | number>} values */
function text(language, key, values = {}) {
	const table = texts[language] ?? en;
	const form = 'count' in values ? `${key}_${new Intl.PluralRules(language).select(Number(values.count))}` : key;
	const found = table[form] ?? table[`${key}_other`] ?? en[form] ?? '';
	return found.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {Notice} notice */
function wordsOf(notice) {
	const { type, language } = notice;
	if (type === 'test') {
		return { title: NAME, body: text(language, 'notice.test') };
	}
	if (type === 'several') {
		const counts = Object.entries(notice.counts ?? {}).map(([kind, count]) => text(language, `notice.count_${kind}`, { count }));
		return { title: text(language, 'notice.several', { count: notice.printers ?? 0 }), body: counts.join(', ') };
	}
	const job = notice.job ?? '';
	const reason = (troubles[language] ?? troubleEn)[`trouble.${notice.reason_code}`]?.replace(/[.。]$/, '') ?? notice.reason ?? '';
	const isBare = (SOON.has(type) && !job) || (type === 'error' && !reason);
	return { title: notice.printer || NAME, body: text(language, isBare ? `notice.${type}_any` : `notice.${type}`, { job, reason }) };
}

/** @param {any} data of a message; a browser wants something shown for each */
function show(data) {
	/** @type {Notice} */
	let notice = { type: 'test', language: 'en', tag: NAME, url: '/' };
	try {
		notice = { ...notice, ...data.json() };
	} catch {
		// nothing that can be read: it is shown that something came
	}
	const { title, body } = wordsOf(notice);
	return worker.registration.showNotification(title, { body, tag: notice.tag, renotify: true, lang: notice.language, data: { url: notice.url } });
}

/** Of this gateway alone, whatever stands in the message. @param {unknown} url */
function ownAddress(url) {
	const address = new URL(String(url ?? '/'), worker.location.origin);
	return address.origin === worker.location.origin ? address.href : worker.location.origin;
}

/** @param {string} address */
async function open(address) {
	const [window] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	if (window) {
		await window.focus();
		if (await window.navigate(address).catch(() => null)) {
			return;
		}
	}
	await worker.clients.openWindow(address);
}

/** @param {string} path */
async function read(path) {
	const response = await fetch(ROOT + path);
	return response.ok ? response.json() : {};
}

/** What the device was told by the old subscription, it is told by the new one. @param {any} old @param {any} next */
async function replace(old, next) {
	const id = await idOf(old.endpoint);
	const { subscriptions = [] } = await read('/push');
	const kept = subscriptions.find((/** @type {{ id: string }} */ one) => one.id === id);
	if (!kept || next.endpoint === old.endpoint) {
		return;
	}
	const { endpoint, keys } = next.toJSON();
	const { events, printers, language, name } = kept;
	const body = JSON.stringify({ endpoint, keys, events, printers, language, name });
	const { csrf } = await read('/session');
	const headers = { 'Content-Type': 'application/json', ...(csrf ? { 'X-CSRF-Token': csrf } : {}) };
	const add = () => fetch(`${ROOT}/push`, { method: 'POST', headers, body });
	const { ok, status } = await add();
	if (ok || status === TOO_MANY) {
		await fetch(`${ROOT}/push/${id}`, { method: 'DELETE', headers });
	}
	if (status === TOO_MANY) {
		await add();
	}
}

/** Where the browser says only that the old one is over, another one is asked for, bound to the same key. @param {any} event */
async function renew({ oldSubscription: old, newSubscription }) {
	const next = newSubscription ?? (old && (await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: old.options.applicationServerKey })));
	if (old && next) {
		await replace(old, next);
	}
}

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('push', (/** @type {any} */ event) => event.waitUntil(show(event.data)));
worker.addEventListener('pushsubscriptionchange', (/** @type {any} */ event) => event.waitUntil(renew(event)));
worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
	event.notification.close();
	event.waitUntil(open(ownAddress(event.notification.data?.url)));
});
