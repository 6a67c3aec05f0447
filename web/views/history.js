// SPDX-License-Identifier: MIT
// What was printed: sums, a table and a calendar, and files of it for other programs.

import { html, useEffect, useSignal } from '../html.js';
import { formatDuration, formatPercent, formatWhole, NOTHING } from '../format.js';
import { Calendar, monthOf, monthStart } from '../history/calendar.js';
import { dayOf, group, loadCsv, loadJobs, loadMaterials, sum, successOf, withFiles } from '../history/jobs.js';
import { filamentText, JobDialog, JobTable } from '../history/table.js';
import { everyPrinter, onMessage, returns } from '../live.js';
import { nameOf } from '../condition.js';
import { dialog, navigateQuery, query } from '../router.js';
import { saveFile } from '../save.js';
import { t } from '../text/history/texts.js';
import { Icon } from '../parts/icon.js';

/** @typedef {import('../history/jobs.js').Job} Job */
/** @typedef {import('../history/jobs.js').Wanted} Wanted */

const PERIODS = ['7', '30', '90', '365', 'all'];
const PERIOD = '30';
const AGAIN_MS = 1000; // after something ended: the gateway writes it down meanwhile

/** What the address asks for. @returns {Wanted & { view: string, days: string, month: string, day: string }} */
function wantedNow() {
	const words = query.value;
	const printer = words.get('printer') ?? '';
	const view = words.get('view') === 'calendar' ? 'calendar' : 'table';
	const days = PERIODS.includes(words.get('days') ?? '') ? (words.get('days') ?? PERIOD) : PERIOD;
	const month = words.get('month') ?? monthOf(new Date());
	const day = words.get('day') ?? '';
	if (view === 'table') {
		return { printer, view, days, month, day, since: days === 'all' ? '' : `${days}d`, until: '' };
	}
	const start = monthStart(month);
	return { printer, view, days, month, day, since: start.toISOString().slice(0, 19).concat('Z'), until: new Date(start.getFullYear(), start.getMonth() + 1, 1).toISOString().slice(0, 19).concat('Z') };
}

/** The jobs of the address, and again when one ends, or the gateway is back. */
function useJobs(/** @type {Wanted} */ wanted) {
	const jobs = useSignal(/** @type {Job[] | null} */ (null));
	const problem = useSignal('');
	useEffect(() => {
		let isOver = false;
		let timer = 0;
		const load = async () => {
			const [answer, materials] = await Promise.all([loadJobs(wanted), loadMaterials()]);
			if (!isOver) {
				jobs.value = withFiles(answer.jobs, materials);
				problem.value = !answer.problem ? '' : answer.problem.status === 0 ? t('connection.lost') : answer.problem.detail;
			}
		};
		const stop = onMessage((message) => {
			if (message.type === 'event' && String(message.event.event).startsWith('job_')) {
				clearTimeout(timer);
				timer = setTimeout(load, AGAIN_MS);
			}
		});
		load();
		return () => {
			isOver = true;
			clearTimeout(timer);
			stop();
		};
	}, [wanted.printer, wanted.since, wanted.until, returns.value]);
	return { jobs, problem };
}

function History() {
	const wanted = wantedNow();
	const { jobs, problem } = useJobs(wanted);
	const all = jobs.value ?? [];
	const shown = wanted.view === 'calendar' && wanted.day ? all.filter((job) => job.begun_at && dayOf(new Date(job.begun_at)) === wanted.day) : all;
	return html`<div class="view history" aria-busy=${jobs.value === null}>
		<${Head} wanted=${wanted} jobs=${all} shown=${shown} />
		${problem.value ? html`<p class="notice notice-bad" role="alert">${problem.value}</p>` : null}
		<${Sums} jobs=${shown} isKnown=${jobs.value !== null} />
		${wanted.view === 'calendar'
			? html`<${Calendar} month=${wanted.month} day=${wanted.day} jobs=${all} onMonth=${(/** @type {string} */ month) => navigateQuery({ month, day: null }, { replace: true })} onDay=${(/** @type {string} */ day) => navigateQuery({ day }, { replace: true })} />`
			: null}
		${jobs.value !== null && !shown.length && !problem.value ? html`<p class="nothing quiet" role="status">${t('history.none')}</p>` : null}
		${shown.length ? html`<${Groups} jobs=${shown} /><${JobTable} key=${wanted.view + wanted.day + wanted.days + wanted.printer} jobs=${shown} />` : null}
		${dialog.value.startsWith('job:') && jobs.value ? html`<${JobDialog} job=${all.find((job) => job.id === Number(dialog.value.slice('job:'.length))) ?? null} />` : null}
	</div>`;
}

/** @param {{ wanted: ReturnType<typeof wantedNow>, jobs: Job[], shown: Job[] }} props */
function Head({ wanted, jobs, shown }) {
	const fault = useSignal('');
	const name = `flagship-${dayOf(new Date())}`;
	async function saveCsv() {
		const text = await loadCsv(wanted, jobs, shown);
		fault.value = text ? '' : t('history.not_exported');
		if (text) {
			saveFile(`${name}.csv`, 'text/csv', text);
		}
	}
	return html`<header class="view-head">
		<h1>${t('history.title')}</h1>
		<div class="filters" role="group" aria-label=${t('history.view')}>
			${['table', 'calendar'].map((one) => html`<button type="button" class="filter" aria-pressed=${wanted.view === one} onClick=${() => navigateQuery({ view: one === 'table' ? null : one, day: null })}>${t(`history.view_${one}`)}</button>`)}
		</div>
		<div class="tools">
			<label class="tool-select"><span class="unseen">${t('history.printer')}</span><${Icon} name="printer" size=${18} />
				<select onChange=${(/** @type {any} */ event) => navigateQuery({ printer: event.target.value || null }, { replace: true })}>
					<option value="" selected=${!wanted.printer}>${t('history.all_printers')}</option>
					${everyPrinter.value.map((printer) => html`<option value=${printer.serial} selected=${wanted.printer === printer.serial}>${nameOf(printer)}</option>`)}
				</select>
			</label>
			${wanted.view === 'table'
				? html`<label class="tool-select"><span class="unseen">${t('history.period')}</span><${Icon} name="clock" size=${18} />
						<select onChange=${(/** @type {any} */ event) => navigateQuery({ days: event.target.value === PERIOD ? null : event.target.value }, { replace: true })}>
							${PERIODS.map((one) => html`<option value=${one} selected=${wanted.days === one}>${t(`history.days_${one}`)}</option>`)}
						</select>
					</label>`
				: null}
			<a class="button" href=${wanted.printer ? `/timelapses?printer=${encodeURIComponent(wanted.printer)}` : '/timelapses'}><${Icon} name="camera" size=${18} /><span>${t('timelapse.title')}</span></a>
			<button type="button" class="button" disabled=${!shown.length} onClick=${saveCsv}><${Icon} name="download" size=${18} /><span>CSV</span></button>
			<button type="button" class="button" disabled=${!shown.length} onClick=${() => saveFile(`${name}.json`, 'application/json', JSON.stringify(shown, null, '\t'))}><${Icon} name="download" size=${18} /><span>JSON</span></button>
		</div>
		<p class="fault" role="alert">${fault}</p>
	</header>`;
}

/** @param {{ jobs: Job[], isKnown: boolean }} props */
function Sums({ jobs, isKnown }) {
	const total = sum(jobs);
	/** @type {[string, string, string][]} */
	const tiles = [
		['history.sum_jobs', formatWhole(total.jobs), total.going_on ? t('history.of_which_going_on', { number: total.going_on }) : ''],
		['history.sum_success', formatPercent(successOf(total)), t('history.of_which_bad', { failed: total.failed, cancelled: total.cancelled })],
		['history.sum_time', total.seconds ? formatDuration(total.seconds) : NOTHING, ''],
		['history.sum_filament', filamentText(total), ''],
	];
	return html`<dl class="tiles">
		${tiles.map(([label, value, more]) => html`<div class="tile"><dt>${t(label)}</dt><dd class="tile-value">${isKnown ? value : NOTHING}</dd><dd class=${isKnown ? 'tile-more quiet' : 'tile-more is-awaited'}>${more || '\u00a0'}</dd></div>`)}
	</dl>`;
}

/** @param {{ jobs: Job[] }} props */
function Groups({ jobs }) {
	const printers = group(jobs, (job) => job.printer);
	const materials = group(jobs, (job) => job.material ?? '');
	return html`<div class="pair">
		<${GroupTable} title=${t('history.by_printer')} head=${t('history.printer')} groups=${printers} nameOfGroup=${(/** @type {typeof printers[0]} */ one) => one.first.printer_name || one.key} />
		<${GroupTable} title=${t('history.by_material')} head=${t('history.material')} groups=${materials} nameOfGroup=${(/** @type {typeof printers[0]} */ one) => one.key || t('history.no_material')} />
	</div>`;
}

/** @param {{ title: string, head: string, groups: ReturnType<typeof group>, nameOfGroup: (one: any) => string }} props */
function GroupTable({ title, head, groups, nameOfGroup }) {
	return html`<section class="sheet grid-room">
		<h2 class="sheet-title">${title}</h2>
		<table class="grid">
			<thead>
				<tr>
					<th scope="col">${head}</th>
					<th scope="col" class="number">${t('history.sum_jobs')}</th>
					<th scope="col" class="number">${t('history.success')}</th>
					<th scope="col" class="number">${t('history.time')}</th>
					<th scope="col" class="number wide">${t('history.filament')}</th>
				</tr>
			</thead>
			<tbody>
				${groups.map((one) => html`<tr key=${one.key}><th scope="row" class="name">${nameOfGroup(one)}</th><td class="number">${formatWhole(one.total.jobs)}</td><td class="number">${formatPercent(successOf(one.total))}</td><td class="number">${formatDuration(one.total.seconds)}</td><td class="number wide">${filamentText(one.total)}</td></tr>`)}
			</tbody>
		</table>
	</section>`;
}

export { History as view };
