// SPDX-License-Identifier: MIT
// What is open while a printer works: its job, its heat over time, and what moves.

import { html, useComputed, useEffect } from '../../html.js';
import { mayOperate, session } from '../../api.js';
import { learnSource, sourceOf } from '../../camera/source.js';
import { isFilamentPrinter } from '../../condition.js';
import { isQueueRead } from '../../parts/queued.js';
import { useReady } from '../../parts/ready.js';
import { CameraPanel } from './camera.js';
import { Chart } from './chart.js';
import { Attached, Inks } from './e1.js';
import { Heat } from './heat.js';
import { couldBegin, Job } from './job.js';
import { Filament, Motion } from './motion.js';
import { isNewestKnown, learnNewest } from './newest.js';
import { Tuning } from './tuning.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Overview({ printer, serial }) {
	const isFilament = useComputed(() => isFilamentPrinter(printer.value));
	const isFree = useComputed(() => couldBegin(printer.value));
	const isReady = useReady(sourceOf(serial) !== undefined && (!isFree.value || isNewestKnown()) && (!isFilament.value || isQueueRead(serial)));
	useEffect(() => {
		learnSource(serial);
		if (isFree.value && !session.peek()?.printers) {
			learnNewest();
		}
	}, [serial, isFree.value]);
	if (!isReady) {
		return html`<div class="loading" aria-busy="true"></div>`;
	}
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
