// SPDX-License-Identifier: MIT
// Jobs as a table, and one of them in all that is known.

import { html, useSignal } from '../html.js';
import { formatDate, formatDuration, formatNumber, formatPercent, NOTHING } from '../format.js';
import { openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { Said } from '../sentences.js';
import { t } from '../text/history/texts.js';
import { PrintAgain } from '../queue/again.js';
import { filamentOf, pictureOf, secondsOf } from './jobs.js';

/** @typedef {import('./jobs.js').Job} Job */

const SHOWN_AT_ONCE = 50;
const icons = { going_on: 'clock', finished: 'check', cancelled: 'stop', failed: 'error', unknown: 'warning' };

/** @param {{ outcome: Job['outcome'] }} props */
function Ending({ outcome }) {
	return html`<span class=${`ending ending-${outcome}`}><${Icon} name=${icons[outcome]} size=${16} /><span>${t(`history.${outcome}`)}</span></span>`;
}

/** @param {{ metres: number, grams: number }} filament */
export function filamentText({ metres, grams }) {
	const parts = [metres > 0 ? `${formatNumber(metres, metres < 100 ? 1 : 0)} m` : '', grams > 0 ? `${formatNumber(grams, 0)} g` : ''].filter(Boolean);
	return parts.join(' + ') || NOTHING;
}

/** @param {Job} job */
const printerText = (job) => job.printer_name || job.printer;

/** A file may be of a printer whose name nobody knows. @param {Job} job */
const fileText = (job) => job.file || t('history.no_file');

/** @param {{ jobs: Job[] }} props */
export function JobTable({ jobs }) {
	const shown = useSignal(SHOWN_AT_ONCE);
	return html`<div class="sheet grid-room">
		<table class="grid jobs">
			<thead>
				<tr>
					<th scope="col">${t('history.job')}</th>
					<th scope="col">${t('history.outcome')}</th>
					<th scope="col" class="wide">${t('history.printer')}</th>
					<th scope="col" class="wide">${t('history.begun')}</th>
					<th scope="col" class="wide number">${t('history.time')}</th>
					<th scope="col" class="widest number">${t('history.filament')}</th>
					<th scope="col" class="widest">${t('history.material')}</th>
				</tr>
			</thead>
			<tbody>
				${jobs.slice(0, shown.value).map((job) => html`<${Row} key=${job.id} job=${job} />`)}
			</tbody>
		</table>
		${jobs.length > shown.value
			? html`<p class="grid-more"><button type="button" class="button" onClick=${() => (shown.value += SHOWN_AT_ONCE)}>${t('history.more', { number: jobs.length - shown.value })}</button></p>`
			: null}
	</div>`;
}

/** @param {{ job: Job }} props */
function Row({ job }) {
	return html`<tr>
		<td class="cell-main">
			<button type="button" class="cell-open" onClick=${() => openDialog(`job:${job.id}`)}>
				<${Picture} job=${job} /><span class="name">${fileText(job)}</span>
			</button>
			<p class="cell-more narrow-only quiet"><span class="name">${printerText(job)}</span> · ${formatDate(job.begun_at)} · ${formatDuration(secondsOf(job))}</p>
		</td>
		<td><${Ending} outcome=${job.outcome} /></td>
		<td class="wide name">${printerText(job)}</td>
		<td class="wide still">${formatDate(job.begun_at)}</td>
		<td class="wide number">${formatDuration(secondsOf(job))}</td>
		<td class="widest number">${filamentText(filamentOf(job))}</td>
		<td class="widest name">${job.material ?? NOTHING}</td>
	</tr>`;
}

/** @param {{ job: Job }} props */
function Picture({ job }) {
	const address = pictureOf(job);
	return html`<span class="thumb">${address ? html`<img src=${address} alt="" width="40" height="40" loading="lazy" />` : html`<${Icon} name="files" size=${18} />`}</span>`;
}

/** @param {{ job: Job | null }} props null: there is none of this number */
export function JobDialog({ job }) {
	if (!job) {
		return html`<${Dialog} title=${t('history.job')}><p>${t('history.job_gone')}</p><//>`;
	}
	const address = pictureOf(job);
	/** @type {[string, any][]} */
	const facts = [
		['history.printer', printerText(job)],
		['history.reason', job.reason && html`<${Said} of=${job} name="reason" />`],
		['history.begun', job.begun_at && formatDate(job.begun_at)],
		['history.printing_since', job.started_at && formatDate(job.started_at)],
		['history.ended', job.ended_at && formatDate(job.ended_at)],
		['history.time', secondsOf(job) !== null && formatDuration(secondsOf(job))],
		['history.took', job.duration_s !== null && formatDuration(job.duration_s)],
		['history.progress', job.progress_percent !== null && formatPercent(job.progress_percent)],
		['history.layer', job.layer !== null && `${job.layer}${job.layers === null ? '' : ` / ${job.layers}`}`],
		['history.filament', job.filament_used && filamentText(filamentOf(job))],
		['history.material', job.material],
		['history.joined', job.joined && t('history.joined_yes')],
	];
	return html`<${Dialog} title=${fileText(job)}>
		${address ? html`<img class="picture" src=${address} alt=${t('history.picture')} />` : null}
		<p class="job-ending"><${Ending} outcome=${job.outcome} /></p>
		<dl class="details">${facts.map(([label, value]) => (value ? html`<div><dt>${t(label)}</dt><dd class="name">${value}</dd></div>` : null))}</dl>
		${job.path !== null ? html`<p class="dialog-foot"><a class="button" href=${`/files/${job.path.split('/').map(encodeURIComponent).join('/')}`}><${Icon} name="layers" size=${18} /><span>${t('history.to_file')}</span></a><${PrintAgain} job=${job} /></p>` : null}
	<//>`;
}
