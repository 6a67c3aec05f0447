// SPDX-License-Identifier: MIT
// What is open while a printer works: its job, its heat over time, and what moves.

import { html, useComputed } from '../../html.js';
import { mayOperate } from '../../api.js';
import { isFilamentPrinter } from '../../condition.js';
import { CameraPanel } from './camera.js';
import { Chart } from './chart.js';
import { Attached, Inks } from './e1.js';
import { Heat } from './heat.js';
import { Job } from './job.js';
import { Filament, Motion } from './motion.js';
import { Tuning } from './tuning.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Overview({ printer, serial }) {
	const isFilament = useComputed(() => isFilamentPrinter(printer.value));
	if (!isFilament.value) {
		return html`<div class="panels">
			<div class="panels-main"><${Job} printer=${printer} serial=${serial} /><${Inks} printer=${printer} /><${CameraPanel} printer=${printer} serial=${serial} /></div>
			<div class="panels-side"><${Attached} printer=${printer} /></div>
		</div>`;
	}
	return html`<div class="panels">
		<div class="panels-main"><${Job} printer=${printer} serial=${serial} /><${CameraPanel} printer=${printer} serial=${serial} /></div>
		<div class="panels-side">
			<${Heat} printer=${printer} serial=${serial} />
			<${Tuning} printer=${printer} serial=${serial} />
		</div>
		<div class="panels-more">
			<${Chart} printer=${printer} serial=${serial} />
			${mayOperate.value ? html`<div class="panels-pair"><${Motion} printer=${printer} serial=${serial} /><${Filament} printer=${printer} serial=${serial} /></div>` : null}
		</div>
	</div>`;
}
