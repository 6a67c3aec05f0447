// SPDX-License-Identifier: MIT
// All that was done from this page, and what came of it.

import { html } from '../html.js';
import { mayManage } from '../api.js';
import { actions } from '../actions.js';
import { formatClock } from '../format.js';
import { printerOf } from '../live.js';
import { nameOf } from '../condition.js';
import { t } from '../text.js';
import { Dialog } from './dialog.js';
import { useLoaded } from './loaded.js';
import { Outcome } from './outcome.js';

export function ActivityDialog() {
	const { module: changes } = useLoaded(() => import('../manage/activity.js'), mayManage.value);
	return html`<${Dialog} title=${t('activity.title')} tall=${mayManage.value}>
		${actions.value.length
			? html`<ol class="activity">
					${actions.value.map((action) => html`<${Entry} key=${action.peek().id} action=${action} />`)}
				</ol>`
			: html`<p class="quiet">${t('activity.none')}</p>`}
		${changes ? html`<${changes.Changes} />` : null}
	<//>`;
}

/** @param {{ action: import('@preact/signals').Signal<import('../actions.js').Action> }} props */
function Entry({ action }) {
	const { serial, at, body } = action.peek();
	const printer = printerOf(serial)?.value;
	return html`<li>
		<p class="activity-head"><span class="name">${printer ? nameOf(printer) : serial || body.name}</span> <time>${formatClock(at)}</time></p>
		<${Outcome} action=${action} />
	</li>`;
}
