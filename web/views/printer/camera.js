// SPDX-License-Identifier: MIT
// The camera of a printer, once somebody wants to see it: what shows it is loaded then, and the printer is not asked before.

import { html, useSignal } from '../../html.js';
import { mayManage } from '../../api.js';
import { act } from '../../actions.js';
import { hasCamera } from '../../condition.js';
import { setSource, sourceOf, urlOf } from '../../camera/source.js';
import { setting } from '../../settings.js';
import { t } from '../../text.js';
import { Field } from '../../parts/field.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/loaded.js';
import { Panel } from './panel.js';

/** By serial number; this browser keeps it. @type {import('@preact/signals').Signal<Record<string, boolean>>} */
const wanted = setting('cameras', {});

/** @param {{ printer: import('@preact/signals').ReadonlySignal<import('../../types').Printer>, serial: string }} props */
export function CameraPanel({ printer, serial }) {
	const known = sourceOf(serial);
	// Till then that of its model, which it is nearly always.
	const source = known === undefined ? hasCamera(printer.value) : known;
	const isWanted = Boolean(known && wanted.value[serial]);
	const { module, failed } = useLoaded(() => import('../../camera/tile.js'), isWanted);
	if (!source && !mayManage.value) {
		return null;
	}
	const toggle = source
		? html`<button type="button" class="button" aria-expanded=${isWanted} onClick=${() => (wanted.value = { ...wanted.peek(), [serial]: !isWanted })}>
				<${Icon} name=${isWanted ? 'close' : 'camera'} size=${18} /><span>${t(isWanted ? 'printer.camera_end' : 'printer.camera_show')}</span>
			</button>`
		: null;
	return html`<${Panel} title=${t('printer.camera')} tools=${toggle} serial=${serial} commands=${['camera_url']}>
		${failed ? html`<p role="alert">${t('page.not_loaded')}</p>` : isWanted && module ? html`<${module.Camera} printer=${printer} serial=${serial} />` : null}
		${mayManage.value ? html`<${Other} key=${urlOf(serial)} serial=${serial} />` : null}
	<//>`;
}

/** A camera of somebody else in place of the printer's. @param {{ serial: string }} props */
function Other({ serial }) {
	const url = useSignal(urlOf(serial));

	/** @param {Event} event */
	function save(event) {
		event.preventDefault();
		act(serial, 'camera_url', {}, () => setSource(serial, url.peek().trim()));
	}

	return html`<details class="more">
		<summary>${t('printer.camera_other')}</summary>
		<form class="form" onSubmit=${save}>
			<${Field} label=${t('printer.camera_url')} value=${url} help=${t('printer.camera_help')} required=${false} />
			<button class="button">${t('dialog.save')}</button>
		</form>
	</details>`;
}
