// SPDX-License-Identifier: MIT
// What slicers and people have uploaded: folders, files, and each of them.

import { html, useEffect, useSignal } from '../html.js';
import { mayOperate, session } from '../api.js';
import { DeleteDialog, FolderDialog, RelocateDialog } from '../files/dialogs.js';
import { OneFile } from '../files/one.js';
import { loadPrinted, Printed } from '../files/printed.js';
import { addressOf, baseOf, folderOf, loadArea, pictureOf } from '../files/store.js';
import { UploadButton, Uploads } from '../files/uploads.js';
import { formatBriefly, formatBytes, formatDate, formatDuration, formatNumber, NOTHING } from '../format.js';
import { returns } from '../live.js';
import { dialog, navigate, openDialog } from '../router.js';
import { shared } from '../shared.js';
import { t } from '../text/files/texts.js';
import { t as queueText } from '../text/queue/texts.js';
import { breakable } from '../parts/breakable.js';
import { Icon } from '../parts/icon.js';
import { Menu } from '../parts/menu.js';

/** @typedef {import('../files/store.js').Entry} Entry */
/** @typedef {import('../files/store.js').Area} Area */

const SORTS = ['name', 'newest', 'largest', 'longest'];
const sort = shared('files_sort', 'newest');
const SHOWN_AT_ONCE = 100;

/** @type {Record<string, (a: Entry, b: Entry) => number>} */
const orders = {
	name: (a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }),
	newest: (a, b) => (b.modified_at ?? '').localeCompare(a.modified_at ?? ''),
	largest: (a, b) => b.size - a.size,
	longest: (a, b) => (b.metadata?.estimated_time_s ?? 0) - (a.metadata?.estimated_time_s ?? 0),
};

/** @param {{ path?: string }} props "" is the top */
function Files({ path = '' }) {
	const area = useSignal(/** @type {Area | null} */ (null));
	const fault = useSignal('');
	const load = async () => {
		const answer = await loadArea();
		area.value = answer.ok ? answer.data : (area.peek() ?? { used: 0, free: 0, files: [] });
		fault.value = answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail;
	};
	useEffect(() => {
		load();
		loadPrinted();
	}, [returns.value]);
	if (session.value?.printers) {
		return html`<section class="empty"><h1>${t('filearea.title')}</h1><p>${t('filearea.not_for_some')}</p></section>`;
	}
	if (!area.value) {
		return html`<div class="loading" aria-busy="true"></div>`;
	}
	const entry = area.value.files.find((one) => one.path === path);
	if (path && !entry && !fault.value) {
		return html`<section class="empty"><h1>${t('filearea.gone')}</h1><p class="name">${path}</p><p><a href="/files">${t('filearea.to_all')}</a></p></section>`;
	}
	return html`${entry?.type === 'file' ? html`<${OneFile} key=${path} entry=${entry} />` : html`<${Folder} key=${path} path=${path} area=${area.value} fault=${fault.value} onChange=${load} />`}
		<${Dialogs} area=${area.value} path=${path} onChange=${load} />`;
}

/** @param {{ area: Area, path: string, onChange: () => void }} props */
function Dialogs({ area, path, onChange }) {
	const [kind, ...rest] = dialog.value.split(':');
	const entry = area.files.find((one) => one.path === rest.join(':'));
	if (kind === 'folder') {
		return html`<${FolderDialog} folder=${path} onDone=${onChange} />`;
	}
	if (!entry) {
		return null;
	}
	/** @param {string} to where what was shown is now */
	const follow = (to) => {
		if (entry.path === path) {
			navigate(to ? `/files/${addressOf(to)}` : '/files', { replace: true });
		}
		onChange();
	};
	if (kind === 'move' || kind === 'copy') {
		return html`<${RelocateDialog} key=${entry.path} entry=${entry} action=${kind} onDone=${kind === 'move' ? follow : onChange} />`;
	}
	if (kind === 'delete') {
		const count = area.files.filter((one) => one.type === 'file' && one.path.startsWith(`${entry.path}/`)).length;
		return html`<${DeleteDialog} entry=${entry} count=${count} onDone=${() => follow(folderOf(entry.path))} />`;
	}
	return null;
}

/** @param {{ path: string, area: Area, fault: string, onChange: () => void }} props */
function Folder({ path, area, fault, onChange }) {
	const search = useSignal('');
	const shown = useSignal(SHOWN_AT_ONCE);
	const wanted = search.value.trim().toLowerCase();
	const found = area.files.filter((one) => (wanted ? one.type === 'file' && one.path.toLowerCase().includes(wanted) : folderOf(one.path) === path));
	found.sort((a, b) => Number(b.type === 'folder') - Number(a.type === 'folder') || (orders[sort.value] ?? orders.newest)(a, b));
	return html`<div class="view files">
		<header class="view-head">
			${path ? html`<${Crumbs} path=${path} />` : null}
			<h1 class="name">${path ? baseOf(path) : t('filearea.title')}</h1>
			<div class="tools">
				<label class="tool-search"><${Icon} name="search" size=${18} /><span class="unseen">${t('filearea.search')}</span>
					<input type="search" placeholder=${t('filearea.search')} value=${search} onInput=${(/** @type {any} */ event) => (search.value = event.target.value)} />
				</label>
				<label class="tool-select"><span class="unseen">${t('filearea.sort')}</span><${Icon} name="sort" size=${18} />
					<select onChange=${(/** @type {any} */ event) => (sort.value = event.target.value)}>
						${SORTS.map((name) => html`<option value=${name} selected=${sort.value === name}>${t(`filearea.sort_${name}`)}</option>`)}
					</select>
				</label>
				${mayOperate.value
					? html`<button type="button" class="button" onClick=${() => openDialog('folder')}><${Icon} name="folder" size=${18} /><span>${t('filearea.new_folder')}</span></button>
							<${UploadButton} folder=${path} onDone=${onChange} />`
					: null}
			</div>
		</header>
		${fault ? html`<p class="notice notice-bad" role="alert">${fault}</p>` : null}
		<${Uploads} onDone=${onChange} />
		${found.length
			? html`<${FileTable} entries=${found.slice(0, shown.value)} all=${area.files} isSearch=${wanted !== ''} rest=${found.length - shown.value} onMore=${() => (shown.value += SHOWN_AT_ONCE)} />`
			: html`<div class="nothing sheet"><p role="status">${t(wanted ? 'filearea.nothing_found' : 'filearea.empty')}</p>${wanted || !mayOperate.value ? null : html`<p class="quiet">${t('filearea.empty_help')}</p>`}</div>`}
		<p class="files-room quiet">${t('filearea.room', { used: formatBytes(area.used), free: formatBytes(area.free) })}</p>
	</div>`;
}

/** @param {{ path: string }} props */
function Crumbs({ path }) {
	const parts = folderOf(path) ? folderOf(path).split('/') : [];
	return html`<nav class="crumbs" aria-label=${t('filearea.folders')}>
		<a href="/files">${t('filearea.title')}</a>
		${parts.map((name, at) => html`<span aria-hidden="true">/</span><a class="name" href=${`/files/${addressOf(parts.slice(0, at + 1).join('/'))}`}>${name}</a>`)}
		<span aria-hidden="true">/</span>
	</nav>`;
}

/** @param {{ entries: Entry[], all: Entry[], isSearch: boolean, rest: number, onMore: () => void }} props */
function FileTable({ entries, all, isSearch, rest, onMore }) {
	return html`<div class="sheet grid-room">
		<table class="grid file-table">
			<thead>
				<tr>
					<th scope="col">${t('filearea.name')}</th>
					<th scope="col" class="number wide">${t('filearea.time')}</th>
					<th scope="col" class="number widest">${t('filearea.filament')}</th>
					<th scope="col" class="widest">${t('filearea.material')}</th>
					<th scope="col" class="number wide">${t('filearea.size')}</th>
					<th scope="col" class="wide">${t('filearea.modified')}</th>
					<th scope="col" class="widest">${t('filearea.printed')}</th>
					<th scope="col"><span class="unseen">${t('filearea.actions')}</span></th>
				</tr>
			</thead>
			<tbody>
				${entries.map((entry) => html`<${Row} key=${entry.path} entry=${entry} all=${all} isSearch=${isSearch} />`)}
			</tbody>
		</table>
		${rest > 0 ? html`<p class="grid-more"><button type="button" class="button" onClick=${onMore}>${t('filearea.more', { number: rest })}</button></p>` : null}
	</div>`;
}

/** @param {{ entry: Entry, all: Entry[], isSearch: boolean }} props */
function Row({ entry, all, isSearch }) {
	const isFolder = entry.type === 'folder';
	const told = entry.metadata;
	const picture = pictureOf(entry);
	const size = isFolder ? t('filearea.count', { count: all.filter((one) => one.path.startsWith(`${entry.path}/`)).length }) : formatBytes(entry.size);
	const time = told?.estimated_time_s ? formatDuration(told.estimated_time_s) : '';
	const menu = [
		mayOperate.value && !isFolder && { label: queueText('queue.print'), icon: 'printer', run: () => openDialog(`print:${entry.path}`) },
		mayOperate.value && { label: t('filearea.move'), icon: 'edit', run: () => openDialog(`move:${entry.path}`) },
		mayOperate.value && !isFolder && { label: t('filearea.copy'), icon: 'copy', run: () => openDialog(`copy:${entry.path}`) },
		mayOperate.value && { label: t('filearea.delete'), icon: 'remove', run: () => openDialog(`delete:${entry.path}`) },
	];
	return html`<tr>
		<td class="cell-main">
			<a class="cell-open" href=${`/files/${addressOf(entry.path)}`}>
				<span class="thumb">${picture ? html`<img src=${picture} alt="" width="40" height="40" loading="lazy" />` : html`<${Icon} name=${isFolder ? 'folder' : 'files'} size=${18} />`}</span>
				<span class="name">${breakable(isSearch ? entry.path : baseOf(entry.path))}</span>
			</a>
			<p class="cell-more narrow-only quiet">${[time, size].filter(Boolean).join(' · ')}</p>
		</td>
		<td class="number wide">${time || NOTHING}</td>
		<td class="number widest">${told?.filament_g ? `${formatNumber(told.filament_g, 0)} g` : told?.filament_mm ? `${formatNumber(told.filament_mm / 1000, 1)} m` : NOTHING}</td>
		<td class="widest name">${told?.filament_type ?? NOTHING}</td>
		<td class="number wide">${size}</td>
		<td class="wide still" title=${isFolder ? '' : formatDate(entry.modified_at)}>${isFolder ? NOTHING : formatBriefly(entry.modified_at)}</td>
		<td class="widest still">${isFolder ? null : html`<${Printed} path=${entry.path} />`}</td>
		<td><div class="file-doings">${mayOperate.value && !isFolder ? html`<button type="button" class="button button-small wide" aria-label=${queueText('queue.print_of', { name: baseOf(entry.path) })} onClick=${() => openDialog(`print:${entry.path}`)}><${Icon} name="printer" size=${16} /><span>${queueText('queue.print')}</span></button>` : null}${mayOperate.value ? html`<${Menu} label=${t('filearea.more_of', { name: baseOf(entry.path) })} items=${menu} />` : null}</div></td>
	</tr>`;
}

export { Files as view };
