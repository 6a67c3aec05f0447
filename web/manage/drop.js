// SPDX-License-Identifier: MIT
// A sheet that a file is dropped on, and the field in it that opens the browser's own way to choose one.

import { html, useSignal } from '../html.js';
import { Icon } from '../parts/icon.js';

/** @param {{ onFile: (file: File) => void, class?: string, children: any }} props */
export function DropSheet({ onFile, class: extra = '', children }) {
	const isOver = useSignal(false);
	return html`<section
		class=${`sheet way ${extra} ${isOver.value ? 'is-over' : ''}`}
		onDragOver=${(/** @type {DragEvent} */ event) => {
			event.preventDefault();
			isOver.value = true;
		}}
		onDragLeave=${() => (isOver.value = false)}
		onDrop=${(/** @type {DragEvent} */ event) => {
			event.preventDefault();
			isOver.value = false;
			give(event.dataTransfer, onFile);
		}}
	>${children}</section>`;
}

/** @param {{ text: string, accept: string, onFile: (file: File) => void }} props text: what to do, or the name of the file that was chosen */
export function DropField({ text, accept, onFile }) {
	// A form around it hears of what is typed alone.
	return html`<label class="drop-field"><${Icon} name="upload" size=${28} /><span class="name">${text}</span>
		<input class="unseen" type="file" accept=${accept} onInput=${(/** @type {Event} */ event) => event.stopPropagation()} onChange=${(/** @type {any} */ event) => give(event.target, onFile)} />
	</label>`;
}

/** Nothing where a text was dropped, or no file chosen. @param {{ files: FileList | null } | null} from @param {(file: File) => void} onFile */
function give(from, onFile) {
	const file = from?.files?.[0];
	if (file) {
		onFile(file);
	}
}
