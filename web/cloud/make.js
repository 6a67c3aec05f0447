// SPDX-License-Identifier: MIT
// The cloud is made, and has an account that its printers belong to.

import { html, useSignal } from '../html.js';
import { post } from '../api.js';
import { Copied } from '../manage/copied.js';
import { RemoteWay } from '../manage/remote.js';
import { Came, Section, useAsked, useDoing } from '../manage/asked.js';
import { Field } from '../parts/field.js';
import { t } from '../text/cloud/texts.js';
import { isLoopback } from './state.js';

const LOOPBACK = '127.0.0.1';
const MQTT_PORT = 8789;
const API_PORT = 8443;

/** @typedef {{ cloud: import('./state.js').Cloud, load: () => Promise<void> }} Props */

/** @param {string} text */
const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** @param {Props} props */
export function Make({ cloud, load }) {
	const changes = useSignal(false);
	const status = cloud.status;
	return html`<${Section} title=${t('cloud.make')} help=${t('cloud.make_help')}>
		${status
			? html`<div class="sheet way">
					<p class="good">${t('cloud.made')}</p>
					<dl class="cloud-facts">
						<dt>${t('cloud.folder')}</dt><dd><code>${status.folder}</code></dd>
						<dt>${t('cloud.listens')}</dt><dd><code>${status.bind.join(' ')}</code></dd>
						<dt>${t('cloud.ports')}</dt><dd><code>${status.mqtt_port}, ${status.api_port}</code></dd>
					</dl>
					${status.ca_sha256 ? html`<${Copied} label=${t('cloud.ca')} text=${status.ca_sha256} /><p class="quiet">${t('cloud.ca_help')}</p>` : null}
					${isLoopback(status.bind) ? html`<p class="advice">${t('cloud.only_here')}</p>` : null}
				</div>
				${changes.value ? null : html`<p class="buttons cloud-next"><button type="button" class="button" onClick=${() => (changes.value = true)}>${t('cloud.change')}</button></p>`}`
			: null}
		${!status || changes.value ? html`<${MakeForm} cloud=${cloud} onDone=${() => load().then(() => (changes.value = false))} />` : null}
	<//>`;
}

/** @param {{ cloud: import('./state.js').Cloud, onDone: () => void }} props */
function MakeForm({ cloud, onDone }) {
	const status = cloud.status;
	const address = useSignal(status?.bind.join(' ') ?? cloud.address ?? LOOPBACK);
	const hosts = useSignal(status?.hosts.join(' ') ?? '');
	const mqttPort = useSignal(String(status?.mqtt_port ?? MQTT_PORT));
	const apiPort = useSignal(String(status?.api_port ?? API_PORT));
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const names = words(hosts.peek());
		const body = { bind: words(address.peek()), mqtt_port: Number(mqttPort.peek()), api_port: Number(apiPort.peek()), ...(names.length ? { hosts: names } : {}) };
		if ((await doing.run(() => post('/cloud', body))).ok) {
			onDone();
		}
	}
	return html`<form class="form sheet way narrow-form" onSubmit=${submit}>
		<${Field} label=${t('cloud.address')} value=${address} help=${t('cloud.address_help')} autocomplete="off" required />
		<${Field} label=${t('cloud.hosts')} value=${hosts} help=${t('cloud.hosts_help')} autocomplete="off" />
		<div class="buttons">
			<${Field} label=${t('cloud.mqtt_port')} value=${mqttPort} type="number" min="1" max="65535" required />
			<${Field} label=${t('cloud.api_port')} value=${apiPort} type="number" min="1" max="65535" required />
		</div>
		<p class="quiet">${t('cloud.in_folder')} <code>${cloud.folder}</code></p>
		<${Came} doing=${doing} />
		<p class="buttons"><button class="button button-main" disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : status ? 'cloud.change' : 'cloud.make_it')}</button></p>
	</form>`;
}

/** @param {Props} props */
export function MakeAccount({ cloud, load }) {
	const accounts = useAsked('/accounts');
	const known = (accounts.data.value ?? []).filter((/** @type {any} */ account) => !account.local);
	if (!cloud.status) {
		return null;
	}
	return html`<${Section} title=${t('cloud.account')} help=${t('cloud.account_help')}>
		${cloud.status.accounts.length ? html`<ul class="rows">${cloud.status.accounts.map((email) => html`<li class="entry sheet"><p class="row-title name">${email}</p></li>`)}</ul>` : null}
		<div class="pair settings-ways">
			${known.length ? html`<${Adopt} known=${known} load=${load} />` : null}
			<${AccountForm} load=${load} />
			<${RemoteWay} onDone=${accounts.load} />
		</div>
	<//>`;
}

/** @param {{ known: { printers: number }[], load: () => Promise<void> }} props */
function Adopt({ known, load }) {
	const doing = useDoing();
	const count = known.reduce((sum, account) => sum + account.printers, 0);
	const adopt = async () => (await doing.run(() => post('/cloud/adopt', {}), t('cloud.adopted'))).ok && load();
	return html`<section class="sheet way">
		<h3>${t('cloud.adopt')}</h3>
		<p class="quiet">${t('cloud.adopt_help', { count })}</p>
		<${Came} doing=${doing} />
		<p class="buttons"><button type="button" class="button button-main" disabled=${doing.busy} onClick=${adopt}>${t(doing.busy.value ? 'manage.waiting' : 'cloud.adopt_it')}</button></p>
	</section>`;
}

/** @param {{ load: () => Promise<void> }} props */
function AccountForm({ load }) {
	const email = useSignal('');
	const password = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		if ((await doing.run(() => post('/cloud/accounts', { email: email.peek().trim(), password: password.peek() }), t('cloud.account_added'))).ok) {
			email.value = '';
			password.value = '';
			load();
		}
	}
	return html`<form class="form sheet way" onSubmit=${submit}>
		<h3>${t('cloud.new_account')}</h3>
		<p class="quiet">${t('cloud.new_account_help')}</p>
		<${Field} label=${t('manage.email')} value=${email} type="email" autocomplete="off" required />
		<${Field} label=${t('login.password')} value=${password} type="password" autocomplete="new-password" required />
		<${Came} doing=${doing} />
		<p class="buttons"><button class="button button-main" disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : 'cloud.add_account')}</button></p>
	</form>`;
}
