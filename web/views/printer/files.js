// SPDX-License-Identifier: MIT
// What lies on a printer itself. It is asked, which takes seconds, so that is done when somebody wants it.

import { html, useComputed, useSignal } from '../../html.js';
import { part } from '../../api.js';
import { command } from '../../actions.js';
import { formatBytes, formatDate } from '../../format.js';
import { t } from '../../text.js';
import { HoldButton } from '../../parts/hold_button.js';
import { Icon } from '../../parts/icon.js';
import { askPrinter } from './asked.js';
import { Barrier, isBarred, useGuard } from './guard.js';
import { Panel, Segments } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {{ name: string, path: string, size: number | null, modified_at: string | null }} PrinterFile */

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Files({ printer, serial }) {
	const storage = useSignal('board');
	/** By storage, what it told last. */
	const lists = useSignal(/** @type {Record<string, { complete: boolean, files: PrinterFile[] }>} */ ({}));
	const isAsking = useSignal(false);
	const never = useSignal(false);
	const guard = useGuard(printer, { command: 'files' });
	const isOn = useComputed(() => printer.value.online);
	const list = lists.value[storage.value];

	async function read() {
		const asked = storage.peek();
		isAsking.value = true;
		const answer = await askPrinter(serial, 'files', `/printers/${part(serial)}/files?storage=${asked}`);
		isAsking.value = false;
		if (answer) {
			lists.value = { ...lists.peek(), [asked]: answer };
		}
	}

	/** @param {PrinterFile} file */
	async function remove(file) {
		const { state } = await command(serial, { command: 'delete', path: file.path }).done;
		if (state === 'confirmed' || state === 'accepted') {
			const asked = storage.peek();
			const now = lists.peek()[asked];
			lists.value = { ...lists.peek(), [asked]: { ...now, files: now.files.filter((one) => one.path !== file.path) } };
		}
	}

	const tools = html`<${Segments} legend=${t('files.storage')} value=${storage} options=${[['board', t('files.board')], ['usb', t('files.usb')]]} />
		<button type="button" class="button" disabled=${!isOn.value || isAsking.value || isBarred(guard.value)} onClick=${read}><${Icon} name="refresh" size=${18} /><span>${t(isAsking.value ? 'files.asking' : 'files.ask')}</span></button>`;
	return html`<${Panel} title=${t('files.title')} serial=${serial} commands=${['files', 'start', 'delete']} most=${3} tools=${tools}>
		<${Barrier} verdict=${guard.value.verdict === 'needs force' ? { ...guard.value, verdict: 'never' } : guard.value} what=${t('files.barred')} forced=${never} />
		${list ? html`<${List} serial=${serial} list=${list} remove=${remove} />` : html`<p class="quiet">${t('files.how')}</p>`}
	<//>`;
}

/** @param {{ serial: string, list: { complete: boolean, files: PrinterFile[] }, remove: (file: PrinterFile) => void }} props */
function List({ serial, list, remove }) {
	const files = [...list.files].sort((a, b) => (b.modified_at ?? '').localeCompare(a.modified_at ?? '') || a.name.localeCompare(b.name));
	if (!files.length) {
		return html`<p class="quiet" role="status">${t('files.none')}</p>`;
	}
	return html`<p class="quiet" role="status">${t('files.number', { count: files.length })}${list.complete ? '' : ` · ${t('files.incomplete')}`}</p>
		<ul class="panel-rows">
			${files.map(
				(file) => html`<li class="row-item" key=${file.path}>
					<${Icon} name="files" size=${20} />
					<div class="row-what"><p class="name row-name">${file.name}</p><p class="quiet row-more">${[file.size === null ? '' : formatBytes(file.size), file.modified_at ? formatDate(file.modified_at) : '', file.path === file.name ? '' : file.path].filter(Boolean).map((text, at) => html`${at ? ' · ' : ''}<span class="name">${text}</span>`)}</p></div>
					<div class="row-doings">
						<${HoldButton} label=${t('files.start')} icon="resume" onConfirm=${() => command(serial, { command: 'start', path: file.path })} />
						<${HoldButton} label=${t('files.delete')} icon="trash" short onConfirm=${() => remove(file)} />
					</div>
				</li>`,
			)}
		</ul>`;
}
