// SPDX-License-Identifier: MIT
// What is wrong with a printer, and what to do about it.

import { html } from '../html.js';
import { t, textOr } from '../text.js';
import { Icon } from './icon.js';

/** What helps, by the number of an alert of the printer's board (specifications/mqtt.stf, board_alert). @type {Record<number, string>} */
const alertAdvice = {
	1: 'board', 2: 'board', 3: 'heating', 4: 'heating', 5: 'print', 6: 'filament', 7: 'blocked', 8: 'levelling', 9: 'board', 10: 'board',
	11: 'hot', 12: 'hot', 13: 'repair', 14: 'levelling', 15: 'repair', 16: 'heating', 17: 'file_pause', 18: 'file', 19: 'file',
};

/** @type {Record<string, string>} */
const errorAdvice = { '0xFF01030001': 'filament', '0xFF01030005': 'file' };

/** @param {import('../types').Printer} printer @returns {{ kind: string, text: string, advice: string } | null} */
export function troubleOf(printer) {
	const { error, alert } = printer;
	if (error) {
		const text = textOr(`trouble.error_${error.code}`, error.text) ?? t('trouble.error', { code: error.code });
		return { kind: 'error', text, advice: t(`advice.${errorAdvice[error.code] ?? 'look'}`) };
	}
	if (alert) {
		const text = textOr(`trouble.${alert.source}_${alert.number}`, alert.text) ?? t('trouble.alert', { number: alert.number });
		return { kind: 'attention', text, advice: t(`advice.${(alert.source === 'printer' && alertAdvice[alert.number]) || 'look'}`) };
	}
	return null;
}

/** @param {{ printer: import('../types').Printer }} props */
export function Trouble({ printer }) {
	const trouble = troubleOf(printer);
	return trouble
		? html`<div class=${`trouble trouble-${trouble.kind}`}>
				<${Icon} name=${trouble.kind === 'error' ? 'error' : 'warning'} size=${18} />
				<p><strong class="name">${trouble.text}</strong> <span>${trouble.advice}</span></p>
			</div>`
		: null;
}
