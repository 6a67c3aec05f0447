// SPDX-License-Identifier: MIT
// Numbers and times as the reader's place writes them.

import { computed, signal } from './html.js';
import { locale, t } from './text.js';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86400;
const HOURS_A_DAY = 24;
const PLAIN_MAX = 1000; // from here on thousands are set apart
export const NOTHING = '–';

/** Whether the first view is on the screen. What writes times and large numbers takes a browser longer to load than ten cards: they come behind it. */
export const isSettled = signal(false);

/** @param {Intl.NumberFormatOptions} options */
const numbers = (options) => computed(() => new Intl.NumberFormat(locale.value, options));
/** @param {Intl.DateTimeFormatOptions} options */
const times = (options) => computed(() => new Intl.DateTimeFormat(locale.value, options));

const whole = numbers({ maximumFractionDigits: 0 });
const clock = times({ hour: 'numeric', minute: '2-digit' });
const weekday = times({ weekday: 'short', hour: 'numeric', minute: '2-digit' });
const dates = times({ dateStyle: 'medium', timeStyle: 'short' });
const days = times({ dateStyle: 'medium' });

/** @param {number | null | undefined} value */
export const formatWhole = (value) => (value === null || value === undefined ? NOTHING : Number.isInteger(value) && Math.abs(value) < PLAIN_MAX ? String(value) : whole.value.format(value));

/** @param {number | null | undefined} value @param {number} [digits] */
export function formatNumber(value, digits = 1) {
	return value === null || value === undefined ? NOTHING : new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);
}

/** As it may stand in a sentence. @param {number} value */
export const formatBare = (value) => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 3, useGrouping: false }).format(value);

/** Of 100. @param {number | null | undefined} value */
export const formatPercent = (value) => (value === null || value === undefined ? NOTHING : t('number.percent', { value: Math.floor(value) }));

/** @param {number | null | undefined} celsius */
export const formatCelsius = (celsius) => (celsius === null || celsius === undefined ? NOTHING : `${formatWhole(Math.round(celsius))} °C`);

/** A length of time in its two largest units. @param {number | null | undefined} seconds */
export function formatDuration(seconds) {
	if (seconds === null || seconds === undefined) {
		return NOTHING;
	}
	const total = Math.max(0, Math.round(seconds));
	if (total < MINUTE_S) {
		return t('time.s', { s: total });
	}
	if (total < HOUR_S) {
		return t('time.min', { min: Math.round(total / MINUTE_S) });
	}
	const minutes = Math.round(total / MINUTE_S);
	if (total < DAY_S) {
		return t('time.h_min', { h: Math.floor(minutes / 60), min: String(minutes % 60).padStart(2, '0') });
	}
	const hours = Math.round(total / HOUR_S);
	return t('time.d_h', { d: Math.floor(hours / HOURS_A_DAY), h: hours % HOURS_A_DAY });
}

/** The time of day, with its weekday where that is another one. @param {string | number | null | undefined} time */
export function formatClock(time) {
	if (time === null || time === undefined || !isSettled.value) {
		return NOTHING;
	}
	const date = new Date(time);
	return (date.toDateString() === new Date().toDateString() ? clock : weekday).value.format(date);
}

/** @param {string | number | null | undefined} time */
export const formatDate = (time) => (time === null || time === undefined ? NOTHING : dates.value.format(new Date(time)));

/** @param {string | null | undefined} time */
const formatDay = (time) => (time ? days.value.format(new Date(time)) : NOTHING);

/** Of today the time, of other days the day. @param {string | null | undefined} time */
export const formatBriefly = (time) => (time && new Date(time).toDateString() === new Date().toDateString() ? formatClock(time) : formatDay(time));

/** @param {number | null | undefined} bytes */
export function formatBytes(bytes) {
	if (bytes === null || bytes === undefined) {
		return NOTHING;
	}
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
	const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
	return new Intl.NumberFormat(locale.value, { style: 'unit', unit: units[at], unitDisplay: 'short', maximumFractionDigits: at > 1 ? 1 : 0 }).format(bytes / 1000 ** at);
}
