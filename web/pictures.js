// SPDX-License-Identifier: MIT
// Which picture a printer's job has: that of the file that was uploaded to the gateway under its name.

import { effect, signal } from './html.js';
import { get, session } from './api.js';
import { isKnown, onMessage } from './live.js';

const JOBS = 200;

/** Address of the picture, by serial number and name of the job. @type {import('@preact/signals').Signal<Map<string, string>>} */
const pictures = signal(new Map());
let isAsking = false;

/** @param {string} serial @param {string} name */
const key = (serial, name) => `${serial}\n${name}`;

async function ask() {
	if (isAsking || session.peek()?.printers) {
		return; // who sees some printers alone has no list of all jobs
	}
	isAsking = true;
	const answer = await get(`/jobs?limit=${JOBS}`);
	isAsking = false;
	if (answer.ok) {
		const withPicture = answer.data.filter((/** @type {any} */ job) => job.path && job.thumbnail !== null);
		pictures.value = new Map(withPicture.map((/** @type {any} */ job) => [key(job.printer, job.file), `/api/v1/thumbnails/${job.thumbnail}/${job.path.split('/').map(encodeURIComponent).join('/')}`]));
	}
}

/** null where it has none. @param {import('./types').Printer} printer */
export const pictureOf = (printer) => (printer.job?.name ? (pictures.value.get(key(printer.serial, printer.job.name)) ?? null) : null);

effect(() => {
	if (isKnown.value && session.value) {
		(window.requestIdleCallback ?? setTimeout)(ask);
	}
});

onMessage((message) => {
	if (message.type === 'event' && ['job_preparing', 'job_started'].includes(message.event.event)) {
		ask();
	}
});
