// SPDX-License-Identifier: MIT
// The camera of a printer, once somebody wants to see it: what shows it is loaded then, and the printer is not asked before.

import { html, useEffect, useSignal } from '../../html.js';
import { setting } from '../../settings.js';
import { t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { Panel } from './panel.js';

/** By serial number; this browser keeps it. @type {import('@preact/signals').Signal<Record<string, boolean>>} */
const wanted = setting('cameras', {});

/** @param {{ printer: import('@preact/signals').ReadonlySignal<import('../../types').Printer>, serial: string }} props */
export function CameraPanel({ printer, serial }) {
	const module = useSignal(/** @type {any} */ (null));
	const failed = useSignal(false);
	const isWanted = wanted.value[serial] ?? false;
	useEffect(() => {
		if (isWanted && !module.peek()) {
			import('../../camera/tile.js').then((loaded) => (module.value = loaded), () => (failed.value = true));
		}
	}, [isWanted]);
	const toggle = html`<button type="button" class="button" aria-expanded=${isWanted} onClick=${() => (wanted.value = { ...wanted.peek(), [serial]: !isWanted })}>
		<${Icon} name=${isWanted ? 'close' : 'camera'} size=${18} /><span>${t(isWanted ? 'printer.camera_end' : 'printer.camera_show')}</span>
	</button>`;
	return html`<${Panel} title=${t('printer.camera')} tools=${toggle}>
		${failed.value ? html`<p role="alert">${t('page.not_loaded')}</p>` : isWanted && module.value ? html`<${module.value.Camera} printer=${printer} serial=${serial} />` : null}
	<//>`;
}
