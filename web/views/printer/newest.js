// SPDX-License-Identifier: MIT
// What was uploaded last, for a printer that has nothing to do: one press puts it to the front of its queue.

import { html, signal } from '../../html.js';
import { mayOperate, part, post, session } from '../../api.js';
import { act } from '../../actions.js';
import { addressOf, baseOf, loadNewest, pictureOf } from '../../files/store.js';
import { formatDuration, formatNumber } from '../../format.js';
import { t } from '../../text.js';
import { breakable } from '../../parts/breakable.js';
import { Icon } from '../../parts/icon.js';
import { filamentText } from './filament.js';

/** @typedef {import('../../files/store.js').Entry} Entry */

const SHOWN = 4;

/** Those that were seen last are shown until they are asked for again. @type {import('@preact/signals').Signal<Entry[] | null>} */
const files = signal(null);

export function learnNewest() {
	loadNewest(SHOWN).then((answer) => answer.ok && (files.value = answer.data.files));
}

/** Who sees some printers alone sees no files. */
export const isNewestKnown = () => Boolean(session.value?.printers) || files.value !== null;

/** @param {{ serial: string }} props */
export function Newest({ serial }) {
	if (!files.value || session.value?.printers) {
		return null;
	}
	if (!files.value.length) {
		return mayOperate.value ? html`<p class="newest-none"><${Icon} name="upload" size=${18} /><span>${t('queue.drop_here')}</span></p>` : null;
	}
	return html`<section class="newest" aria-labelledby="newest">
		<header class="newest-head"><h3 id="newest">${t('newest.title')}</h3><a href="/files">${t('newest.all')}</a></header>
		<ul>${files.value.map((entry) => html`<${File} key=${entry.path} entry=${entry} serial=${serial} />`)}</ul>
	</section>`;
}

/** @param {{ entry: Entry, serial: string }} props */
function File({ entry, serial }) {
	const told = entry.metadata;
	const name = baseOf(entry.path);
	const picture = pictureOf(entry);
	const filament = told?.filament_g ? `${formatNumber(told.filament_g, 0)} g` : told?.filament_mm ? filamentText(told.filament_mm, 'mm') : '';
	const facts = [told?.estimated_time_s && formatDuration(told.estimated_time_s), filament, told?.filament_type].filter(Boolean).join(' · ');
	const print = () => act(serial, 'queue_add', { name }, () => post(`/printers/${part(serial)}/queue`, { path: entry.path, front: true }));
	return html`<li class="newest-file">
		<span class="thumb">${picture ? html`<img src=${picture} alt="" width="40" height="40" loading="lazy" />` : html`<${Icon} name="files" size=${18} />`}</span>
		<div class="newest-what"><p><a class="name newest-name" href=${`/files/${addressOf(entry.path)}`}>${breakable(name)}</a></p><p class="quiet newest-facts name">${facts}</p></div>
		${mayOperate.value ? html`<button type="button" class="button button-small" aria-label=${t('newest.print', { name })} onClick=${print}><${Icon} name="printer" size=${16} /><span>${t('files.start')}</span></button>` : null}
	</li>`;
}
