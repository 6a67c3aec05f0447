// SPDX-License-Identifier: MIT
// Whether this device is told what happens to printers, and of what; and one's other devices.

import { html, useEffect, useSignal } from '../html.js';
import { ask, get, post, session } from '../api.js';
import { returns } from '../live.js';
import { currentSubscription, deviceName, hindrance, subscribe } from '../push/device.js';
import { idOf } from '../push/id.js';
import { Icon } from '../parts/icon.js';
import { language } from '../text.js';
import { said } from '../sentences.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, faultOf } from './asked.js';
import { WhichPrinters, printersText } from './grant.js';

const EVENTS = ['finished', 'failed', 'paused', 'plate', 'offline'];
const FIRST = ['finished', 'failed', 'paused'];

/** @typedef {{ id: string, name: string | null, service: string, events: string[], printers: string[] | null, language: string }} Device */

/** What is known of this device and the others, and what is done with them. */
function useDevices() {
	const kept = useSignal(/** @type {{ public_key: string, subscriptions: Device[] } | null} */ (null));
	const own = useSignal('');
	const busy = useSignal(false);
	const fault = useSignal('');
	const done = useSignal('');
	const load = async () => {
		const subscription = await currentSubscription().catch(() => null);
		own.value = subscription ? await idOf(subscription.endpoint) : '';
		const answer = await get('/push');
		kept.value = answer.ok ? answer.data : kept.peek();
		fault.value = faultOf(answer);
	};
	/** @param {() => Promise<string>} work gives what is wrong, or '' @param {string} [text] */
	const run = async (work, text = '') => {
		busy.value = true;
		done.value = '';
		const wrong = await work().catch((error) => t('manage.notices_failed_here', { detail: error?.message ?? String(error) }));
		await load();
		busy.value = false;
		fault.value = wrong;
		done.value = wrong ? '' : text;
	};
	useEffect(() => {
		load();
	}, [returns.value]);
	return { kept, own, busy, fault, done, run };
}

/** @param {string} publicKey @param {string[]} events @param {string[] | null} printers */
async function begin(publicKey, events, printers) {
	const { endpoint, keys } = (await subscribe(publicKey)).toJSON();
	return faultOf(await post('/push', { endpoint, keys, events, printers, language: language.peek(), name: deviceName() }));
}

/** @param {string} id */
const drop = async (id) => faultOf(await ask('DELETE', `/push/${id}`));

/** @param {string} id */
async function end(id) {
	const wrong = await drop(id);
	await (await currentSubscription())?.unsubscribe();
	return wrong;
}

/** @param {string} id */
async function test(id) {
	const answer = await post('/push/test', { id });
	const { outcome, status } = answer.data ?? {};
	const detail = said(answer.data, 'detail');
	return !answer.ok ? faultOf(answer) : outcome === 'delivered' ? '' : t(`manage.notices_${outcome}`, { detail: [status, detail].filter(Boolean).join(' ') });
}

export function Notices() {
	const devices = useDevices();
	const why = hindrance() || (session.value?.by === 'session' || session.value?.by === 'open' ? '' : 'no_user');
	const list = devices.kept.value?.subscriptions ?? [];
	const here = list.find((one) => one.id === devices.own.value) ?? null;
	const others = list.filter((one) => one !== here);
	return html`<${Section} title=${t('manage.notices')} help=${t('manage.notices_help')}>
			${why ? html`<p class="sheet way notices-state">${t(`manage.notices_${why}`)}</p>` : devices.kept.value ? html`<${Here} key=${here?.id ?? ''} devices=${devices} here=${here} />` : null}
			<${Came} doing=${devices} />
		<//>
		${others.length ? html`<${Section} title=${t('manage.notices_devices')}>
			<ul class="rows">${others.map((one) => html`<li class="entry sheet" key=${one.id}>
				<${Icon} name="bell" size=${22} />
				<div class="row-main">
					<p class="row-title name">${one.name || t('manage.notices_nameless')}</p>
					<p class="quiet"><span class="name">${printersText(one.printers)}</span> · ${one.service}</p>
				</div>
				<button type="button" class="button-icon" disabled=${devices.busy} aria-label=${t('manage.remove_of', { name: one.name || one.service })} onClick=${() => devices.run(() => drop(one.id))}><${Icon} name="remove" size=${18} /></button>
			</li>`)}</ul>
		<//>` : null}`;
}

/** @param {{ devices: ReturnType<typeof useDevices>, here: Device | null }} props */
function Here({ devices, here }) {
	const events = useSignal(here?.events ?? FIRST);
	const printers = useSignal(here?.printers ?? null);
	/** @param {string} one */
	const toggle = (one) => (events.value = events.peek().includes(one) ? events.peek().filter((other) => other !== one) : [...events.peek(), one]);
	/** @param {Event} event */
	const submit = (event) => {
		event.preventDefault();
		devices.run(() => begin(devices.kept.peek()?.public_key ?? '', events.peek(), printers.peek()), t('manage.notices_on'));
	};
	return html`<form class="form sheet way narrow-form" onSubmit=${submit}>
		<p class="notices-state">${t(here ? 'manage.notices_on' : 'manage.notices_off')}</p>
		<fieldset class="choice">
			<legend>${t('manage.notices_when')}</legend>
			<div class="roles">${EVENTS.map((one) => html`<label class="choice-option"><input type="checkbox" checked=${events.value.includes(one)} onChange=${() => toggle(one)} /><span>${t(`manage.notices_${one}`)}</span></label>`)}</div>
		</fieldset>
		<${WhichPrinters} printers=${printers} />
		<p class="buttons">
			<button class="button button-main" disabled=${devices.busy.value || events.value.length === 0 || printers.value?.length === 0}>${t(here ? 'dialog.save' : 'manage.notices_begin')}</button>
			${here ? html`<button type="button" class="button" disabled=${devices.busy} onClick=${() => devices.run(() => test(here.id), t('manage.notices_delivered'))}>${t('manage.notices_test')}</button>
				<button type="button" class="button" disabled=${devices.busy} onClick=${() => devices.run(() => end(here.id))}>${t('manage.notices_end')}</button>` : null}
		</p>
	</form>`;
}
