// SPDX-License-Identifier: MIT
// What would become of a command now: the gateway's guards say it, and why.

import { html, useComputed, useSignal, useSignalEffect } from '../../html.js';
import { part, post } from '../../api.js';
import { returns } from '../../live.js';
import { Said } from '../../sentences.js';
import { t } from '../../text.js';
import { Icon } from '../../parts/icon.js';

/** @typedef {{ verdict: 'allowed' | 'unknown' | 'needs force' | 'never', reason: string | null, reason_code?: string, reason_arguments?: Record<string, unknown> }} Verdict */

const WARM_STEP_C = 5;

/** What guards go by; where none of it changes, their verdict does not. @param {import('../../types').Printer} printer */
function groundsOf(printer) {
	const warm = printer.nozzle?.current_c ?? null;
	return `${returns.value} ${printer.online} ${printer.job?.state} ${printer.model} ${warm === null ? '' : Math.floor(warm / WARM_STEP_C)}`;
}

/**
 * The verdict on a command, anew whenever that may have changed.
 * @param {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} printer
 * @param {Record<string, unknown>} body with `command`
 */
export function useGuard(printer, body) {
	const verdict = useSignal(/** @type {Verdict} */ ({ verdict: 'unknown', reason: null }));
	const grounds = useComputed(() => groundsOf(printer.value));
	const asked = JSON.stringify(body);
	useSignalEffect(() => {
		const at = grounds.value;
		post(`/printers/${part(printer.peek().serial)}/guard`, JSON.parse(asked)).then((answer) => {
			if (answer.ok && at === grounds.peek()) {
				verdict.value = answer.data;
			}
		});
	});
	return verdict;
}

/** @param {Verdict} verdict */
export const isBarred = (verdict) => verdict.verdict === 'needs force' || verdict.verdict === 'never';

/**
 * Why something is greyed, and the way to do it nevertheless where there is one.
 * @param {{ verdict: Verdict, what: string, forced: { value: boolean } }} props
 */
export function Barrier({ verdict, what, forced }) {
	return isBarred(verdict)
		? html`<div class="barrier">
				<${Icon} name="lock" size=${18} />
				<p><strong>${what}</strong> <${Said} of=${verdict} name="reason" isWithin=${true} /></p>
				${verdict.verdict === 'needs force'
					? html`<label class="barrier-way"><input type="checkbox" checked=${forced.value} onChange=${(/** @type {any} */ event) => (forced.value = event.target.checked)} /> <span>${t('guard.force')}</span></label>`
					: null}
			</div>`
		: null;
}
