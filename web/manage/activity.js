// SPDX-License-Identifier: MIT
// What was changed last by anybody, of whatever program: uploads, accounts, users, keys, settings, queue, time-lapses, cameras. For admins.

import { html } from '../html.js';
import { formatClock, formatDate } from '../format.js';
import { t } from '../text/manage/texts.js';
import { useAsked } from './asked.js';

const EVERY_MS = 2000;
const REFUSED = 400;
const DAY_MS = 86400000;
const SHOWN = 40;

/** @typedef {{ at: string, method: string, path: string, user: string | null, address: string, status: number }} Change */

/** Method and path, and what that is in words; the first one that fits. @type {[RegExp, string][]} */
const KINDS = [
	[/^PUT .*\/files\/(.*)$/, 'uploaded'],
	[/^POST \/api\/v1\/files\/(.*)$/, 'moved'],
	[/^POST .*\/files(?:\/.*)?$/, 'uploaded'],
	[/^DELETE .*\/files\/(.*)$/, 'deleted'],
	[/^DELETE \/api\/v1\/accounts\/(.*)$/, 'account_removed'],
	[/^POST \/api\/v1\/accounts(?:\/login.*)?$/, 'account_added'],
	[/^POST \/api\/v1\/users$/, 'user_added'],
	[/^PATCH \/api\/v1\/users\/(.*)$/, 'user_changed'],
	[/^DELETE \/api\/v1\/users\/(.*)$/, 'user_removed'],
	[/^POST \/api\/v1\/keys$/, 'key_added'],
	[/^DELETE \/api\/v1\/keys\//, 'key_removed'],
	[/^POST \/api\/v1\/app-keys\//, 'key_decided'],
	[/^PATCH \/api\/v1\/settings$/, 'settings_changed'],
	[/^GET \/api\/v1\/backup$/, 'backed_up'],
	[/^POST \/api\/v1\/restore$/, 'restored'],
	[/^DELETE \/api\/v1\/timelapses\/(.*)$/, 'film_deleted'],
	[/^PATCH \/api\/v1\/(?:printers\/(.*)\/)?timelapse$/, 'filming_changed'],
	[/^PUT \/api\/v1\/printers\/(.*)\/camera$/, 'camera_changed'],
	[/^POST \/api\/v1\/cloud\/?(.*)$/, 'cloud_changed'],
	[/\/queue/, 'queue_changed'],
];

/** @param {Change} change */
function textOf(change) {
	const request = `${change.method} ${change.path}`;
	for (const [pattern, kind] of KINDS) {
		const found = pattern.exec(request);
		if (found) {
			return { text: t(`changed.${kind}`), subject: found[1] ?? '' };
		}
	}
	return { text: request, subject: '' };
}

/** @param {string} at */
const timeOf = (at) => (Date.now() - Date.parse(at) < DAY_MS ? formatClock(Date.parse(at)) : formatDate(Date.parse(at)));

export function Changes() {
	const asked = useAsked('/activity', EVERY_MS);
	const changes = /** @type {Change[]} */ (asked.data.value ?? []).slice(0, SHOWN);
	return html`<section class="changes">
		<h3>${t('changed.title')}</h3>
		${changes.length
			? html`<ol class="activity">${changes.map((change) => {
					const { text, subject } = textOf(change);
					return html`<li>
						<p class="activity-head"><span>${text} <span class="name">${subject}</span></span> <time>${timeOf(change.at)}</time></p>
						<p class="quiet"><span class="name">${change.user ?? t('changed.somebody')}</span> · ${change.address}${change.status >= REFUSED ? html` · <strong>${t('changed.refused')} (${change.status})</strong>` : null}</p>
					</li>`;
				})}</ol>`
			: html`<p class="quiet">${t('changed.none')}</p>`}
	</section>`;
}
