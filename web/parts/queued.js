// SPDX-License-Identifier: MIT
// Of the print queue, what stands in every view: what a printer does next, files that are dropped, and the dialog that prints
// them. What it is made of is loaded once the first view stands.

import { effect, html, signal, useEffect, useSignal } from '../html.js';
import { mayOperate, session } from '../api.js';
import { isKnown, returns } from '../live.js';
import { dialog, path } from '../router.js';
import { start } from '../start.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

const loaded = signal(/** @type {Record<string, any> | null} */ (null));

function load() {
	return import('../queue/everywhere.js').then((module) => (loaded.value = module), () => {});
}

effect(() => {
	void returns.value;
	if (isKnown.value && session.value && !loaded.peek()) {
		(window.requestIdleCallback ?? setTimeout)(() => void load());
	}
});

/**
 * What a printer prints next, and the word that its plate is clear: of the document until the queue is there, so that nothing moves when it comes.
 * @param {{ serial: string, isSmall?: boolean, isStill?: boolean }} props
 */
export function Queued({ serial, isSmall = false, isStill = false }) {
	const coming = start.next?.[serial];
	if (loaded.value) {
		return html`<${loaded.value.Next} ...${{ serial, isSmall, isStill }} />`;
	}
	return coming ? html`<${Coming} name=${coming.name} wants=${coming.wants_plate} ...${{ isSmall, isStill }} onClear=${() => load().then(() => loaded.peek()?.clearPlate(serial))} />` : null;
}

/** @param {{ name: string, wants: boolean, isSmall: boolean, isStill: boolean, onClear: () => void }} props */
export function Coming({ name, wants, isSmall, isStill, onClear }) {
	return html`<div class=${wants ? 'next next-wants' : 'next'}>
		<p class="next-what"><${Icon} name="queue" size=${16} /><span class="next-name"><span class="next-line" title=${name}><span class="quiet">${t('queue.next')}:</span> <a class="name" href="/queue">${name}</a></span>${wants && !isSmall ? html`<span class="next-why">${t('queue.wants_plate')}</span>` : null}</span></p>
		${wants && mayOperate.value && !isStill ? html`<button type="button" class="button button-small" onClick=${onClear}><${Icon} name="check" size=${18} /><span>${t('queue.plate_confirm')}</span></button>` : null}
	</div>`;
}

/** Whether Queued shows what it will. @param {string} serial */
export const isQueueRead = (serial) => loaded.value?.isRead(serial) ?? false;

/** Where files that are dropped are others': login files. */
const isElsewhere = () => path.peek().startsWith('/settings') || !mayOperate.peek() || !loaded.peek();

/** Files may be dropped anywhere; a view that takes them itself says so by preventDefault. */
export function PrintRoom() {
	const isOver = useSignal(false);
	useEffect(() => {
		let depth = 0;
		const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') && !isElsewhere();
		/** @type {Record<string, (event: DragEvent) => void>} */
		const events = {
			dragenter: (event) => {
				depth += hasFiles(event) && !event.defaultPrevented ? 1 : 0;
				isOver.value = depth > 0;
			},
			dragleave: (event) => {
				depth = Math.max(0, depth - (hasFiles(event) ? 1 : 0));
				isOver.value = depth > 0;
			},
			dragover: (event) => hasFiles(event) && event.preventDefault(),
			drop: (event) => {
				depth = 0;
				isOver.value = false;
				if (event.dataTransfer?.files.length && !event.defaultPrevented && !isElsewhere()) {
					event.preventDefault();
					loaded.peek()?.takeDropped(event.dataTransfer.files);
				}
			},
		};
		for (const [name, run] of Object.entries(events)) {
			addEventListener(name, /** @type {any} */ (run));
		}
		return () => {
			for (const [name, run] of Object.entries(events)) {
				removeEventListener(name, /** @type {any} */ (run));
			}
		};
	}, []);
	const [kind, ...rest] = dialog.value.split(':');
	return html`${kind === 'print' && loaded.value && mayOperate.value ? html`<${loaded.value.PrintDialog} key=${dialog.value} path=${rest.join(':')} />` : null}
		${isOver.value ? html`<div class="drop-here" aria-hidden="true"><p><${Icon} name="printer" size=${32} /><span>${t('queue.drop_here')}</span></p></div>` : null}`;
}
