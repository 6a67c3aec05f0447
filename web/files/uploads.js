// SPDX-License-Identifier: MIT
// Files that are being sent, and what came of those that were: by drop or by choice, one after the other.

import { html, signal, useEffect, useRef, useSignal } from '../html.js';
import { formatBytes, formatPercent } from '../format.js';
import { openDialog } from '../router.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/files/texts.js';
import { baseOf, upload, within } from './store.js';

/** @typedef {{ id: number, file: File, path: string, percent: number, state: 'waiting' | 'sending' | 'done' | 'exists' | 'failed', detail: string }} Upload */

/** @type {import('@preact/signals').Signal<Upload[]>} */
const uploads = signal([]);
let last = 0;
let isSending = false;

const ENDINGS = '.gcode,.gco,.gc,.g,.nc,.ngc,.acode,.gz';

/** @param {number} id @param {Partial<Upload>} changes */
function change(id, changes) {
	uploads.value = uploads.peek().map((one) => (one.id === id ? { ...one, ...changes } : one));
}

/** @param {Iterable<File>} files @param {string} folder @param {() => void} onDone */
export function send(files, folder, onDone) {
	const added = [...files].map((file) => ({ id: ++last, file, path: within(folder, file.name), percent: 0, state: /** @type {Upload['state']} */ ('waiting'), detail: '' }));
	uploads.value = [...uploads.peek(), ...added];
	work(onDone);
}

/** @param {() => void} onDone */
async function work(onDone) {
	if (isSending) {
		return;
	}
	isSending = true;
	for (let next = waiting(); next; next = waiting()) {
		await sendOne(next, false);
		onDone();
	}
	isSending = false;
}

const waiting = () => uploads.peek().find((one) => one.state === 'waiting');

/** @param {Upload} one @param {boolean} replaces */
async function sendOne(one, replaces) {
	change(one.id, { state: 'sending', percent: 0, detail: '' });
	const answer = await upload(one.file, one.path, replaces, (percent) => change(one.id, { percent }));
	const state = answer.ok ? 'done' : answer.status === 409 && !replaces ? 'exists' : 'failed';
	change(one.id, { state, percent: 100, detail: answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail });
}

/** @param {{ onDone: () => void }} props */
export function Uploads({ onDone }) {
	if (!uploads.value.length) {
		return null;
	}
	return html`<section class="uploads sheet" aria-label=${t('filearea.uploads')}>
		<ul>
			${uploads.value.map((one) => html`<${One} key=${one.id} one=${one} onDone=${onDone} />`)}
		</ul>
	</section>`;
}

/** @param {{ one: Upload, onDone: () => void }} props */
function One({ one, onDone }) {
	const forget = () => (uploads.value = uploads.peek().filter(({ id }) => id !== one.id));
	const replace = async () => {
		await sendOne(one, true);
		onDone();
	};
	const text = one.state === 'sending' ? formatPercent(one.percent) : t(`filearea.upload_${one.state}`);
	return html`<li class="upload">
		<span class="name upload-name">${baseOf(one.path)}</span>
		<span class="quiet">${formatBytes(one.file.size)}</span>
		<span role="status" class=${`upload-state upload-${one.state}`}>${text} ${one.detail && one.state === 'failed' ? html`<span>${one.detail}</span>` : null}</span>
		${one.state === 'exists' ? html`<button type="button" class="button button-small" onClick=${replace}>${t('filearea.replace')}</button>` : null}
		${one.state === 'done' ? html`<button type="button" class="button button-small" onClick=${() => openDialog(`print:${one.path}`)}><${Icon} name="printer" size=${16} /><span>${t('queue.print')}</span></button>` : null}
		${['done', 'exists', 'failed'].includes(one.state) ? html`<button type="button" class="button-icon button-small" aria-label=${t('filearea.forget', { name: baseOf(one.path) })} onClick=${forget}><${Icon} name="close" size=${14} /></button>` : null}
		${one.state === 'sending' ? html`<progress class="upload-bar" max="100" value=${one.percent} aria-label=${t('filearea.upload_of', { name: baseOf(one.path) })}></progress>` : null}
	</li>`;
}

/** A button, and the whole window to drop on, before the frame takes what is dropped as something to print. @param {{ folder: string, onDone: () => void }} props */
export function UploadButton({ folder, onDone }) {
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	const isOver = useSignal(false);
	useEffect(() => {
		let depth = 0;
		const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files');
		const events = {
			dragenter: (/** @type {DragEvent} */ event) => {
				event.preventDefault();
				depth += hasFiles(event) ? 1 : 0;
				isOver.value = depth > 0;
			},
			dragleave: (/** @type {DragEvent} */ event) => {
				depth = Math.max(0, depth - (hasFiles(event) ? 1 : 0));
				isOver.value = depth > 0;
			},
			dragover: (/** @type {DragEvent} */ event) => hasFiles(event) && event.preventDefault(),
			drop: (/** @type {DragEvent} */ event) => {
				depth = 0;
				isOver.value = false;
				if (event.dataTransfer?.files.length) {
					event.preventDefault();
					send(event.dataTransfer.files, folder, onDone);
				}
			},
		};
		for (const [name, run] of Object.entries(events)) {
			addEventListener(name, /** @type {any} */ (run), true);
		}
		return () => {
			for (const [name, run] of Object.entries(events)) {
				removeEventListener(name, /** @type {any} */ (run), true);
			}
		};
	}, [folder]);
	/** @param {any} event */
	function choose(event) {
		send(event.target.files, folder, onDone);
		event.target.value = '';
	}
	return html`<button type="button" class="button button-main" onClick=${() => input.current?.click()}><${Icon} name="upload" size=${18} /><span>${t('filearea.upload')}</span></button>
		<input ref=${input} class="unseen" type="file" multiple accept=${ENDINGS} tabindex="-1" aria-label=${t('filearea.upload')} onChange=${choose} />
		${isOver.value ? html`<div class="drop-here" aria-hidden="true"><p><${Icon} name="upload" size=${32} /><span>${t('filearea.drop')}</span></p></div>` : null}`;
}
