// SPDX-License-Identifier: MIT
// Who is logged in at the cloud's API: slicers, gateways, programs; each can be ended.

import { html } from '../html.js';
import { ask, part } from '../api.js';
import { formatDate } from '../format.js';
import { dialog, openDialog } from '../router.js';
import { Came, Section, useAsked, useDoing } from '../manage/asked.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';
import { EndDialog } from './kept.js';

const EVERY_MS = 10000;

/** @typedef {{ id: string, account: string | null, client: string | null, created_at: string | null, used_at: string | null, expires_at: string | null }} Token */

export function Sessions() {
	const asked = useAsked('/cloud/tokens', EVERY_MS);
	const tokens = /** @type {Token[]} */ (asked.data.value ?? []);
	const accounts = [...new Set(tokens.map((token) => token.account).filter((email) => email !== null))];
	const [kind, ...rest] = dialog.value.split(':');
	const chosen = rest.join(':');
	return html`<${Section} title=${t('cloud.sessions')} help=${t('cloud.sessions_help')}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			${asked.data.value || asked.fault.value ? null : html`<div class="loading" aria-busy="true"></div>`}
			${accounts.map((email) => {
				const own = tokens.filter((token) => token.account === email);
				return html`<section key=${email} class="cloud-group">
					<header class="settings-head"><h3 class="name">${email}</h3>${own.length > 1 ? html`<button type="button" class="button button-small" aria-label=${t('cloud.end_all_of', { name: email })} onClick=${() => openDialog(`unsession:${email}`)}>${t('cloud.end_all')}</button>` : null}</header>
					<ul class="rows">${own.map((token) => html`<${Row} key=${token.id} token=${token} onDone=${asked.load} />`)}</ul>
				</section>`;
			})}
			${asked.data.value && !tokens.length ? html`<p class="quiet nothing sheet">${t('cloud.no_sessions')}</p>` : null}
		<//>
		${kind === 'unsession' && accounts.includes(chosen)
			? html`<${EndDialog} title=${t('cloud.end_all_of', { name: chosen })} lost=${[t('cloud.lost_sessions', { count: tokens.filter((token) => token.account === chosen).length })]} label=${t('cloud.end_all')} path=${`/cloud/tokens/${part(chosen)}`} onDone=${asked.load} />`
			: null}`;
}

/** @param {{ token: Token, onDone: () => void }} props */
function Row({ token, onDone }) {
	const doing = useDoing();
	const end = async () => (await doing.run(() => ask('DELETE', `/cloud/tokens/${part(token.id)}`))).ok && onDone();
	const name = token.client || token.id;
	return html`<li class="entry sheet">
		<${Icon} name="key" size=${22} />
		<div class="row-main">
			<p class="row-title name">${name}</p>
			<p class="quiet">${[token.created_at && t('manage.since', { time: formatDate(token.created_at) }), token.used_at && t('cloud.used', { time: formatDate(token.used_at) }), token.expires_at && t('cloud.expires', { time: formatDate(token.expires_at) })].filter(Boolean).join(' · ')}</p>
			<${Came} doing=${doing} />
		</div>
		<button type="button" class="button" disabled=${doing.busy} aria-label=${t('cloud.end_of', { name })} onClick=${end}>${t('cloud.end')}</button>
	</li>`;
}
