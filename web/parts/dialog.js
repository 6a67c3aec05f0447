// SPDX-License-Identifier: MIT
// A dialog over the view. It has an address (?dialog=name), so "back" closes it.

import { html, useEffect, useId, useRef } from '../html.js';
import { closeDialog } from '../router.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

/** @param {{ title: string, children: any, wide?: boolean, tall?: boolean, onClose?: () => void }} props tall: its size is not that of what is in it, which comes later */
export function Dialog({ title, children, wide = false, tall = false, onClose = closeDialog }) {
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const id = useId();
	useEffect(() => {
		element.current?.showModal();
	}, []);
	return html`<dialog
		ref=${element}
		class=${`dialog ${wide ? 'dialog-wide' : ''} ${tall ? 'dialog-tall' : ''}`}
		aria-labelledby=${id}
		onCancel=${(/** @type {Event} */ event) => {
			event.preventDefault();
			onClose();
		}}
		onClick=${(/** @type {MouseEvent} */ event) => event.target === element.current && onClose()}
	>
		<div class="dialog-inside">
			<header class="dialog-head">
				<h2 id=${id}>${title}</h2>
				<button type="button" class="button-icon" aria-label=${t('dialog.close')} onClick=${onClose}><${Icon} name="close" /></button>
			</header>
			${children}
		</div>
	</dialog>`;
}
