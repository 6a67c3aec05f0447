// SPDX-License-Identifier: MIT
// How a file is to be printed, and then what becomes of it.

import { html, useComputed, useEffect, useSignal } from '../html.js';
import { get, part, post } from '../api.js';
import { act } from '../actions.js';
import { isFilamentPrinter, nameOf, stateText } from '../condition.js';
import { addressOf, baseOf, pictureOf } from '../files/store.js';
import { formatBytes, formatDuration, formatNumber, formatPercent } from '../format.js';
import { everyPrinter, printerOf } from '../live.js';
import { closeDialog, path as viewPath } from '../router.js';
import { said } from '../sentences.js';
import { t } from '../text/queue/texts.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { Outcome } from '../parts/outcome.js';
import { change, dropped, leaveOut, send } from './dropped.js';
import { EntryBody } from './entry.js';
import { PlateButton } from './plate.js';
import { entries, plateOf, wantsPlate } from './store.js';

/** @typedef {import('./dropped.js').Item} Item */
/** @typedef {import('@preact/signals').Signal<import('../actions.js').Action>} ActionSignal */

const MODELS = ['M5', 'M5C'];
const ANY = 'any:';

/** The printer whose view is open, or the only one; else any that fits. */
function likelyTarget() {
	const printers = everyPrinter.peek().filter(isFilamentPrinter);
	const shown = printers.find(({ serial }) => viewPath.peek().startsWith(`/p/${part(serial)}`));
	return shown?.serial ?? (printers.length === 1 ? printers[0].serial : ANY);
}

/** @param {{ path: string }} props "": what was dropped */
export function PrintDialog({ path }) {
	const added = useSignal(/** @type {ActionSignal[] | null} */ (null));
	/** @type {Item[]} */
	const items = path ? [{ path, file: null, percent: 100, state: 'done', detail: '' }] : dropped.value;
	const title = items.length === 1 ? t('queue.print_of', { name: baseOf(items[0].path) }) : t('queue.print');
	return html`<${Dialog} title=${title}>
		${added.value ? html`<${Added} added=${added.value} />` : items.length ? html`<${Order} items=${items} added=${added} />` : html`<p>${t('queue.print_nothing')}</p>`}
	<//>`;
}

/** @param {{ items: Item[], added: import('@preact/signals').Signal<ActionSignal[] | null> }} props */
function Order({ items, added }) {
	const target = useSignal(likelyTarget());
	const copies = useSignal('1');
	const after = useSignal('');
	const hold = useSignal(false);
	const front = useSignal(false);
	const ready = items.filter(({ state }) => state === 'done');
	/** @param {Event} event */
	function run(event) {
		event.preventDefault();
		const isAny = target.peek().startsWith(ANY);
		const where = isAny ? '/queue' : `/printers/${part(target.peek())}/queue`;
		const body = {
			copies: Number(copies.peek()),
			hold: hold.peek(),
			front: front.peek(),
			...(isAny && target.peek() !== ANY ? { model: target.peek().slice(ANY.length) } : {}),
			...(after.peek() ? { not_before: `${new Date(after.peek()).toISOString().slice(0, 19)}Z` } : {}),
		};
		const wanted = front.peek() ? [...ready].reverse() : ready;
		added.value = wanted.map((item) => act(isAny ? '' : target.peek(), 'queue_add', { name: baseOf(item.path) }, () => post(where, { path: item.path, ...body })).action);
	}
	return html`<form class="form print-form" onSubmit=${run}>
		<ul class="print-items">${items.map((item) => html`<${One} key=${item.path} item=${item} isNamed=${items.length > 1} />`)}</ul>
		<${Target} target=${target} />
		<div class="print-pair">
			<${Field} label=${t('queue.copies')} type="number" value=${copies} min="1" max="1000" required />
			<${Field} label=${t('queue.after')} type="datetime-local" value=${after} />
		</div>
		<div class="print-checks">
			<label class="check"><input type="checkbox" checked=${hold} onChange=${(/** @type {any} */ event) => (hold.value = event.target.checked)} /><span>${t('queue.hold_it')}</span></label>
			<label class="check"><input type="checkbox" checked=${front} onChange=${(/** @type {any} */ event) => (front.value = event.target.checked)} /><span>${t('queue.front')}</span></label>
		</div>
		<div class="dialog-foot">
			<button class="button button-main" disabled=${!ready.length || ready.length < items.length}><${Icon} name="queue" size=${18} /><span>${t('queue.add')}</span></button>
			<button type="button" class="button" onClick=${closeDialog}>${t('dialog.close')}</button>
		</div>
	</form>`;
}

/** @param {{ target: import('@preact/signals').Signal<string> }} props */
function Target({ target }) {
	const printers = everyPrinter.value.filter(isFilamentPrinter);
	const models = MODELS.filter((model) => printers.some((printer) => printer.model === model));
	const about = useComputed(() => (target.value.startsWith(ANY) ? '' : aboutOf(target.value)));
	return html`<div class="field">
		<label for="print-target">${t('queue.target')}</label>
		<select id="print-target" autofocus aria-describedby="print-about" onChange=${(/** @type {any} */ event) => (target.value = event.target.value)}>
			<option value=${ANY} selected=${target.value === ANY}>${t('queue.any')}</option>
			${models.map((model) => html`<option value=${ANY + model} selected=${target.value === ANY + model}>${t('queue.any_of', { model })}</option>`)}
			${printers.map((printer) => html`<option value=${printer.serial} selected=${target.value === printer.serial}>${nameOf(printer)}</option>`)}
		</select>
		<p class="field-help" id="print-about">${about.value || t('queue.any_what')}</p>
	</div>`;
}

/** What is known of a printer that matters to who sends it something. @param {string} serial */
function aboutOf(serial) {
	const printer = printerOf(serial)?.value;
	const plate = plateOf(serial);
	const parts = [printer ? stateText(printer) : t('queue.printer_gone')];
	if (plate) {
		parts.push(said(plate, 'cannot_send') || plate.cannot_send || t(plate.auto_clear ? 'queue.plate_auto' : plate.clear ? 'queue.plate_clear' : 'queue.plate_unclear'), plate.material ?? '');
	}
	return parts.filter(Boolean).join(' · ');
}

/** One of the files: how far its upload is, then what its slicer says. @param {{ item: Item, isNamed: boolean }} props isNamed: the title does not name it */
function One({ item, isNamed }) {
	const known = useSignal(/** @type {import('../files/store.js').Entry | null} */ (null));
	const fault = useSignal('');
	useEffect(() => {
		if (item.state === 'done') {
			get(`/metadata/${addressOf(item.path)}`).then((answer) => {
				known.value = answer.ok ? answer.data : null;
				fault.value = answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail;
			});
		}
	}, [item.path, item.state]);
	const told = known.value?.metadata;
	const picture = known.value ? pictureOf(known.value) : '';
	const filament = told?.filament_g ? `${formatNumber(told.filament_g, 0)} g` : told?.filament_mm ? `${formatNumber(told.filament_mm / 1000, 1)} m` : '';
	const facts = [told?.estimated_time_s && formatDuration(told.estimated_time_s), filament, told?.filament_type, told?.layer_count && t('queue.layers', { count: told.layer_count }), told?.machine, known.value && formatBytes(known.value.size)];
	return html`<li class="print-item">
		<span class="thumb">${picture ? html`<img src=${picture} alt="" width="64" height="64" />` : html`<${Icon} name="files" size=${24} />`}</span>
		<div class="print-what">
			${isNamed ? html`<p class="name print-name">${item.path}</p>` : null}
			<p class="quiet name">${facts.filter(Boolean).join(' · ')}</p>
			${item.state === 'sending' || item.state === 'waiting' ? html`<p class="quiet" role="status">${t('queue.uploading')} ${formatPercent(item.percent)}</p><progress class="upload-bar" max="100" value=${item.percent} aria-label=${t('queue.upload_of', { name: item.path })}></progress>` : null}
			${item.state === 'exists' ? html`<p class="queue-bad" role="alert">${t('queue.exists')}</p><p class="queue-actions"><button type="button" class="button button-small" onClick=${() => change(item, { state: 'done' })}>${t('queue.use_kept')}</button><button type="button" class="button button-small" onClick=${() => send(item, true)}>${t('queue.replace')}</button></p>` : null}
			${item.state === 'failed' ? html`<p class="queue-bad name" role="alert">${item.detail || t('connection.lost')}</p>` : null}
			${item.file && ['exists', 'failed'].includes(item.state) ? html`<p><button type="button" class="button button-small" onClick=${() => leaveOut(item)}>${t('queue.leave_out')}</button></p>` : null}
			<p class="fault" role="alert">${fault}</p>
		</div>
	</li>`;
}

/** @param {{ added: ActionSignal[] }} props */
function Added({ added }) {
	return html`<ul class="queue-line">${added.map((action) => html`<${AddedOne} key=${action.peek().id} action=${action} />`)}</ul>
		<div class="dialog-foot">
			<a class="button" href="/queue"><${Icon} name="queue" size=${18} /><span>${t('queue.to_queue')}</span></a>
			<button type="button" class="button" onClick=${closeDialog}>${t('dialog.close')}</button>
		</div>`;
}

/** What came of it, and what comes of it now. @param {{ action: ActionSignal }} props */
function AddedOne({ action }) {
	const id = action.value.state === 'confirmed' ? action.value.result?.id : null;
	const entry = id ? entries.value?.find((one) => one.id === id) : undefined;
	const serial = entry?.printer ?? '';
	return html`<li class="queue-entry" data-entry=${id}>
		<${Outcome} action=${action} onClose=${closeDialog} />
		${entry ? html`<${EntryBody} entry=${entry}>${serial && wantsPlate(serial) ? html`<${PlateButton} serial=${serial} small />` : null}<//>` : null}
	</li>`;
}
