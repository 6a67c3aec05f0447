// SPDX-License-Identifier: MIT
// What a printer has printed, and what happened to it.

import { html, useEffect, useSignal } from '../../html.js';
import { get, part } from '../../api.js';
import { formatDate, formatDuration, formatPercent, NOTHING } from '../../format.js';
import { onMessage, returns } from '../../live.js';
import { PrintAgain } from '../../queue/again.js';
import { Said } from '../../sentences.js';
import { hasText, t, textOr } from '../../text.js';
import { filamentText } from './filament.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

const PAGE = 50;
const NUMBERS = new Set(['duration', 'progress', 'filament']);

/**
 * A list of the history, page by page.
 * @param {string} path with a query
 */
function usePages(path) {
	const entries = useSignal(/** @type {any[] | null} */ (null));
	const hasMore = useSignal(false);
	const fault = useSignal('');

	/** @param {boolean} isAnew */
	async function read(isAnew) {
		const known = isAnew ? [] : (entries.peek() ?? []);
		const last = known.at(-1);
		const answer = await get(`${path}&limit=${PAGE}${last ? `&before=${last.id}` : ''}`);
		fault.value = answer.ok ? '' : answer.detail;
		if (answer.ok) {
			entries.value = [...known, ...answer.data];
			hasMore.value = answer.data.length === PAGE;
		}
	}

	useEffect(() => {
		read(true);
	}, [path, returns.value]);
	return { entries, hasMore, fault, read };
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Past({ serial }) {
	const jobs = usePages(`/jobs?printer=${part(serial)}`);
	const events = usePages(`/history?printer=${part(serial)}`);
	useEffect(
		() =>
			onMessage((message) => {
				if (message.type === 'event' && message.printer === serial && message.event.event.startsWith('job_')) {
					jobs.read(true);
					events.read(true);
				}
			}),
		[serial],
	);
	// Each of them moves the other one.
	if (![jobs, events].every(({ entries, fault }) => entries.value || fault.value)) {
		return html`<div class="loading" aria-busy="true"></div>`;
	}
	return html`<div class="panels-one">
		<${Panel} title=${t('past.jobs')}><${Jobs} pages=${jobs} /><//>
		<${Panel} title=${t('past.events')}><${Events} pages=${events} /><//>
	</div>`;
}

/** @param {{ pages: ReturnType<typeof usePages>, children: any }} props */
function Paged({ pages, children }) {
	return html`<p class="fault" role="alert">${pages.fault}</p>
		${pages.entries.value?.length ? children : pages.entries.value ? html`<p class="quiet">${t('past.none')}</p>` : null}
		${pages.hasMore.value ? html`<button type="button" class="button" onClick=${() => pages.read(false)}>${t('past.more')}</button>` : null}`;
}

/** @param {{ pages: ReturnType<typeof usePages> }} props */
function Jobs({ pages }) {
	return html`<${Paged} pages=${pages}>
		<div class="values-room" role="group" aria-label=${t('past.jobs')} tabindex="0">
			<table class="values">
				<thead><tr>${['file', 'outcome', 'begun', 'duration', 'progress', 'filament'].map((name) => html`<th scope="col" class=${NUMBERS.has(name) ? 'number' : ''}>${t(`past.${name}`)}</th>`)}<th scope="col"><span class="unseen">${t('queue.print_again')}</span></th></tr></thead>
				<tbody>
					${pages.entries.value?.map(
						(job) => html`<tr key=${job.id}>
							<th scope="row" class="name">${job.file ?? NOTHING}</th>
							<td><span class=${`outcome-word outcome-is-${job.outcome}`}>${t(`past.outcome_${job.outcome}`)}</span>${job.reason ? html` <span class="quiet name"><${Said} of=${job} name="reason" /></span>` : null}</td>
							<td>${formatDate(job.begun_at)}</td>
							<td class="number">${formatDuration(job.duration_s)}</td>
							<td class="number">${formatPercent(job.progress_percent)}</td>
							<td class="number">${filamentText(job.filament_used, job.filament_unit)}</td>
							<td>${job.path ? html`<${PrintAgain} job=${job} small />` : null}</td>
						</tr>`,
					)}
				</tbody>
			</table>
		</div>
	<//>`;
}

/** In words, where there are some. @param {any} entry */
function wordsOf(entry) {
	if (entry.type === 'command') {
		return textOr(`command.${entry.kind}`, entry.kind);
	}
	return textOr(`entry.${entry.kind}`, entry.kind);
}

/** @param {{ pages: ReturnType<typeof usePages> }} props */
function Events({ pages }) {
	return html`<${Paged} pages=${pages}>
		<ol class="panel-rows">
			${pages.entries.value?.map(
				(entry) => html`<li class="event" key=${entry.id}>
					<time class="quiet">${formatDate(entry.t)}</time>
					<p><strong>${wordsOf(entry)}</strong> ${entry.value ? html`<span class="name">${entry.value}</span> ` : null}${entry.outcome && hasText(`outcome.${entry.outcome}`) ? html`<span class="quiet">${t(`outcome.${entry.outcome}`)}</span> ` : null}${entry.text ? html`<span class="quiet name"><${Said} of=${entry} name="text" /></span> ` : null}${entry.asker ? html`<span class="quiet name">(${entry.asker})</span>` : null}</p>
				</li>`,
			)}
		</ol>
	<//>`;
}
