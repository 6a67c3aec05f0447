// SPDX-License-Identifier: MIT
// One file: what the slicer says of it, and what it prints.

import { html, useSignal } from '../html.js';
import { mayOperate } from '../api.js';
import { formatBytes, formatCelsius, formatDate, formatDuration, formatNumber, formatWhole } from '../format.js';
import { openDialog } from '../router.js';
import { Icon } from '../parts/icon.js';
import { useLoaded } from '../parts/loaded.js';
import { t } from '../text/files/texts.js';
import { Room } from '../preview/room.js';
import { addressOf, baseOf, folderOf, pictureOf } from './store.js';

const SHOWN_BY_ITSELF = 80e6; // bytes; larger ones are read when somebody says so
const MM_PER_M = 1000;

/** @param {{ entry: import('./store.js').Entry }} props */
export function OneFile({ entry }) {
	const address = `/api/v1/files/${addressOf(entry.path)}`;
	const parent = folderOf(entry.path);
	return html`<div class="view files">
		<header class="view-head">
			<a class="back" href=${parent ? `/files/${addressOf(parent)}` : '/files'}><${Icon} name="left" size=${18} /><span class="name">${parent ? baseOf(parent) : t('filearea.title')}</span></a>
			<h1 class="name">${baseOf(entry.path)}</h1>
			<div class="tools">
				<a class="button" href=${address} download=${baseOf(entry.path)}><${Icon} name="download" size=${18} /><span>${t('filearea.download')}</span></a>
				${mayOperate.value
					? html`<button type="button" class="button button-main" onClick=${() => openDialog(`print:${entry.path}`)}><${Icon} name="printer" size=${18} /><span>${t('queue.print')}</span></button>
							<button type="button" class="button" onClick=${() => openDialog(`move:${entry.path}`)}><${Icon} name="edit" size=${18} /><span>${t('filearea.move')}</span></button>
							<button type="button" class="button" onClick=${() => openDialog(`delete:${entry.path}`)}><${Icon} name="remove" size=${18} /><span>${t('filearea.delete')}</span></button>`
					: null}
			</div>
		</header>
		<div class="one-file">
			<${Looked} entry=${entry} address=${address} />
			<${Details} entry=${entry} />
		</div>
	</div>`;
}

/** Where the G-code is in the file. @param {import('./store.js').Entry} entry */
function contentOf({ metadata }) {
	return metadata?.archived ? { start: metadata.content_start ?? 0, size: metadata.content_size ?? Infinity } : undefined;
}

/** The preview is loaded when it is looked at. @param {{ entry: import('./store.js').Entry, address: string }} props */
function Looked({ entry, address }) {
	const wants = useSignal(entry.size <= SHOWN_BY_ITSELF);
	const { module, failed } = useLoaded(() => import('../preview/preview.js'), wants.value);
	if (module) {
		return html`<${module.view} address=${address} isPacked=${entry.metadata?.compressed === true} content=${contentOf(entry)} />`;
	}
	return html`<section class="preview sheet" aria-label=${t('filearea.preview')}>
		<div class="preview-stage">
			<div class="preview-note">
				${failed ? html`<p role="alert">${t('page.not_loaded')}</p>` : wants.value ? null : html`<button type="button" class="button" onClick=${() => (wants.value = true)}><${Icon} name="layers" size=${18} /><span>${t('filearea.look_at', { size: formatBytes(entry.size) })}</span></button>`}
			</div>
		</div>
		<${Room} />
	</section>`;
}

/** @param {{ entry: import('./store.js').Entry }} props */
function Details({ entry }) {
	const told = entry.metadata;
	const picture = pictureOf(entry, true);
	/** @param {number | null | undefined} value @param {string} unit @param {number} [digits] */
	const measure = (value, unit, digits = 2) => (value === null || value === undefined ? null : `${formatNumber(value, digits)} ${unit}`);
	/** @type {[string, any][]} */
	const facts = [
		['filearea.time', told?.estimated_time_s && formatDuration(told.estimated_time_s)],
		['filearea.filament', [measure(told?.filament_mm ? told.filament_mm / MM_PER_M : null, 'm'), measure(told?.filament_g, 'g', 1)].filter(Boolean).join(' · ')],
		['filearea.material', [told?.filament_type, told?.filament_name].filter(Boolean).join(' · ')],
		['filearea.layers', told?.layer_count && formatWhole(told.layer_count)],
		['filearea.layer_height', measure(told?.layer_height_mm, 'mm')],
		['filearea.height', measure(told?.object_height_mm, 'mm')],
		['filearea.nozzle', measure(told?.nozzle_diameter_mm, 'mm')],
		['filearea.temperatures', [told?.nozzle_c, told?.bed_c].some((one) => one !== null && one !== undefined) && `${formatCelsius(told?.nozzle_c)} / ${formatCelsius(told?.bed_c)}`],
		['filearea.machine', told?.machine],
		['filearea.slicer', [told?.slicer, told?.slicer_version].filter(Boolean).join(' ')],
		['filearea.size', formatBytes(entry.size)],
		['filearea.modified', formatDate(entry.modified_at)],
	];
	return html`<section class="sheet file-details" aria-label=${t('filearea.details')}>
		${picture ? html`<img class="picture" src=${picture} alt=${t('filearea.picture')} />` : null}
		<dl class="details">${facts.map(([label, value]) => (value ? html`<div><dt>${t(label)}</dt><dd class="name">${value}</dd></div>` : null))}</dl>
	</section>`;
}
