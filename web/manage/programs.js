// SPDX-License-Identifier: MIT
// Slicers, phones and other programs: keys, what to enter where, and those that ask for a key themselves.

import { html, useEffect, useSignal } from '../html.js';
import { part, post } from '../api.js';
import { nameOf } from '../condition.js';
import { formatDate } from '../format.js';
import { everyPrinter } from '../live.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, useAsked, useDoing } from './asked.js';
import { Copied } from './copied.js';
import { Grant, printersText } from './grant.js';
import { RemoveDialog } from './users.js';

const ASKED_EVERY_MS = 3000;
const MS_PER_S = 1000;
const DAY_S = 86400;
const LASTS = ['', '1', '30', '365']; // days
const PROGRAMS = ['prusaslicer', 'orcaslicer', 'cura', 'mainsail', 'phone', 'homeassistant'];
const NAME_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;

/** @typedef {{ id: string, name: string, role: string, printers: string[] | null, digest: boolean, created_at: number, expires_at: number | null }} Key */
/** @typedef {{ id: string, app: string, name: string, printer: string, address: string, asked_at: number, decision: string | null }} Request */

export function Programs() {
	const asked = useAsked('/keys');
	const keys = /** @type {Key[]} */ (asked.data.value ?? []);
	const [kind, id] = dialog.value.split(':');
	const chosen = keys.find((key) => key.id === id);
	const add = html`<button type="button" class="button button-main" onClick=${() => openDialog('key')}><${Icon} name="add" size=${18} /><span>${t('manage.add_key')}</span></button>`;
	return html`<${Requests} onDone=${asked.load} />
		<${Section} title=${t('manage.keys')} help=${t('manage.keys_help')} tools=${add}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			<ul class="rows">
				${keys.map((key) => html`<li class="entry sheet" key=${key.id}>
					<${Icon} name="key" size=${22} />
					<div class="row-main">
						<p class="row-title name">${key.name}</p>
						<p class="quiet">${t(`manage.role_${key.role}`)} · <span class="name">${printersText(key.printers)}</span>${key.digest ? ' · Digest' : ''}</p>
						<p class="quiet">${t('manage.since', { time: formatDate(key.created_at * MS_PER_S) })}${expiryOf(key)}</p>
					</div>
					<button type="button" class="button-icon" aria-label=${t('manage.remove_of', { name: key.name })} onClick=${() => openDialog(`unkey:${key.id}`)}><${Icon} name="remove" size=${18} /></button>
				</li>`)}
			</ul>
		<//>
		<${Section} title=${t('manage.wall')} help=${t('manage.wall_help')}>
			<p class="buttons"><button type="button" class="button" onClick=${() => openDialog('wall')}><${Icon} name="wall" size=${18} /><span>${t('manage.wall_make')}</span></button></p>
		<//>
		<${Section} title=${t('manage.connect')} help=${t('manage.connect_help')}><${HowTo} secret="" /><//>
		${dialog.value === 'key' ? html`<${KeyDialog} onDone=${asked.load} />` : null}
		${dialog.value === 'wall' ? html`<${WallDialog} onDone=${asked.load} />` : null}
		${kind === 'unkey' && chosen ? html`<${RemoveDialog} path=${`/keys/${part(chosen.id)}`} name=${chosen.name} help=${t('manage.remove_key_help')} onDone=${asked.load} />` : null}`;
}

/** @param {Key} key */
function expiryOf(key) {
	if (key.expires_at === null) {
		return '';
	}
	const end = key.expires_at * MS_PER_S;
	return html` · ${end <= Date.now() ? html`<strong>${t('manage.expired')}</strong>` : t('manage.until', { time: formatDate(end) })}`;
}

/** How long a key lasts; "" for ever. @param {{ value: import('@preact/signals').Signal<string> }} props */
function Lasts({ value }) {
	return html`<label class="field"><span class="field-label">${t('manage.lasts')}</span><select onChange=${(/** @type {any} */ event) => (value.value = event.target.value)}>${LASTS.map((days) => html`<option value=${days} selected=${value.value === days}>${t(`manage.lasts_${days || 'ever'}`)}</option>`)}</select></label>`;
}

/** Of a body that makes a key. @param {string} days */
const lasting = (days) => (days ? { expires_in_s: Number(days) * DAY_S } : {});

/** @param {{ onDone: () => void }} props */
function Requests({ onDone }) {
	const asked = useAsked('/app-keys', ASKED_EVERY_MS);
	const doing = useDoing();
	const waiting = /** @type {Request[]} */ (asked.data.value ?? []).filter((request) => request.decision === null);
	/** @param {Request} request @param {'accept' | 'deny'} decision */
	async function decide(request, decision) {
		await doing.run(() => post(`/app-keys/${part(request.id)}`, { decision }), t(`manage.decided_${decision}`));
		await asked.load();
		onDone();
	}
	return html`<div aria-live="polite">
		${waiting.length
			? html`<${Section} title=${t('manage.requests')} help=${t('manage.requests_help')}>
					<ul class="rows">
						${waiting.map((request) => html`<li class="entry sheet" key=${request.id}>
							<${Icon} name="key" size=${22} />
							<div class="row-main"><p class="row-title name">${request.app}</p><p class="quiet name">${request.address} · ${printersText([request.printer])}</p></div>
							<button type="button" class="button button-main" disabled=${doing.busy} onClick=${() => decide(request, 'accept')}>${t('manage.accept')}</button>
							<button type="button" class="button" disabled=${doing.busy} onClick=${() => decide(request, 'deny')}>${t('manage.deny')}</button>
						</li>`)}
					</ul>
				<//>`
			: null}
		<${Came} doing=${doing} />
	</div>`;
}

/** The secret is shown here, this once, and nowhere kept. @param {{ onDone: () => void }} props */
function KeyDialog({ onDone }) {
	const name = useSignal('');
	const role = useSignal('operator');
	const printers = useSignal(/** @type {string[] | null} */ (null));
	const digest = useSignal(false);
	const lasts = useSignal('');
	const secret = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		if (!NAME_SHAPE.test(name.peek().trim())) {
			doing.fault.value = t('manage.name_shape');
			return;
		}
		const answer = await doing.run(() => post('/keys', { name: name.peek().trim(), role: role.peek(), printers: printers.peek(), digest: digest.peek(), ...lasting(lasts.peek()) }));
		if (answer.ok) {
			secret.value = answer.data.key;
			onDone();
		}
	}
	if (secret.value) {
		return html`<${Dialog} title=${t('manage.key_made')} wide>
			<p>${t('manage.key_once')}</p>
			<${Copied} label=${t('manage.key')} text=${secret.value} />
			<${HowTo} secret=${secret.value} />
			<div class="dialog-foot"><button type="button" class="button button-main" onClick=${closeDialog}>${t('manage.key_kept')}</button></div>
		<//>`;
	}
	return html`<${Dialog} title=${t('manage.add_key')}>
		<form class="form" onSubmit=${submit}>
			<${Field} label=${t('manage.key_name')} value=${name} autocomplete="off" required autofocus help=${t('manage.key_name_help')} />
			<${Grant} role=${role} printers=${printers} />
			<${Lasts} value=${lasts} />
			<label class="check"><input type="checkbox" checked=${digest} onChange=${() => (digest.value = !digest.peek())} /><span>${t('manage.digest')}</span></label>
			<${Came} doing=${doing} />
			<button class="button button-main" disabled=${doing.busy}>${t('manage.make_key')}</button>
		</form>
	<//>`;
}

/** A link that shows the printers on a screen where nobody logs in. @param {{ onDone: () => void }} props */
function WallDialog({ onDone }) {
	const lasts = useSignal('365');
	const link = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const answer = await doing.run(() => post('/keys', { name: 'wall', role: 'viewer', ...lasting(lasts.peek()) }));
		if (answer.ok) {
			link.value = `${location.origin}/wall#key=${answer.data.key}`;
			onDone();
		}
	}
	return html`<${Dialog} title=${t('manage.wall_make')} wide=${link.value !== ''}>
		${link.value
			? html`<p>${t('manage.wall_once')}</p>
				<${Copied} label=${t('manage.address')} text=${link.value} />
				<div class="codes"><${Code} label=${t('manage.address')} text=${link.value} /></div>
				<div class="dialog-foot"><button type="button" class="button button-main" onClick=${closeDialog}>${t('manage.key_kept')}</button></div>`
			: html`<form class="form" onSubmit=${submit}>
				<p>${t('manage.wall_may')}</p>
				<${Lasts} value=${lasts} />
				<${Came} doing=${doing} />
				<button class="button button-main" disabled=${doing.busy}>${t('manage.make_key')}</button>
			</form>`}
	<//>`;
}

/** What to enter where, for a printer. @param {{ secret: string }} props */
function HowTo({ secret }) {
	const program = useSignal(PROGRAMS[0]);
	const serial = useSignal(everyPrinter.peek()[0]?.serial ?? '');
	const printer = everyPrinter.value.find((one) => one.serial === serial.value);
	const name = encodeURIComponent(printer ? printer.name || printer.serial : serial.value);
	const place = { prusaslicer: `/octoprint/${name}`, orcaslicer: `/octoprint/${name}`, cura: `/octoprint/${name}`, mainsail: `/moonraker/${name}`, phone: `/octoprint/${name}`, homeassistant: `/prusalink/${name}` }[program.value] ?? '';
	const address = `${location.origin}${place}`;
	const isHere = /^(localhost|127\.|\[::1\])/.test(location.hostname);
	return html`<div class="how-to sheet">
		<div class="buttons">
			<label class="field"><span class="field-label">${t('manage.program')}</span><select onChange=${(/** @type {any} */ event) => (program.value = event.target.value)}>${PROGRAMS.map((one) => html`<option value=${one} selected=${program.value === one}>${t(`manage.program_${one}`)}</option>`)}</select></label>
			<label class="field"><span class="field-label">${t('manage.for_printer')}</span><select onChange=${(/** @type {any} */ event) => (serial.value = event.target.value)}>${everyPrinter.value.map((one) => html`<option value=${one.serial} selected=${serial.value === one.serial}>${nameOf(one)}</option>`)}</select></label>
		</div>
		<p>${t(`manage.how_${program.value}`)}</p>
		<${Copied} key=${address} label=${t('manage.address')} text=${address} />
		${secret ? null : html`<p class="quiet">${t('manage.key_needed')}</p>`}
		${isHere ? html`<p class="quiet">${t('manage.only_here')}</p>` : null}
		<div class="codes"><${Code} label=${t('manage.address')} text=${address} />${secret ? html`<${Code} label=${t('manage.key')} text=${secret} />` : null}</div>
	</div>`;
}

/** A QR code, drawn when it is wanted. @param {{ label: string, text: string }} props */
function Code({ label, text }) {
	const code = useSignal(/** @type {any} */ (null));
	const isShown = useSignal(false);
	useEffect(() => {
		if (isShown.value) {
			import('./code.js').then(({ drawCode }) => (code.value = drawCode(text)), () => (code.value = null));
		}
	}, [isShown.value, text]);
	return html`<figure class="code">
		<button type="button" class="button button-small" aria-expanded=${isShown.value} onClick=${() => (isShown.value = !isShown.value)}>${t('manage.code_of', { name: label })}</button>
		${isShown.value && code.value ? html`<svg viewBox=${`-4 -4 ${code.value.size + 8} ${code.value.size + 8}`} role="img" aria-label=${t('manage.code_of', { name: label })}><rect x="-4" y="-4" width="100%" height="100%" fill="#fff" /><path d=${code.value.path} fill="#000" /></svg>` : null}
	</figure>`;
}
