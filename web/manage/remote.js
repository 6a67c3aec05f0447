// SPDX-License-Identifier: MIT
// An account of a flagship cloud on another machine: who answers there is looked at and compared before anything is trusted.

import { html, useSignal } from '../html.js';
import { post } from '../api.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { Said } from '../sentences.js';
import { t } from '../text/manage/texts.js';
import { Came, useDoing } from './asked.js';
import { DropField, DropSheet } from './drop.js';

const CA_MAX = 8191;
const API_PORT = 8443;

/** "server.lan" is its API at the port that a cloud has unless told otherwise. @param {string} text */
function apiOf(text) {
	const place = text.trim().replace(/^https:\/\//i, '').replace(/\/+$/, '');
	return `https://${place}${/:\d+$/.test(place) ? '' : `:${API_PORT}`}`;
}

/** @param {{ onDone: () => void }} props */
export function RemoteWay({ onDone }) {
	const address = useSignal('');
	const authority = useSignal('');
	const found = useSignal(/** @type {any} */ (null));
	const isSame = useSignal(false);
	const doing = useDoing();
	const restart = () => {
		found.value = null;
		isSame.value = false;
	};
	/** @param {File} file */
	async function take(file) {
		authority.value = file.size > CA_MAX ? '' : await file.text();
		doing.fault.value = file.size > CA_MAX ? t('manage.remote_ca_long') : '';
		restart();
	}
	/** @param {Event} event */
	async function look(event) {
		event.preventDefault();
		restart();
		const pem = authority.peek().trim();
		const came = await doing.run(() => post('/accounts/look', { api: apiOf(address.peek()), ...(pem ? { ca_pem: `${pem}\n` } : {}) }));
		found.value = came.ok ? came.data : null;
	}
	return html`<${DropSheet} class="remote" onFile=${take}>
		<h3>${t('manage.way_remote')}</h3>
		<p class="quiet">${t('manage.way_remote_help')}</p>
		<form class="form" onSubmit=${look} onInput=${restart}>
			<${Field} label=${t('manage.remote_api')} value=${address} help=${t('manage.remote_api_help')} autocomplete="off" inputmode="url" required />
			<${Lines} label=${t('manage.remote_ca')} value=${authority} help=${t('manage.remote_ca_help')} />
			<${DropField} text=${t('manage.remote_drop')} accept=".pem,.crt,.cer,application/x-pem-file" onFile=${take} />
			<${Came} doing=${doing} />
			<p class="buttons"><button class=${`button ${found.value ? '' : 'button-main'}`} disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : 'manage.remote_look')}</button></p>
		</form>
		${found.value ? html`<${Found} found=${found.value} isSame=${isSame} />` : null}
		${found.value?.found === 'cloud' && isSame.value ? html`<${Login} api=${found.value.api} authority=${authority} onDone=${onDone} onReset=${() => {
			restart();
			doing.done.value = t('manage.logged_in');
		}} />` : null}
	<//>`;
}

/** @param {{ label: string, value: import('@preact/signals').Signal<string>, help: string }} props */
const Lines = ({ label, value, help }) => html`<label class="field"><span class="field-label">${label}</span><textarea rows="4" spellcheck="false" autocomplete="off" maxlength=${CA_MAX} value=${value} placeholder="-----BEGIN CERTIFICATE-----" onInput=${(/** @type {any} */ event) => (value.value = event.target.value)}></textarea><span class="field-help">${help}</span></label>`;

/** @param {{ found: any, isSame: import('@preact/signals').Signal<boolean> }} props */
function Found({ found, isSame }) {
	const isGood = found.found === 'cloud';
	const key = found.found.replace(' ', '_');
	return html`<div class="remote-found" role="status">
			<p class=${`remote-word ${isGood ? 'good' : 'fault'}`}><${Icon} name=${isGood ? 'check' : 'error'} size=${18} /> <span>${t(`manage.remote_${key}`)}</span></p>
			${isGood ? null : html`<p class="quiet name"><${Said} of=${found} name="detail" /></p><p class="advice">${t(`manage.remote_do_${key}`)}</p>`}
		</div>
		<dl class="remote-facts">
			${found.authorities.map((/** @type {any} */ one) => html`<dt>${t('manage.remote_given')}</dt><dd><span class="name">${one.subject}</span><code>${one.sha256}</code></dd>`)}
			${found.certificate ? html`<dt>${t('manage.remote_shown')}</dt><dd><span class="name">${found.certificate.subject} · ${found.certificate.issuer}</span><code>${found.certificate.sha256}</code></dd>` : null}
			${found.addresses.length ? html`<dt>${t('manage.remote_addresses')}</dt><dd>${found.addresses.join(', ')}</dd>` : null}
		</dl>
		${isGood ? html`<label class="check"><input type="checkbox" checked=${isSame} onChange=${() => (isSame.value = !isSame.peek())} /><span>${t(found.authorities.length ? 'manage.remote_same' : 'manage.remote_same_public')}</span></label>` : null}`;
}

/** @param {{ api: string, authority: import('@preact/signals').Signal<string>, onDone: () => void, onReset: () => void }} props */
function Login({ api, authority, onDone, onReset }) {
	const email = useSignal('');
	const password = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const pem = authority.peek().trim();
		const came = await doing.run(() => post('/accounts/login', { api, email: email.peek().trim(), password: password.peek(), ...(pem ? { ca_pem: `${pem}\n` } : {}) }));
		if (came.ok) {
			email.value = '';
			password.value = '';
			authority.value = '';
			onReset();
			onDone();
		}
	}
	return html`<form class="form" onSubmit=${submit}>
		<${Field} label=${t('manage.email')} value=${email} type="email" autocomplete="off" required />
		<${Field} label=${t('login.password')} value=${password} type="password" autocomplete="off" required help=${t('manage.remote_password_help')} />
		<${Came} doing=${doing} />
		<p class="buttons"><button class="button button-main" disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : 'manage.remote_login')}</button></p>
	</form>`;
}
