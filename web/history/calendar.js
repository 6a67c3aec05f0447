// SPDX-License-Identifier: MIT
// A month of jobs: what ended how on which day, and for how long was printed.

import { html } from '../html.js';
import { formatDuration } from '../format.js';
import { locale } from '../text.js';
import { t } from '../text/history/texts.js';
import { Icon } from '../parts/icon.js';
import { dayOf, groupBy, sum } from './jobs.js';

const DAYS_A_WEEK = 7;
const DOTS_MAX = 6;
/** A Monday. */
const SOME_MONDAY = new Date(2024, 0, 1);

/** 1 is Monday, 7 is Sunday. */
function firstWeekday() {
	const place = /** @type {any} */ (new Intl.Locale(locale.value));
	return (place.getWeekInfo?.() ?? place.weekInfo)?.firstDay ?? 1;
}

/** "2026-11" as its first day. @param {string} month */
export function monthStart(month) {
	const [year, number] = month.split('-').map(Number);
	return year && number ? new Date(year, number - 1, 1) : new Date(new Date().getFullYear(), new Date().getMonth(), 1);
}

/** @param {Date} date */
export const monthOf = (date) => dayOf(date).slice(0, 7);

/** @param {Date} start @param {number} by */
const moved = (start, by) => new Date(start.getFullYear(), start.getMonth() + by, 1);

/** The weeks of a month; null for days of another one. @param {Date} start @returns {(Date | null)[][]} */
function weeksOf(start) {
	const before = (start.getDay() + DAYS_A_WEEK - (firstWeekday() % DAYS_A_WEEK)) % DAYS_A_WEEK;
	const count = new Date(start.getFullYear(), start.getMonth() + 1, 0).getDate();
	const cells = [...Array(before).fill(null), ...Array.from({ length: count }, (_, day) => new Date(start.getFullYear(), start.getMonth(), day + 1))];
	const weeks = [];
	for (let at = 0; at < cells.length; at += DAYS_A_WEEK) {
		weeks.push([...cells.slice(at, at + DAYS_A_WEEK), ...Array(Math.max(0, at + DAYS_A_WEEK - cells.length)).fill(null)]);
	}
	return weeks;
}

/**
 * @param {{ month: string, day: string, jobs: import('./jobs.js').Job[], onMonth: (month: string) => void, onDay: (day: string) => void }} props
 */
export function Calendar({ month, day, jobs, onMonth, onDay }) {
	const start = monthStart(month);
	const title = new Intl.DateTimeFormat(locale.value, { month: 'long', year: 'numeric' }).format(start);
	const weekday = new Intl.DateTimeFormat(locale.value, { weekday: 'short' });
	const longWeekday = new Intl.DateTimeFormat(locale.value, { weekday: 'long' });
	const weekdays = Array.from({ length: DAYS_A_WEEK }, (_, at) => new Date(2024, 0, SOME_MONDAY.getDate() + ((firstWeekday() - 1 + at) % DAYS_A_WEEK)));
	const byDay = groupBy(
		jobs.filter((job) => job.begun_at),
		(job) => dayOf(new Date(job.begun_at ?? 0)),
	);
	return html`<section class="calendar sheet" aria-label=${title}>
		<div class="calendar-head">
			<button type="button" class="button-icon" aria-label=${t('history.month_before')} onClick=${() => onMonth(monthOf(moved(start, -1)))}><${Icon} name="left" /></button>
			<h2 aria-live="polite">${title}</h2>
			<button type="button" class="button-icon" aria-label=${t('history.month_after')} onClick=${() => onMonth(monthOf(moved(start, 1)))}><${Icon} name="chevron" /></button>
		</div>
		<table class="calendar-days">
			<thead>
				<tr>${weekdays.map((date) => html`<th scope="col"><span aria-hidden="true">${weekday.format(date)}</span><span class="unseen">${longWeekday.format(date)}</span></th>`)}</tr>
			</thead>
			<tbody>
				${weeksOf(start).map((week) => html`<tr>${week.map((date) => (date ? html`<${Day} date=${date} jobs=${byDay.get(dayOf(date)) ?? []} isChosen=${dayOf(date) === day} onDay=${onDay} />` : html`<td></td>`))}</tr>`)}
			</tbody>
		</table>
	</section>`;
}

/** @param {{ date: Date, jobs: import('./jobs.js').Job[], isChosen: boolean, onDay: (day: string) => void }} props */
function Day({ date, jobs, isChosen, onDay }) {
	const name = dayOf(date);
	const isToday = name === dayOf(new Date());
	if (!jobs.length) {
		return html`<td class=${isToday ? 'is-today' : ''}><span class="calendar-number">${date.getDate()}</span></td>`;
	}
	const total = sum(jobs);
	const label = `${new Intl.DateTimeFormat(locale.value, { dateStyle: 'long' }).format(date)}: ${t('history.jobs', { count: jobs.length })}, ${formatDuration(total.seconds)}`;
	return html`<td class=${isToday ? 'is-today' : ''}>
		<button type="button" class="calendar-day" aria-pressed=${isChosen} onClick=${() => onDay(isChosen ? '' : name)}>
			<span class="unseen">${label}</span>
			<span class="calendar-number" aria-hidden="true">${date.getDate()}</span>
			<span class="calendar-dots" aria-hidden="true">${jobs.slice(0, DOTS_MAX).map((job) => html`<span class=${`dot dot-${job.outcome}`}></span>`)}${jobs.length > DOTS_MAX ? html`<span class="calendar-more">+${jobs.length - DOTS_MAX}</span>` : null}</span>
			<span class="calendar-hours" aria-hidden="true">${formatDuration(total.seconds)}</span>
		</button>
	</td>`;
}
