// SPDX-License-Identifier: MIT
// What a printer would print next, and the word that its plate is clear, for which that waits.

import { html, useComputed } from '../html.js';
import { t } from '../text.js';
import { Icon } from '../parts/icon.js';
import { Coming } from '../parts/queued.js';
import { clearPlate, comingOf } from './store.js';

/** @param {{ serial: string, small?: boolean }} props */
export function PlateButton({ serial, small = false }) {
	return html`<button type="button" class=${small ? 'button button-small' : 'button'} onClick=${() => clearPlate(serial)}><${Icon} name="check" size=${18} /><span>${t('queue.plate_confirm')}</span></button>`;
}

/** For cards and the view of a printer: nothing where nothing waits for it. @param {{ serial: string, isSmall?: boolean, isStill?: boolean }} props */
export function Next({ serial, isSmall = false, isStill = false }) {
	const next = useComputed(() => comingOf(serial).name);
	const wants = useComputed(() => comingOf(serial).wants);
	return next.value ? html`<${Coming} name=${next.value} wants=${wants.value} ...${{ isSmall, isStill }} onClear=${() => clearPlate(serial)} />` : null;
}
