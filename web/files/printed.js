// SPDX-License-Identifier: MIT
// What became of each file when it was printed last.

import { html, signal } from '../html.js';
import { get, session } from '../api.js';
import { formatBriefly, formatDate } from '../format.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/files/texts.js';

/** @typedef {{ path: string | null, outcome: 'finished' | 'cancelled' | 'failed', ended_at: string | null }} Job */

const JOBS = 500;
/** @type {Record<Job['outcome'], string>} */
const icons = { finished: 'check', cancelled: 'stop', failed: 'error' };

/** By path; what goes on, or ended unseen, is no outcome. @type {import('@preact/signals').Signal<Map<string, Job>>} */
const printed = signal(new Map());

export async function loadPrinted() {
	// Who sees some printers alone sees no files, and has no list of all jobs.
	const answer = session.peek()?.printers ? null : await get(`/jobs?limit=${JOBS}`);
	if (answer?.ok) {
		const ended = answer.data.filter((/** @type {any} */ job) => job.path && job.outcome in icons);
		printed.value = new Map(ended.reverse().map((/** @type {Job} */ job) => [job.path, job]));
	}
}

/** @param {{ path: string }} props */
export function Printed({ path }) {
	const job = printed.value.get(path);
	return job
		? html`<span class=${`printed outcome-is-${job.outcome}`} title=${`${t(`filearea.printed_${job.outcome}`)}, ${formatDate(job.ended_at)}`}><${Icon} name=${icons[job.outcome]} size=${16} /><span class="unseen">${t(`filearea.printed_${job.outcome}`)}</span> ${formatBriefly(job.ended_at)}</span>`
		: null;
}
