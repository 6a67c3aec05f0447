// SPDX-License-Identifier: MIT
// Single printers that are held no longer: given away, or taken over by mistake. Their account stays.

import { html, useSignal } from '../html.js';
import { ask, mayOperate, part } from '../api.js';
import { nameOf } from '../condition.js';
import { everyPrinter } from '../live.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { Outcomes } from '../parts/outcomes.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, useDoing } from './asked.js';

const CONFLICT = 409;

/** There may be a thousand: they are listed where somebody wants them. */
export function ForgetPrinters() {
	const isOpen = useSignal(false);
	const printers = everyPrinter.value;
	const [kind, serial] = dialog.value.split(':');
	const chosen = printers.find((printer) => printer.serial === serial);
	if (!printers.length) {
		return null;
	}
	return html`<${Section} title=${t('manage.single')} help=${t('manage.single_help')}>
			<details class="singles" onToggle=${(/** @type {any} */ event) => (isOpen.value = event.target.open)}>
				<summary>${t('manage.single_show', { count: printers.length })}</summary>
				${isOpen.value ? html`<ul class="rows">${printers.map((printer) => html`<${Row} key=${printer.serial} printer=${printer} />`)}</ul>` : null}
			</details>
		<//>
		${kind === 'forget-printer' && chosen ? html`<${ForgetDialog} printer=${chosen} />` : null}`;
}

/** @param {{ printer: import('../types').Printer }} props */
function Row({ printer }) {
	const name = nameOf(printer);
	return html`<li class="entry sheet">
		<${Icon} name="printer" size=${22} />
		<div class="row-main"><p class="row-title name">${name}</p><p class="quiet">${printer.model ? `${printer.model} · ` : null}<span class="name">${printer.serial}</span></p></div>
		${mayOperate.value ? html`<button type="button" class="button" aria-label=${t('manage.single_rename', { name })} onClick=${() => openDialog(`rename:${printer.serial}`)}><${Icon} name="edit" size=${18} /><span>${t('command.rename')}</span></button>` : null}
		<button type="button" class="button" aria-label=${t('manage.single_forget', { name })} onClick=${() => openDialog(`forget-printer:${printer.serial}`)}><${Icon} name="remove" size=${18} /><span>${t('manage.forget')}</span></button>
		<${Outcomes} serial=${printer.serial} commands=${['rename']} />
	</li>`;
}

/** @param {{ printer: import('../types').Printer }} props */
function ForgetDialog({ printer }) {
	const doing = useDoing();
	const isFeared = useSignal(false);
	async function forget() {
		const answer = await doing.run(() => ask('DELETE', `/printers/${part(printer.serial)}${isFeared.peek() ? '?force=true' : ''}`));
		isFeared.value = answer.status === CONFLICT && answer.data?.detail_code !== 'printer-of-cloud';
		if (answer.ok) {
			closeDialog();
		}
	}
	return html`<${Dialog} title=${t('manage.forget_of', { name: nameOf(printer) })}>
		<p>${t('manage.single_forget_help')}</p>
		<${Came} doing=${doing} />
		<div class="dialog-foot"><button type="button" class="button button-bad" disabled=${doing.busy} onClick=${forget}>${t(isFeared.value ? 'manage.single_force' : 'manage.forget')}</button><button type="button" class="button" onClick=${closeDialog}>${t('manage.keep')}</button></div>
	<//>`;
}
