// SPDX-License-Identifier: MIT
// How much ink an E1 has.

import { html } from '../html.js';
import { formatPercent } from '../format.js';
import { t, textOr } from '../text.js';

const LOW = 15;

/** @param {string} colour */
const inkName = (colour) => textOr(`ink.${colour}`, colour);

/** @param {{ ink: NonNullable<import('../types').Printer['ink']> }} props */
export function Inks({ ink }) {
	return html`<ul class="inks">
		${ink.map(
			({ colour, remaining_percent: left, expired }) => html`<li class=${expired || (left ?? LOW) < LOW ? 'ink is-low' : 'ink'} title=${`${inkName(colour)}: ${formatPercent(left)}`}>
				<div class="ink-room" role="meter" aria-label=${t('card.ink', { colour: inkName(colour) })} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(left ?? 0)}>
					<div class=${`ink-fill ink-${colour}`} style=${{ height: `${left ?? 0}%` }}></div>
				</div>
				<span aria-hidden="true">${formatPercent(left)}</span>
				${expired ? html`<span class="unseen">${t('ink.expired')}</span>` : null}
			</li>`,
		)}
	</ul>`;
}
