// SPDX-License-Identifier: MIT
// What a user or a key may: a role, and all printers or some.

import { html } from '../html.js';
import { nameOf } from '../condition.js';
import { everyPrinter } from '../live.js';
import { t } from '../text/manage/texts.js';

const ROLES = ['viewer', 'operator', 'admin'];

/** @param {string[] | null} printers */
export function printersText(printers) {
	return printers === null ? t('manage.all_printers') : printers.map((serial) => everyPrinter.value.find((printer) => printer.serial === serial)?.name ?? serial).join(', ');
}

/** @param {{ printers: import('@preact/signals').Signal<string[] | null> }} props */
export function WhichPrinters({ printers }) {
	/** @param {string} serial */
	const toggle = (serial) => {
		const chosen = printers.peek() ?? [];
		printers.value = chosen.includes(serial) ? chosen.filter((one) => one !== serial) : [...chosen, serial];
	};
	return html`<fieldset class="choice">
		<legend>${t('manage.which_printers')}</legend>
		<div class="choice-options">
			<label class="choice-option"><input type="checkbox" checked=${printers.value === null} onChange=${() => (printers.value = printers.peek() === null ? [] : null)} /><span>${t('manage.all_printers')}</span></label>
			${printers.value === null ? null : everyPrinter.value.map((printer) => html`<label class="choice-option"><input type="checkbox" checked=${printers.value?.includes(printer.serial)} onChange=${() => toggle(printer.serial)} /><span class="name">${nameOf(printer)}</span></label>`)}
		</div>
	</fieldset>`;
}

/** @param {{ role: import('@preact/signals').Signal<string>, printers: import('@preact/signals').Signal<string[] | null> }} props */
export function Grant({ role, printers }) {
	return html`<fieldset class="choice">
			<legend>${t('manage.role')}</legend>
			<div class="roles">${ROLES.map((one) => html`<label class="choice-option"><input type="radio" name="role" value=${one} checked=${role.value === one} onChange=${() => (role.value = one)} /><span>${t(`manage.role_${one}`)} <span class="quiet">${t(`manage.role_${one}_may`)}</span></span></label>`)}</div>
		</fieldset>
		<${WhichPrinters} printers=${printers} />`;
}
