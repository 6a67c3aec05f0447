// SPDX-License-Identifier: MIT
// For whatever goes wrong: the job is stopped, then both heaters are turned off. In sight wherever one is within a printer.

import { html, useComputed } from '../../html.js';
import { mayOperate, part, post } from '../../api.js';
import { act } from '../../actions.js';
import { hasJob, isFilamentPrinter } from '../../condition.js';
import { t } from '../../text.js';
import { HoldButton } from '../../parts/hold_button.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Halt({ printer, serial }) {
	const isFilament = isFilamentPrinter(printer.peek());
	/** An E1 has no heaters. */
	const isUseful = useComputed(() => printer.value.online && (isFilament || hasJob(printer.value)));
	/** @param {string} command */
	const send = (command) => post(`/printers/${part(serial)}/commands`, { command });

	/** While the job may still go on, guards keep its heaters on. */
	async function halt() {
		const stopped = hasJob(printer.peek()) ? await send('stop') : null;
		return stopped && (!stopped.ok || !isFilament) ? stopped : send('cooldown');
	}

	return mayOperate.value && isUseful.value
		? html`<${HoldButton} label=${t('halt.do')} hint=${t(isFilament ? 'halt.what' : 'halt.what_e1')} icon="error" class="halt" onConfirm=${() => act(serial, 'halt', {}, halt)} />`
		: null;
}
