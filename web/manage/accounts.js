// SPDX-License-Identifier: MIT
// Accounts bring the printers: logged in to, taken over from another program's file, or of a cloud on this machine.

import { html, useSignal } from '../html.js';
import { ask, part, post } from '../api.js';
import { formatDate } from '../format.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { Said } from '../sentences.js';
import { t } from '../text/manage/texts.js';
import { Came, faultOf, Section, useAsked, useDoing } from './asked.js';
import { DropField, DropSheet } from './drop.js';
import { ForgetPrinters } from './printers.js';
import { RemoteWay } from './remote.js';

/**
 * @typedef {{ id: string, name: string | null, email: string | null, region: string, api: string | null, source: string | null, login: string, login_expires_at: string | null,
 *   connected: boolean, local: boolean, printers: number, refreshed_at: string | null, refresh_problem: string | null }} Account refresh_problem: in the gateway's words: see sentences.js
 */

const REGIONS = ['auto', 'us', 'eu'];
const CONFLICT = 409;
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const EVERY_MS = 5000;
const FILE_MAX = 1 << 20;

export function Accounts() {
	const asked = useAsked('/accounts', EVERY_MS);
	const accounts = /** @type {Account[]} */ (asked.data.value ?? []);
	const [kind, id] = dialog.value.split(':');
	const chosen = accounts.find((account) => account.id === id);
	if (asked.data.value === null && !asked.fault.value) {
		return html`<${Section} title=${t('manage.accounts')} help=${t('manage.accounts_help')}><div class="loading" aria-busy="true"></div><//>`;
	}
	return html`<${Section} title=${t('manage.accounts')} help=${t('manage.accounts_help')}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			<ul class="rows">${accounts.map((account) => html`<${Row} key=${account.id} account=${account} />`)}</ul>
			${asked.data.value && !accounts.length ? html`<p class="quiet nothing sheet">${t('manage.no_accounts')}</p>` : null}
		<//>
		<div class="pair settings-ways">
			<${LoginWay} onDone=${asked.load} />
			<${FileWay} onDone=${asked.load} />
			<${RemoteWay} onDone=${asked.load} />
		</div>
		<${Section} title=${t('manage.local')} help=${t(accounts.some((account) => account.local) ? 'manage.local_found' : 'manage.cloud_make_help')}><p class="buttons"><a class="button" href="/cloud">${t(accounts.some((account) => account.local) ? 'manage.cloud_go' : 'manage.cloud_make')}</a></p><//>
		<${ForgetPrinters} />
		${kind === 'forget' && chosen ? html`<${ForgetDialog} account=${chosen} onDone=${asked.load} />` : null}`;
}

/** @param {{ account: Account }} props */
function Row({ account }) {
	const title = account.name || account.email || account.id;
	const states = [
		account.connected ? ['good', t('manage.connected')] : ['bad', t('manage.not_connected')],
		account.login === 'expired' ? ['warn', t('manage.login_expired')] : null,
		account.local ? ['quiet', t('manage.is_local')] : null,
	].filter((state) => state !== null);
	return html`<li class="entry sheet">
		<${Icon} name="account" size=${22} />
		<div class="row-main">
			<p class="row-title name">${title}</p>
			<p class="quiet">${account.email && account.email !== title ? html`<span class="name">${account.email}</span> · ` : null}${account.region.toUpperCase()} · ${t('manage.printers', { count: account.printers })}</p>
			<p>${states.map(([colour, text]) => html`<span class=${`badge badge-${colour}`}>${text}</span>`)}</p>
			${account.refreshed_at ? html`<p class="quiet">${t('manage.refreshed', { time: formatDate(account.refreshed_at) })}</p>` : null}
			${account.refresh_problem ? html`<p class="fault"><${Said} of=${account} name="refresh_problem" /></p>` : null}
		</div>
		${account.local ? null : html`<button type="button" class="button" onClick=${() => openDialog(`forget:${account.id}`)}><${Icon} name="remove" size=${18} /><span>${t('manage.forget')}</span></button>`}
	</li>`;
}

/** @param {{ account: Account, onDone: () => void }} props */
function ForgetDialog({ account, onDone }) {
	const doing = useDoing();
	const isLost = useSignal(false);
	async function forget() {
		const answer = await doing.run(() => ask('DELETE', `/accounts/${part(account.id)}${isLost.peek() ? '?force=true' : ''}`));
		isLost.value = answer.status === CONFLICT;
		if (answer.ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${t('manage.forget_of', { name: account.name || account.email || account.id })}>
		<p>${t('manage.forget_help', { count: account.printers })}</p>
		<${Came} doing=${doing} />
		<div class="dialog-foot"><button type="button" class="button button-bad" disabled=${doing.busy} onClick=${forget}>${t(isLost.value ? 'manage.forget_force' : 'manage.forget')}</button><button type="button" class="button" onClick=${closeDialog}>${t('manage.keep')}</button></div>
	<//>`;
}

/** What the service wants of a person. @param {any} problem */
const wantsOf = (problem) => (problem?.login && ['captcha', 'second_factor'].includes(problem.kind) ? problem : null);

/** @param {{ onDone: () => void }} props */
function LoginWay({ onDone }) {
	const email = useSignal('');
	const password = useSignal('');
	const region = useSignal('auto');
	const answer = useSignal('');
	const wanted = useSignal(/** @type {any} */ (null));
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const asks = wanted.peek();
		const came = await doing.run(
			() => (asks ? post(`/accounts/login/${part(asks.login)}`, { answer: answer.peek().trim() }) : post('/accounts/login', { email: email.peek().trim(), password: password.peek(), region: region.peek() })),
			t('manage.logged_in'),
		);
		wanted.value = came.status === CONFLICT ? wantsOf(came.data) : null;
		answer.value = '';
		if (wanted.value) {
			doing.fault.value = '';
		} else if (came.ok) {
			password.value = '';
			email.value = '';
			onDone();
		}
	}
	return html`<form class="form sheet way" onSubmit=${submit}>
		<h3>${t('manage.way_login')}</h3>
		<p class="quiet">${t('manage.way_login_help')}</p>
		${wanted.value
			? html`<${Wanted} problem=${wanted.value} answer=${answer} />`
			: html`<${Field} label=${t('manage.email')} value=${email} type="email" autocomplete="off" required />
					<${Field} label=${t('login.password')} value=${password} type="password" autocomplete="off" required />
					<label class="field"><span class="field-label">${t('manage.region')}</span>
						<select onChange=${(/** @type {any} */ event) => (region.value = event.target.value)}>${REGIONS.map((one) => html`<option value=${one} selected=${region.value === one}>${t(`manage.region_${one}`)}</option>`)}</select>
					</label>`}
		<${Came} doing=${doing} />
		<p class="buttons">
			<button class="button button-main" disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : wanted.value ? 'manage.go_on' : 'login.submit')}</button>
			${wanted.value ? html`<button type="button" class="button" onClick=${() => (wanted.value = null)}>${t('manage.from_anew')}</button>` : null}
		</p>
	</form>`;
}

/** @param {{ problem: any, answer: import('@preact/signals').Signal<string> }} props */
function Wanted({ problem, answer }) {
	if (problem.kind === 'captcha') {
		const isPicture = PICTURES.includes(problem.captcha.media_type);
		return html`${isPicture ? html`<img class="captcha" src=${`data:${problem.captcha.media_type};base64,${problem.captcha.data}`} alt=${t('manage.captcha_picture')} />` : html`<p class="fault">${t('manage.captcha_unknown')}</p>`}
			<${Field} label=${t('manage.captcha')} value=${answer} autocomplete="off" required autofocus />`;
	}
	const { reason, sent_to: place } = problem.second_factor;
	return html`<p role="status">${t(`manage.factor_${reason}`, { place })}</p><${Field} label=${t('manage.factor')} value=${answer} autocomplete="one-time-code" inputmode="numeric" required autofocus />`;
}

/** @param {{ onDone: () => void }} props */
function FileWay({ onDone }) {
	const doing = useDoing();
	/** @param {File} file */
	async function take(file) {
		if (file.size > FILE_MAX) {
			doing.fault.value = t('manage.file_too_large');
			return;
		}
		const text = await file.text();
		const came = await doing.run(() => post('/accounts', { file: text }), t('manage.taken_over'));
		doing.fault.value = faultOf(came);
		if (came.ok) {
			onDone();
		}
	}
	return html`<${DropSheet} onFile=${take}>
		<h3>${t('manage.way_file')}</h3>
		<p class="quiet">${t('manage.way_file_help')}</p>
		<${DropField} text=${t(doing.busy.value ? 'manage.waiting' : 'manage.drop_file')} accept=".json,application/json" onFile=${take} />
		<${Came} doing=${doing} />
	<//>`;
}
