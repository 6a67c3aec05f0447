// SPDX-License-Identifier: MIT
// What an E1 has in place of heaters and axes: inks, the room for waste, what is attached, and the purifier.

import { html, useComputed } from '../../html.js';
import { formatPercent, formatWhole, NOTHING } from '../../format.js';
import { hasText, keyOf, t, textOr } from '../../text.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

/** @param {string} colour */
const colourText = (colour) => textOr(`ink.colour_${colour}`, colour);

/** @param {{ days_left: number | null, expired: boolean | null }} what */
function ageText({ days_left: days, expired }) {
	if (expired) {
		return t('ink.expired');
	}
	return days === null ? '' : t('ink.days', { count: days });
}

/** @param {{ printer: PrinterSignal }} props */
export function Inks({ printer }) {
	const ink = useComputed(() => printer.value.ink ?? []);
	const waste = useComputed(() => printer.value.waste);
	return html`<${Panel} title=${t('ink.title')}>
		${ink.value.length
			? html`<ul class="tanks">
					${ink.value.map(
						(one) => html`<li class=${`tank tank-${tankClass(one.colour)} ${one.expired ? 'is-expired' : ''}`}>
							<div class="tank-room" role="meter" aria-label=${colourText(one.colour)} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${one.remaining_percent ?? undefined}>
								<div class="tank-level" style=${{ height: `${one.remaining_percent ?? 0}%` }}></div>
							</div>
							<p class="tank-what"><strong>${colourText(one.colour)}</strong> <span>${formatPercent(one.remaining_percent)}</span> <span class="tank-age">${ageText(one)}</span></p>
						</li>`,
					)}
				</ul>`
			: html`<p class="quiet">${t('ink.unknown')}</p>`}
		${waste.value
			? html`<div class="waste">
					<p class="slider-head"><span>${t('ink.waste')}</span> <span>${[t('ink.room', { percent: formatPercent(waste.value.remaining_percent) }), ageText(waste.value)].filter(Boolean).join(' · ')}</span></p>
					<meter min="0" max="100" low="15" optimum="100" value=${waste.value.remaining_percent ?? 0} aria-label=${t('ink.waste')}></meter>
				</div>`
			: null}
	<//>`;
}

/** @param {string} colour */
const tankClass = (colour) => (hasText(`ink.colour_${colour}`) ? colour : 'other');

/** @param {string | null | undefined} name of an accessory or a plate */
const partText = (name) => (name ? textOr(`plate.${keyOf(name)}`, name) : NOTHING);

/** @param {{ printer: PrinterSignal }} props */
export function Attached({ printer }) {
	const rows = useComputed(() => {
		const { accessory, purifier, activity } = printer.value;
		return [
			[t('e1.doing'), activity?.name ? textOr(`e1.is_${keyOf(activity.name)}`, activity.name) : NOTHING],
			[t('e1.accessory'), partText(accessory?.name)],
			[t('e1.plate'), partText(accessory?.plate)],
			[t('e1.accessory_version'), accessory?.version ?? NOTHING],
			[t('e1.purifier'), purifier ? [purifier.name && textOr(`e1.air_${keyOf(purifier.name)}`, purifier.name), purifier.mode === null ? '' : t('e1.mode', { mode: formatWhole(purifier.mode) })].filter(Boolean).join(' · ') : NOTHING],
		];
	});
	return html`<${Panel} title=${t('e1.title')}>
		<dl class="pairs">${rows.value.map(([label, value]) => html`<div><dt>${label}</dt><dd class="name">${value}</dd></div>`)}</dl>
	<//>`;
}
