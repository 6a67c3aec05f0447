// SPDX-License-Identifier: MIT
// Jobs of the past: asked for page by page, and added up.

import { get, part, session } from '../api.js';

const PAGE = 1000; // the most that the gateway gives at once
const PAGES_MAX = 20;

/**
 * @typedef {object} Job
 * @property {number} id
 * @property {string} printer
 * @property {string | null} printer_name
 * @property {string | null} file
 * @property {string | null} path
 * @property {'going_on' | 'finished' | 'cancelled' | 'failed' | 'unknown'} outcome
 * @property {string | null} reason
 * @property {boolean} joined
 * @property {string | null} begun_at
 * @property {string | null} started_at
 * @property {string | null} ended_at
 * @property {number | null} duration_s
 * @property {number | null} elapsed_s
 * @property {number | null} progress_percent
 * @property {number | null} layer
 * @property {number | null} layers
 * @property {number | null} filament_used
 * @property {string | null} filament_unit
 * @property {number | null} thumbnail
 * @property {string | null} [material] what the slicer calls it, where the file is here
 */

/** @typedef {{ printer: string, since: string, until: string }} Wanted "" for all of it */

/** @param {string} printer @param {Wanted} wanted @param {number} before @param {string} format */
function query(printer, wanted, before, format) {
	const words = new URLSearchParams({ limit: String(PAGE), format });
	const given = { printer, since: wanted.since, until: wanted.until, before: before ? String(before) : '' };
	for (const [name, value] of Object.entries(given)) {
		if (value) {
			words.set(name, value);
		}
	}
	return `/jobs?${words}`;
}

/** Who may see some printers only has to name each of them. @param {Wanted} wanted */
const asked = (wanted) => (wanted.printer ? [wanted.printer] : (session.peek()?.printers ?? ['']));

/** @param {string} printer @param {Wanted} wanted */
async function loadOf(printer, wanted) {
	/** @type {Job[]} */
	const jobs = [];
	for (let page = 0; page < PAGES_MAX; page++) {
		const answer = await get(query(printer, wanted, jobs.at(-1)?.id ?? 0, 'json'));
		if (!answer.ok) {
			return { jobs, problem: answer };
		}
		jobs.push(...answer.data);
		if (answer.data.length < PAGE) {
			break;
		}
	}
	return { jobs, problem: null };
}

/** The newest first. @param {Wanted} wanted */
export async function loadJobs(wanted) {
	const parts = await Promise.all(asked(wanted).map((printer) => loadOf(printer, wanted)));
	return {
		jobs: parts.flatMap(({ jobs }) => jobs).sort((a, b) => b.id - a.id),
		problem: parts.find(({ problem }) => problem)?.problem ?? null,
	};
}

/** What is between the ends of lines; a text in quotes may have one in it. */
const RECORD = /(?:[^"\n]|"[^"]*")*\n/g;

/** Those of these jobs, whose number is what a record begins with. @param {string} text @param {Set<string>} ids */
const recordsOf = (text, ids) => (text.match(RECORD) ?? []).filter((record) => ids.has(record.slice(0, record.indexOf(',')))).join('');

/**
 * Some jobs as the gateway writes them for spreadsheets; "" where it does not answer.
 * @param {Wanted} wanted @param {Job[]} jobs all that it has of that: it gives some at once @param {Job[]} shown those that are written
 */
export async function loadCsv(wanted, jobs, shown) {
	const ids = new Set(shown.map((job) => String(job.id)));
	let text = '';
	for (const printer of asked(wanted)) {
		const own = asked(wanted).length > 1 ? jobs.filter((job) => job.printer === printer) : jobs;
		for (let at = 0; at < Math.max(1, own.length); at += PAGE) {
			const { ok, text: lines } = await askText(query(printer, wanted, at ? own[at - 1].id : 0, 'csv'));
			if (!ok) {
				return '';
			}
			text ||= lines.slice(0, lines.indexOf('\n') + 1);
			text += recordsOf(lines, ids);
		}
	}
	return text;
}

/** @param {string} path */
async function askText(path) {
	const answer = await fetch(`/api/v1${path}`).catch(() => null);
	return { ok: answer?.ok === true, text: (await answer?.text().catch(() => '')) ?? '' };
}

/** What each file that is here is printed with, by its path. @returns {Promise<Map<string, string | null>>} */
export async function loadMaterials() {
	const answer = session.peek()?.printers ? null : await get('/files');
	return new Map(answer?.ok ? answer.data.files.map((/** @type {any} */ file) => [file.path, file.metadata?.filament_type ?? null]) : []);
}

/** What is known of their files. @param {Job[]} jobs @param {Map<string, string | null>} materials */
export const withFiles = (jobs, materials) =>
	jobs.map((job) => (materials.has(job.path ?? '') ? { ...job, material: materials.get(job.path ?? '') ?? null } : { ...job, path: null, material: null }));

/** @param {Job} job */
export const pictureOf = (job) =>
	job.path !== null && job.thumbnail !== null ? `/api/v1/thumbnails/${job.thumbnail}/${job.path.split('/').map(part).join('/')}` : '';

/** How long it printed, as the printer counts; else how long it took. @param {Job} job */
export const secondsOf = (job) => job.elapsed_s ?? job.duration_s;

const MM_PER_M = 1000;

/** As metres or grams, whichever is told. @param {Job} job @returns {{ metres: number, grams: number }} */
export function filamentOf(job) {
	const used = job.filament_used ?? 0;
	const metres = job.filament_unit === 'm' ? used : job.filament_unit === 'mm' ? used / MM_PER_M : 0;
	return { metres, grams: job.filament_unit === 'g' ? used : 0 };
}

/** @param {Job[]} jobs */
export function sum(jobs) {
	const total = { jobs: jobs.length, finished: 0, cancelled: 0, failed: 0, unknown: 0, going_on: 0, seconds: 0, metres: 0, grams: 0 };
	for (const job of jobs) {
		const filament = filamentOf(job);
		total[job.outcome] += 1;
		total.seconds += secondsOf(job) ?? 0;
		total.metres += filament.metres;
		total.grams += filament.grams;
	}
	return total;
}

/** Of 100, of those whose end is known. @param {ReturnType<typeof sum>} total */
export function successOf(total) {
	const ended = total.finished + total.cancelled + total.failed;
	return ended ? (100 * total.finished) / ended : null;
}

/** @param {Job[]} jobs @param {(job: Job) => string} keyOf */
export function groupBy(jobs, keyOf) {
	/** @type {Map<string, Job[]>} */
	const groups = new Map();
	for (const job of jobs) {
		const key = keyOf(job);
		const members = groups.get(key);
		if (members) {
			members.push(job);
		} else {
			groups.set(key, [job]);
		}
	}
	return groups;
}

/** Sums of each group, the largest first. @param {Job[]} jobs @param {(job: Job) => string} keyOf */
export function group(jobs, keyOf) {
	return [...groupBy(jobs, keyOf)].map(([key, members]) => ({ key, total: sum(members), first: members[0] })).sort((a, b) => b.total.jobs - a.total.jobs);
}

/** The day of the reader's place, as 2026-11-28. @param {Date} date */
export function dayOf(date) {
	const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
