// SPDX-License-Identifier: MIT
// Another name, a new folder, and whether it is to be deleted.

import { html, useSignal } from '../html.js';
import { closeDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/files/texts.js';
import { baseOf, makeFolder, relocate, remove, within } from './store.js';

/** @param {import('../types').Answer} answer */
const faultOf = (answer) => (answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail);

/**
 * Asks for a path, and does something with it.
 * @param {{ title: string, label: string, initial: string, submit: string, send: (path: string) => Promise<import('../types').Answer>, onDone: (path: string) => void }} props
 */
function PathDialog({ title, label, initial, submit, send, onDone }) {
	const path = useSignal(initial);
	const fault = useSignal('');
	const busy = useSignal(false);
	/** @param {Event} event */
	async function run(event) {
		event.preventDefault();
		busy.value = true;
		const wanted = path.peek().trim().replace(/^\/+|\/+$/g, '');
		const answer = await send(wanted);
		busy.value = false;
		fault.value = faultOf(answer);
		if (answer.ok) {
			closeDialog();
			onDone(wanted);
		}
	}
	return html`<${Dialog} title=${title}>
		<form class="form" onSubmit=${run}>
			<${Field} label=${label} value=${path} required autofocus help=${t('filearea.path_help')} />
			<p class="fault" role="alert">${fault}</p>
			<button class="button button-main" disabled=${busy}>${submit}</button>
		</form>
	<//>`;
}

/** @param {{ entry: import('./store.js').Entry, action: 'move' | 'copy', onDone: (path: string) => void }} props */
export function RelocateDialog({ entry, action, onDone }) {
	return html`<${PathDialog}
		title=${t(`filearea.${action}_of`, { name: baseOf(entry.path) })}
		label=${t('filearea.new_path')}
		initial=${entry.path}
		submit=${t(`filearea.${action}`)}
		send=${(/** @type {string} */ path) => relocate(entry.path, path, action)}
		onDone=${onDone}
	/>`;
}

/** @param {{ folder: string, onDone: () => void }} props */
export function FolderDialog({ folder, onDone }) {
	return html`<${PathDialog} title=${t('filearea.new_folder')} label=${t('filearea.folder_name')} initial="" submit=${t('filearea.make')} send=${(/** @type {string} */ path) => makeFolder(within(folder, path))} onDone=${onDone} />`;
}

/** @param {{ entry: import('./store.js').Entry, count: number, onDone: () => void }} props `count`: files in a folder */
export function DeleteDialog({ entry, count, onDone }) {
	const fault = useSignal('');
	const busy = useSignal(false);
	async function run() {
		busy.value = true;
		const answer = await remove(entry);
		busy.value = false;
		fault.value = faultOf(answer);
		if (answer.ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${t('filearea.delete_of', { name: baseOf(entry.path) })}>
		<p>${entry.type === 'folder' && count ? t('filearea.delete_folder', { count }) : t('filearea.delete_for_good')}</p>
		<p class="fault" role="alert">${fault}</p>
		<div class="dialog-foot">
			<button type="button" class="button button-bad" disabled=${busy} onClick=${run}><${Icon} name="remove" size=${18} /><span>${t('filearea.delete')}</span></button>
			<button type="button" class="button" onClick=${closeDialog}>${t('filearea.keep')}</button>
		</div>
	<//>`;
}
