// SPDX-License-Identifier: MIT
// What a printer would print next, and the word that its plate is clear, for which that waits.

import { html, useComputed } from '../html.js';
import { mayOperate } from '../api.js';
import { t } from '../text/queue/texts.js';
import { Icon } from '../parts/icon.js';
import { clearPlate, nextOf, wantsPlate } from './store.js';

/** @param {{ serial: string, small?: boolean }} props */
export function PlateButton({ serial, small = false }) {
	return html`<button type="button" class=${small ? 'button button-small' : 'button'} onClick=${() => clearPlate(serial)}><${Icon} name="check" size=${18} /><span>${t('queue.plate_confirm')}</span></button>`;
}

/** For cards and the view of a printer: nothing where nothing waits for it. @param {{ serial: string, isSmall?: boolean, isStill?: boolean }} props */
export function Next({ serial, isSmall = false, isStill = false }) {
	const next = useComputed(() => nextOf(serial)?.name ?? '');
	const wants = useComputed(() => wantsPlate(serial));
	if (!next.value) {
		return null;
	}
	return html`<div class=${wants.value ? 'next next-wants' : 'next'}>
		<p class="next-what"><${Icon} name="queue" size=${16} /><span class="next-name"><span class="next-line" title=${next}><span class="quiet">${t('queue.next')}:</span> <a class="name" href="/queue">${next}</a></span>${wants.value && !isSmall ? html`<span class="next-why">${t('queue.wants_plate')}</span>` : null}</span></p>
		${wants.value && mayOperate.value && !isStill ? html`<${PlateButton} serial=${serial} small />` : null}
	</div>`;
}
