// SPDX-License-Identifier: MIT
// Which picture a printer's job has: that of the file that was uploaded to the gateway under its name.

import { effect, signal } from './html.js';
import { get, part, session } from './api.js';
import { isKnown, onMessage } from './live.js';

const JOBS = 200;

/** Address of the picture, by serial number and name of the job. @type {import('@preact/signals').Signal<Map<string, string>>} */
const pictures = signal(new Map());

/** @param {string} serial @param {string} name */
const key = (serial, name) => `${serial}\n${name}`;

/** @param {any} job */
const addressOf = (job) => `/api/v1/thumbnails/${job.thumbnail}/${job.path.split('/').map(part).join('/')}`;

/** Who sees some printers only names each of them. */
const asked = () => session.peek()?.printers?.map((serial) => `&printer=${part(serial)}`) ?? [''];

async function ask() {
	const found = new Map();
	for (const of of asked()) {
		const answer = await get(`/jobs?limit=${JOBS}${of}`);
		for (const job of answer.ok ? answer.data.reverse() : []) {
			if (job.path && job.thumbnail !== null) {
				found.set(key(job.printer, job.file), addressOf(job));
			}
		}
	}
	pictures.value = found;
}

let isAsking = false;
let isWanted = false; // once more, since something began meanwhile

async function askSoon() {
	isWanted = true;
	while (isWanted && !isAsking) {
		isAsking = true;
		isWanted = false;
		await ask();
		isAsking = false;
	}
}

/** null where it has none. @param {import('./types').Printer} printer */
export const pictureOf = (printer) => (printer.job?.name ? (pictures.value.get(key(printer.serial, printer.job.name)) ?? null) : null);

effect(() => {
	if (isKnown.value && session.value) {
		(window.requestIdleCallback ?? setTimeout)(() => void askSoon());
	}
});

onMessage((message) => {
	if (message.type === 'event' && ['job_preparing', 'job_started'].includes(message.event.event)) {
		askSoon();
	}
});
