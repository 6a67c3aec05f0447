// SPDX-License-Identifier: MIT
// What came of what somebody did, where he did it: never more than is known.

import { html } from '../html.js';
import { force, forgetAction, warningOf } from '../actions.js';
import { Said } from '../sentences.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

const icons = { running: 'clock', confirmed: 'check', accepted: 'check', refused: 'warning', unanswered: 'warning', failed: 'error' };

/** @param {string} name @returns {string} of a command, in words */
const commandText = (name) => t(`command.${name}`);

/** @param {{ action: import('@preact/signals').Signal<import('../actions.js').Action>, onClose?: () => void }} props */
export function Outcome({ action, onClose }) {
	const { id, name, state, detail, forceable, result } = action.value;
	const warning = warningOf(action.value);
	return html`<div class=${`outcome outcome-${state} ${warning ? 'outcome-warned' : ''}`} role="status">
		<${Icon} name=${warning ? 'warning' : icons[state]} size=${16} />
		<p class="outcome-text">
			<strong>${commandText(name)}</strong>: ${t(`outcome.${state}`)}${detail && state !== 'confirmed' ? html`<span class="outcome-detail"><${Said} of=${result} name="detail" /></span>` : null}${warning ? html`<span class="outcome-detail"><${Said} of=${result} name="warning" /></span>` : null}
		</p>
		${forceable && state === 'refused'
			? html`<button type="button" class="button button-small" onClick=${() => force(action.value)}>${t('outcome.force')}</button>`
			: null}
		${state === 'running'
			? null
			: html`<button type="button" class="button-icon button-small" aria-label=${t('outcome.dismiss')} onClick=${onClose ?? (() => forgetAction(id))}>
					<${Icon} name="close" size=${14} />
				</button>`}
	</div>`;
}
