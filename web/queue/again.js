// SPDX-License-Identifier: MIT
// Once more what was printed, where its file is kept.

import { html, useComputed } from '../html.js';
import { mayOperate, post } from '../api.js';
import { act, actions } from '../actions.js';
import { isFilamentPrinter } from '../condition.js';
import { printerOf } from '../live.js';
import { t } from '../text/queue/texts.js';
import { Icon } from '../parts/icon.js';
import { Outcome } from '../parts/outcome.js';

/** @param {{ job: { id: number, printer: string, file: string | null, path: string | null, outcome: string }, small?: boolean }} props */
export function PrintAgain({ job, small = false }) {
	const action = useComputed(() => actions.value.find((one) => one.peek().body.job === job.id) ?? null);
	const printer = printerOf(job.printer)?.value;
	if (!mayOperate.value || !job.path || !printer || !isFilamentPrinter(printer)) {
		return null;
	}
	const isDone = action.value?.value.state === 'confirmed';
	const run = () => act(job.printer, 'queue_reprint', { job: job.id, name: job.file ?? '' }, () => post(`/jobs/${job.id}/reprint`));
	return html`<span class="again">
		<button type="button" class=${small ? 'button button-small' : 'button'} onClick=${run}><${Icon} name="printer" size=${small ? 16 : 18} /><span>${t('queue.print_again')}</span></button>
		${action.value ? html`<${Outcome} action=${action.value} />` : null}
		${isDone ? html`<a href="/queue">${t('queue.to_queue')}</a>` : null}
	</span>`;
}
