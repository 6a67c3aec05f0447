// SPDX-License-Identifier: MIT
// A copy of all that the gateway keeps, to download; and back.

import { html, useSignal } from '../html.js';
import { ask, get } from '../api.js';
import { formatBytes } from '../format.js';
import { dialog, openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, useDoing } from './asked.js';
import { DropField, DropSheet } from './drop.js';

const LOOK_MS = 700;

export function Backup() {
	const uploads = useSignal(false);
	return html`<${Section} title=${t('manage.backup')} help=${t('manage.backup_help')}>
			<div class="sheet way narrow-form">
				<p>${t('manage.backup_secret')}</p>
				<label class="check"><input type="checkbox" checked=${uploads} onChange=${() => (uploads.value = !uploads.peek())} /><span>${t('manage.backup_uploads')}</span></label>
				<p class="buttons"><a class="button button-main" href=${`/api/v1/backup${uploads.value ? '?uploads=true' : ''}`} download><${Icon} name="download" size=${18} /><span>${t('manage.backup_make')}</span></a></p>
			</div>
		<//>
		<${Section} title=${t('manage.restore')} help=${t('manage.restore_help')}>
			<p class="buttons"><button type="button" class="button" onClick=${() => openDialog('restore')}><${Icon} name="upload" size=${18} /><span>${t('manage.restore_choose')}</span></button></p>
		<//>
		${dialog.value === 'restore' ? html`<${RestoreDialog} />` : null}`;
}

/** Which run of the gateway answers; undefined where none does. */
const startOf = async () => (await get('/health')).data?.start;

/** It answers again once it has begun anew; nobody is logged in then. @param {string | undefined} before the run that ends */
function awaitGateway(before) {
	setTimeout(async () => {
		const start = await startOf();
		if (start && start !== before) {
			location.assign('/');
		} else {
			awaitGateway(before);
		}
	}, LOOK_MS);
}

function RestoreDialog() {
	const file = useSignal(/** @type {File | null} */ (null));
	const doing = useDoing();
	const take = (/** @type {File} */ given) => (file.value = given);
	async function restore() {
		const body = file.peek();
		if (body) {
			/** @type {string | undefined} */
			let before;
			const answer = await doing.run(async () => {
				before = await startOf();
				return ask('POST', '/restore', body, { 'Content-Type': 'application/x-tar' });
			}, t('manage.restored'));
			if (answer.ok) {
				doing.busy.value = true;
				awaitGateway(before);
			}
		}
	}
	return html`<${Dialog} title=${t('manage.restore')}>
		<${DropSheet} onFile=${take}><${DropField} text=${file.value ? `${file.value.name} · ${formatBytes(file.value.size)}` : t('manage.drop_file')} accept=".tar,application/x-tar" onFile=${take} /><//>
		<p>${t('manage.restore_warning')}</p>
		<${Came} doing=${doing} />
		<div class="dialog-foot"><button type="button" class="button button-bad" disabled=${!file.value || doing.busy.value} onClick=${restore}>${t(doing.busy.value ? 'manage.waiting' : 'manage.restore_now')}</button></div>
	<//>`;
}
