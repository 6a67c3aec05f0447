// SPDX-License-Identifier: MIT
// Printers of the cloud: which it knows, who waits to be let in, and that they come.

import { html, useSignal } from '../html.js';
import { post } from '../api.js';
import { everyPrinter } from '../live.js';
import { Came, Section, useAsked, useDoing } from '../manage/asked.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';
import { Live } from './live.js';

const EVERY_MS = 2000;
const MODELS = ['m5', 'm5c', 'e1'];
const WAITING = 'waiting';

/** @typedef {{ cloud: import('./state.js').Cloud, load: () => Promise<void> }} Props */

/** @param {import('./state.js').CloudPrinter} printer */
const stateOf = (printer) => (printer.key_fits === false ? 'misfit' : printer.connected ? 'connected' : printer.came ? 'away' : 'never');

/** @param {{ printer: import('./state.js').CloudPrinter }} props */
export function State({ printer }) {
	const state = stateOf(printer);
	return html`<span class=${`badge badge-${state === 'connected' ? 'good' : state === 'misfit' ? 'bad' : 'quiet'}`}>${t(`cloud.printer_${state}`)}</span>`;
}

/** @param {{ printers: import('./state.js').CloudPrinter[] }} props */
const List = ({ printers }) => html`<ul class="rows cloud-printers">${printers.map((printer) => html`<li key=${printer.serial} class="entry sheet"><${Icon} name="printer" size=${22} /><div class="row-main"><p class="row-title name">${printer.name || printer.serial}</p><p class="quiet name">${[printer.serial, ...printer.accounts].join(' · ')}</p>${printer.accounts.length ? null : html`<p class="quiet">${t('cloud.printer_alone')}</p>`}</div>
		<${State} printer=${printer} /></li>`)}</ul>`;

/** @param {Props} props */
export function Printers({ cloud, load }) {
	if (!cloud.status) {
		return null;
	}
	return html`<${Section} title=${t('cloud.printers')} help=${t('cloud.printers_help')}>
			<${List} printers=${cloud.status.printers} />
			${cloud.status.printers.length ? null : html`<p class="quiet nothing sheet">${t('cloud.no_printers')}</p>`}
		<//>
		<div class="pair settings-ways">
			<${PrinterForm} accounts=${cloud.status.accounts} load=${load} />
			<${Pairing} isOpen=${cloud.status.pairing_open} load=${load} />
		</div>`;
}

/** @param {{ accounts: string[], load: () => Promise<void> }} props */
function PrinterForm({ accounts, load }) {
	const serial = useSignal('');
	const name = useSignal('');
	const key = useSignal('');
	const model = useSignal(MODELS[0]);
	const account = useSignal(accounts[0] ?? '');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const body = { serial: serial.peek().trim(), model: model.peek(), account: account.peek() || accounts[0] || '', name: name.peek().trim(), key: key.peek().trim() };
		if ((await doing.run(() => post('/cloud/printers', body), t('cloud.printer_added'))).ok) {
			serial.value = name.value = key.value = '';
			load();
		}
	}
	return html`<form class="form sheet way" onSubmit=${submit}>
		<h3>${t('cloud.add_printer')}</h3>
		<${Field} label=${t('cloud.serial')} value=${serial} autocomplete="off" required />
		<${Field} label=${t('cloud.name')} value=${name} autocomplete="off" />
		<${Field} label=${t('cloud.key')} value=${key} type="password" help=${t('cloud.key_help')} autocomplete="off" />
		<${Choice} label=${t('cloud.model')} value=${model} of=${MODELS} upper />
		${accounts.length > 1 ? html`<${Choice} label=${t('cloud.account')} value=${account} of=${accounts} />` : null}
		<${Came} doing=${doing} />
		<p class="buttons"><button class="button button-main" disabled=${doing.busy}>${t(doing.busy.value ? 'manage.waiting' : 'cloud.add_printer')}</button></p>
	</form>`;
}

/** @param {{ label: string, value: import('@preact/signals').Signal<string>, of: string[], upper?: boolean }} props */
export const Choice = ({ label, value, of, upper = false }) => html`<label class="field"><span class="field-label">${label}</span><select onChange=${(/** @type {any} */ event) => (value.value = event.target.value)}>${of.map((one) => html`<option value=${one} selected=${value.value === one}>${upper ? one.toUpperCase() : one}</option>`)}</select></label>`;

/** @param {{ isOpen: boolean, load: () => Promise<void> }} props */
function Pairing({ isOpen, load }) {
	const claims = useAsked('/cloud/pairing', EVERY_MS);
	const doing = useDoing();
	const change = async (/** @type {any} */ body) => {
		await doing.run(() => post('/cloud/pairing', body));
		claims.load();
		load();
	};
	const rows = (claims.data.value ?? []).filter((/** @type {any} */ claim) => claim.state === WAITING);
	return html`<section class="sheet way">
		<h3>${t('cloud.pairing')}</h3>
		<p class="quiet">${t('cloud.pairing_help')}</p>
		<${Live} isGood=${isOpen} text=${t(isOpen ? 'cloud.window_open' : 'cloud.window_closed')} />
		<ul class="rows">${rows.map(
			(/** @type {any} */ claim) => html`<li key=${claim.claim} class="entry"><div class="row-main"><p class="row-title name">${claim.name || claim.serial}</p><p class="quiet name">${[claim.address, claim.username, claim.changed].filter(Boolean).join(' · ')}</p></div>
				<span class="buttons"><button type="button" class="button button-main" disabled=${doing.busy} onClick=${() => change({ action: 'approve', serial: claim.serial, claim: claim.claim })}>${t('manage.accept')}</button>
				<button type="button" class="button" disabled=${doing.busy} onClick=${() => change({ action: 'reject', serial: claim.serial, claim: claim.claim })}>${t('manage.deny')}</button></span></li>`,
		)}</ul>
		<${Came} doing=${doing} />
		<p class="buttons"><button type="button" class="button" disabled=${doing.busy} onClick=${() => change({ action: isOpen ? 'close' : 'open' })}>${t(isOpen ? 'cloud.close_window' : 'cloud.open_window')}</button></p>
	</section>`;
}

/** @param {Props} props */
export function Arrive({ cloud }) {
	const printers = cloud.status?.printers ?? [];
	const here = printers.filter((printer) => printer.connected);
	const shown = everyPrinter.value.filter((printer) => printer.online && here.some((one) => one.serial === printer.serial));
	return html`<${Section} title=${t('cloud.arrive')} help=${t('cloud.arrive_help')}>
		<${Live} isGood=${here.length > 0} text=${here.length ? t('cloud.arrived', { count: here.length }) : t('cloud.nobody_came')} />
		<${List} printers=${printers} />
		<p class="buttons cloud-next"><a class=${`button ${shown.length ? 'button-main' : ''}`} href="/">${t('manage.step_printer_seen')}</a></p>
		${here.length ? null : html`<p class="quiet">${t('cloud.time_help')}</p>`}
	<//>`;
}
