// SPDX-License-Identifier: MIT
// What the parts of a cloud that is in use have in common: who has what, and the end of something.

import { html } from '../html.js';
import { ask } from '../api.js';
import { closeDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { HoldButton } from '../parts/hold_button.js';
import { Came, useAsked, useDoing } from '../manage/asked.js';
import { t } from '../text/cloud/texts.js';

/**
 * @typedef {{ email: string, name: string | null, administrator: boolean, strict: boolean, has_password: boolean, created_at: string | null, printers: string[] }} KeptAccount
 * @typedef {{ serial: string, name: string | null, model: string | null, key: string | null, login_known: boolean, address: string | null, firmware: string | null, accounts: string[] }} KeptPrinter
 * @typedef {{ cloud: import('./state.js').Cloud, load: () => Promise<void> }} Props
 */

const EVERY_MS = 10000;
const MIRROR_EMAIL = 'mirror@flagship.invalid';

/** Accounts and printers, and who reaches which; the mirror's own account is nobody's. */
export function useKept() {
	const asked = useAsked('/cloud/list', EVERY_MS);
	const list = asked.data.value;
	const accounts = /** @type {KeptAccount[]} */ (list?.accounts ?? []).filter((account) => account.email !== MIRROR_EMAIL);
	return { asked, isKnown: Boolean(list), accounts, printers: /** @type {KeptPrinter[]} */ (list?.printers ?? []) };
}

/** @param {KeptPrinter} printer */
export const titleOf = (printer) => printer.name || printer.serial;

/** Held, or pressed twice. @param {{ title: string, lost: string[], label: string, path: string, isSaved?: boolean, onDone: () => void }} props */
export function EndDialog({ title, lost, label, path, isSaved = false, onDone }) {
	const doing = useDoing();
	async function end() {
		if ((await doing.run(() => ask('DELETE', path))).ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${title}>
		<ul class="cloud-lost">${lost.map((one) => html`<li>${one}</li>`)}</ul>
		${isSaved ? html`<p class="quiet">${t('cloud.copy_first')} <a href="/cloud/copies">${t('cloud.step_copies')}</a></p>` : null}
		<${Came} doing=${doing} />
		<div class="dialog-foot"><${HoldButton} class="button-bad" icon="remove" label=${label} disabled=${doing.busy.value} onConfirm=${end} /><button type="button" class="button" onClick=${closeDialog}>${t('manage.keep')}</button></div>
	<//>`;
}
