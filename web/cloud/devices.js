// SPDX-License-Identifier: MIT
// Printers of a cloud that is in use: what each is called, by whom it is reached, and its end.

import { html, useSignal } from '../html.js';
import { ask, part } from '../api.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Came, Section, useDoing } from '../manage/asked.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';
import { EndDialog, titleOf, useKept } from './kept.js';
import { State } from './printers.js';

/** @param {import('./kept.js').Props} props */
export function Devices({ cloud, load }) {
	const { asked, isKnown, accounts, printers } = useKept();
	const [kind, serial] = dialog.value.split(':');
	const chosen = printers.find((printer) => printer.serial === serial);
	const done = async () => {
		await asked.load();
		load();
	};
	return html`<${Section} title=${t('cloud.devices')} help=${t('cloud.devices_help')} tools=${html`<a class="button" href="/cloud/printers"><${Icon} name="add" size=${18} /><span>${t('cloud.add_printer')}</span></a>`}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			${isKnown || asked.fault.value ? null : html`<div class="loading" aria-busy="true"></div>`}
			<ul class="rows cloud-devices">${printers.map((printer) => {
				const now = cloud.status?.printers.find((one) => one.serial === printer.serial);
				return html`<li key=${printer.serial} class="entry sheet">
					<${Icon} name="printer" size=${22} />
					<div class="row-main">
						<p class="row-title name">${titleOf(printer)}</p>
						<p class="quiet name">${[printer.serial, printer.model, printer.firmware, printer.address].filter(Boolean).join(' · ')}</p>
						<p class="name">${printer.accounts.length ? printer.accounts.join(', ') : t('cloud.reached_by_none')}</p>
						${printer.key ? null : html`<p class="advice">${t('cloud.no_key')}</p>`}
					</div>
					${now ? html`<${State} printer=${now} />` : null}
					<button type="button" class="button" aria-label=${t('manage.change_of', { name: titleOf(printer) })} onClick=${() => openDialog(`device:${printer.serial}`)}><${Icon} name="edit" size=${18} /><span>${t('manage.change')}</span></button>
					<button type="button" class="button" aria-label=${t('cloud.share_of', { name: titleOf(printer) })} onClick=${() => openDialog(`sharing:${printer.serial}`)}><${Icon} name="user" size=${18} /><span>${t('cloud.share')}</span></button>
					<button type="button" class="button-icon" aria-label=${t('manage.remove_of', { name: titleOf(printer) })} onClick=${() => openDialog(`undevice:${printer.serial}`)}><${Icon} name="remove" size=${18} /></button>
				</li>`;
			})}</ul>
			${isKnown && !printers.length ? html`<p class="quiet nothing sheet">${t('cloud.no_printers')}</p>` : null}
		<//>
		${kind === 'device' && chosen ? html`<${ChangeDialog} key=${chosen.serial} printer=${chosen} onDone=${done} />` : null}
		${kind === 'sharing' && chosen ? html`<${ShareDialog} key=${chosen.serial} printer=${chosen} accounts=${accounts} onDone=${done} />` : null}
		${kind === 'undevice' && chosen
			? html`<${EndDialog} title=${t('manage.remove_of', { name: titleOf(chosen) })} lost=${[t('cloud.lost_key'), t('cloud.lost_printer'), ...(chosen.accounts.length ? [t('cloud.lost_by', { who: chosen.accounts.join(', ') })] : [])]} label=${t('cloud.remove_printer')} path=${`/cloud/printers/${part(chosen.serial)}`} isSaved onDone=${done} />`
			: null}`;
}

/** @param {{ printer: import('./kept.js').KeptPrinter, onDone: () => void }} props */
function ChangeDialog({ printer, onDone }) {
	const name = useSignal(printer.name ?? '');
	const address = useSignal(printer.address ?? '');
	const key = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		/** @type {Record<string, string>} */
		const body = {};
		for (const [member, value, before] of [['name', name, printer.name], ['address', address, printer.address], ['key', key, '']]) {
			const text = /** @type {import('@preact/signals').Signal<string>} */ (value).peek().trim();
			if (text && text !== before) {
				body[/** @type {string} */ (member)] = text;
			}
		}
		if (!Object.keys(body).length || (await doing.run(() => ask('PATCH', `/cloud/printers/${part(printer.serial)}`, body))).ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${t('manage.change_of', { name: titleOf(printer) })}>
		<form class="form" onSubmit=${submit}>
			<${Field} label=${t('cloud.name')} value=${name} autocomplete="off" autofocus />
			<${Field} label=${t('cloud.lan_address')} value=${address} autocomplete="off" />
			<${Field} label=${t('cloud.new_key')} value=${key} type="password" autocomplete="off" help=${t('cloud.new_key_help')} />
			<${Came} doing=${doing} />
			<button class="button button-main" disabled=${doing.busy}>${t('dialog.save')}</button>
		</form>
	<//>`;
}

/** @param {{ printer: import('./kept.js').KeptPrinter, accounts: import('./kept.js').KeptAccount[], onDone: () => Promise<void> }} props */
function ShareDialog({ printer, accounts, onDone }) {
	const doing = useDoing();
	/** @param {string} email @param {boolean} isReached */
	async function change(email, isReached) {
		await doing.run(() => ask(isReached ? 'DELETE' : 'PUT', `/cloud/printers/${part(printer.serial)}/accounts/${part(email)}`));
		await onDone();
	}
	return html`<${Dialog} title=${t('cloud.share_of', { name: titleOf(printer) })}>
		<p class="quiet">${t('cloud.share_help')}</p>
		${accounts.map((account) => {
			const isReached = printer.accounts.includes(account.email);
			return html`<label key=${account.email} class="check"><input type="checkbox" checked=${isReached} disabled=${doing.busy.value || account.administrator} onChange=${() => change(account.email, isReached)} /><span class="name">${account.email}${account.administrator ? ` · ${t('cloud.reaches_all')}` : ''}</span></label>`;
		})}
		${accounts.length ? null : html`<p>${t('cloud.no_people')}</p>`}
		<${Came} doing=${doing} />
	<//>`;
}
