// SPDX-License-Identifier: MIT
// What is wrong with a printer, and what to do about it.

import { html } from '../html.js';
import { hasText, t } from '../text.js';
import { Icon } from './icon.js';

/** @param {import('../types').Printer} printer @returns {{ kind: string, text: string, advice: string } | null} */
export function troubleOf(printer) {
	const { error, alert } = printer;
	if (error) {
		const key = `advice.error_${error.code}`;
		return { kind: 'error', text: error.text ?? t('trouble.error', { code: error.code }), advice: hasText(key) ? t(key) : t('advice.error') };
	}
	if (alert) {
		const key = `advice.${alert.source}_${alert.number}`;
		return { kind: 'attention', text: alert.text, advice: hasText(key) ? t(key) : t('advice.alert') };
	}
	return null;
}

/** @param {{ printer: import('../types').Printer }} props */
export function Trouble({ printer }) {
	const trouble = troubleOf(printer);
	return trouble
		? html`<div class=${`trouble trouble-${trouble.kind}`}>
				<${Icon} name=${trouble.kind === 'error' ? 'error' : 'warning'} size=${18} />
				<p><strong>${trouble.text}</strong> <span>${trouble.advice}</span></p>
			</div>`
		: null;
}
