// SPDX-License-Identifier: MIT
// The cloud is started by whoever owns the machine; the page says how, and when it answers.

import { html } from '../html.js';
import { Copied } from '../manage/copied.js';
import { Section } from '../manage/asked.js';
import { t } from '../text/cloud/texts.js';
import { Live } from './live.js';

/** @param {{ cloud: import('./state.js').Cloud }} props */
export function Start({ cloud }) {
	const runs = cloud.state === 'running';
	if (!cloud.status) {
		return null;
	}
	return html`<${Section} title=${t('cloud.start')} help=${t('cloud.start_help')}>
		<div class="sheet way">
			<${Live} isGood=${runs} text=${runs ? t('cloud.runs', { count: cloud.status.connections ?? 0 }) : t('cloud.runs_not')} />
			${runs ? null : cloud.start.map((command, at) => html`<${Copied} key=${command} label=${t(at ? 'cloud.or_by_hand' : 'cloud.command')} text=${command} />`)}
			${runs ? html`<p class="quiet">${t('cloud.found')}</p>` : null}
		</div>
	<//>`;
}
