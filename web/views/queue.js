// SPDX-License-Identifier: MIT
// The board of all queues: a column for each printer, and one for what any of them may print.

import { html, useComputed, useEffect, useSignal } from '../html.js';
import { mayOperate, session } from '../api.js';
import { actions, forgetAction } from '../actions.js';
import { conditionOf, isFilamentPrinter, nameOf, stateText } from '../condition.js';
import { printerOf, serials } from '../live.js';
import { Said } from '../sentences.js';
import { t } from '../text/queue/texts.js';
import { Icon } from '../parts/icon.js';
import { Outcome } from '../parts/outcome.js';
import { useReady } from '../parts/ready.js';
import { EntryBody } from '../queue/entry.js';
import { PlateButton } from '../queue/plate.js';
import { entries, fault, isActive, isOver, isWaiting, lineOf, move, nextOf, placeAt, plateOf, wantsPlate } from '../queue/store.js';

/** @typedef {import('../queue/store.js').Entry} Entry */

const OVER_AT_ONCE = 3;
const ANY = '';

function Queue() {
	/** The button that has the focus again once its entry has moved. */
	const wanted = useSignal('');
	const all = entries.value;
	const printers = serials.value.filter((serial) => isFilamentPrinter(printerOf(serial)?.peek() ?? /** @type {any} */ ({})));
	const isReady = useReady(all !== null && printers.map(plateOf).every(Boolean));
	useEffect(() => {
		const button = wanted.peek() && document.getElementById(wanted.peek());
		if (button && document.activeElement !== button) {
			button.focus();
		}
	}, [all]);
	if (!all || !isReady) {
		return html`<div class="loading" aria-busy="true"></div>`;
	}
	const others = [...new Set(all.map(lineOf))].filter((serial) => serial && !printers.includes(serial));
	const showsAny = !session.value?.printers || all.some((entry) => lineOf(entry) === ANY);
	const isEmpty = !all.some((entry) => !isOver(entry));
	return html`<div class="view queue">
		<header class="view-head"><h1>${t('queue.title')}</h1><p class="quiet" role="status">${isEmpty ? t('queue.empty') : t('queue.open', { count: all.filter((entry) => !isOver(entry)).length })}</p></header>
		${fault.value ? html`<p class="notice notice-bad" role="alert">${fault.value.status === 0 ? t('connection.lost') : fault.value.detail}</p>` : null}
		<div class="board">
			${showsAny ? html`<${Column} key=${ANY} serial=${ANY} all=${all} wanted=${wanted} />` : null}
			${[...printers, ...others].map((serial) => html`<${Column} key=${serial} serial=${serial} all=${all} wanted=${wanted} />`)}
		</div>
	</div>`;
}

/** @param {{ serial: string, all: Entry[], wanted: import('@preact/signals').Signal<string> }} props */
function Column({ serial, all, wanted }) {
	const own = all.filter((entry) => lineOf(entry) === serial);
	const active = own.filter(isActive);
	const waiting = own.filter(isWaiting);
	const name = serial ? nameOf(printerOf(serial)?.value ?? /** @type {any} */ ({ serial })) : t('queue.any');
	return html`<section class="sheet column" data-serial=${serial} aria-label=${name}>
		<header class="column-head">
			<h2>${serial ? html`<a class="name" href=${`/p/${encodeURIComponent(serial)}`}>${name}</a>` : name}</h2>
			${serial ? html`<${PrinterState} serial=${serial} />` : html`<p class="quiet">${t('queue.any_what')}</p>`}
		</header>
		${serial ? html`<${Plate} serial=${serial} />` : null}
		${active.length || waiting.length
			? html`<${Line} active=${active} waiting=${waiting} wanted=${wanted} />`
			: html`<${Idle} serial=${serial} />`}
		<${Past} entries=${own.filter(isOver).sort((a, b) => (b.ended_at ?? '').localeCompare(a.ended_at ?? '') || b.id - a.id)} />
	</section>`;
}

/** Of a printer that nothing is queued for: what any may print comes to it, too. @param {{ serial: string }} props */
function Idle({ serial }) {
	const next = useComputed(() => (serial && nextOf(serial)?.name) || '');
	const wants = useComputed(() => Boolean(serial) && wantsPlate(serial));
	if (wants.value) {
		return null; // its plate says what for
	}
	return html`<p class="quiet column-none">${next.value ? html`${t('queue.next')}: <span class="name">${next.value}</span>` : t('queue.none')}</p>`;
}

/** @param {{ serial: string }} props */
function PrinterState({ serial }) {
	const text = useComputed(() => {
		const printer = printerOf(serial)?.value;
		return printer ? stateText(printer) : t('queue.printer_gone');
	});
	const condition = useComputed(() => {
		const printer = printerOf(serial)?.value;
		return `state state-${printer ? conditionOf(printer) : 'offline'}`;
	});
	return html`<p class=${condition}>${text}</p>`;
}

/** @param {{ serial: string }} props */
function Plate({ serial }) {
	const plate = useComputed(() => plateOf(serial));
	const wants = useComputed(() => wantsPlate(serial));
	const next = useComputed(() => nextOf(serial)?.name ?? '');
	const done = useComputed(() => actions.value.find((action) => action.peek().serial === serial && action.peek().name === 'plate_clear'));
	if (!plate.value) {
		// Its line, so that what stands below does not move when it comes.
		return html`<div class="plate"><p class="plate-state">\u00a0</p></div>`;
	}
	const { clear, auto_clear: clearsItself, material, cannot_send: lacks } = plate.value;
	const outcome = done.value && done.value.value.state !== 'confirmed' ? done.value : null;
	return html`<div class=${wants.value ? 'plate plate-wants' : 'plate'}>
		<p class="plate-state"><${Icon} name=${clear || clearsItself ? 'check' : 'bed'} size=${16} /><span>${t(clearsItself ? 'queue.plate_auto' : clear ? 'queue.plate_clear' : 'queue.plate_unclear')}${material ? html` · <span class="name">${material}</span>` : null}</span></p>
		${wants.value ? html`<p>${t('queue.plate_next')} <span class="name">${next}</span></p>` : null}
		${lacks ? html`<p class="quiet name"><${Said} of=${plate.value} name="cannot_send" /></p>` : null}
		${wants.value && mayOperate.value ? html`<${PlateButton} serial=${serial} />` : null}
		${outcome ? html`<${Outcome} action=${outcome} onClose=${() => forgetAction(outcome.peek().id)} />` : null}
	</div>`;
}

/** @param {{ active: Entry[], waiting: Entry[], wanted: import('@preact/signals').Signal<string> }} props */
function Line({ active, waiting, wanted }) {
	/** What is dragged, and where it would be put. */
	const dragged = useSignal(/** @type {Entry | null} */ (null));
	const over = useSignal(/** @type {{ id: number, isBehind: boolean } | null} */ (null));
	/** @param {Entry} entry @param {Entry} other @param {boolean} isBehind */
	function put(entry, other, isBehind) {
		const place = placeAt(entry, other, isBehind);
		if (place) {
			move(entry, place);
		}
	}
	/** @param {DragEvent} event @param {Entry} entry */
	function dragOver(event, entry) {
		if (dragged.peek() && event.currentTarget instanceof Element) {
			event.preventDefault();
			const { top, height } = event.currentTarget.getBoundingClientRect();
			over.value = { id: entry.id, isBehind: event.clientY > top + height / 2 };
		}
	}
	/** @param {DragEvent} event @param {Entry} entry */
	function dropOn(event, entry) {
		if (dragged.peek() && over.peek()) {
			event.preventDefault();
			put(/** @type {Entry} */ (dragged.peek()), entry, over.peek()?.isBehind === true);
		}
		dragged.value = over.value = null;
	}
	const may = mayOperate.value;
	return html`<ol class="queue-line">
		${active.map((entry) => html`<li key=${entry.id} class="queue-entry" data-entry=${entry.id}><${EntryBody} entry=${entry} /></li>`)}
		${waiting.map(
			(entry, at) => html`<li
				key=${entry.id}
				class=${`queue-entry ${may ? 'can-drag' : ''} ${dragged.value?.id === entry.id ? 'is-dragged' : ''} ${over.value?.id === entry.id && dragged.value?.id !== entry.id ? (over.value.isBehind ? 'drop-behind' : 'drop-before') : ''}`}
				data-entry=${entry.id}
				draggable=${may}
				onDragStart=${(/** @type {DragEvent} */ event) => {
					event.dataTransfer?.setData('text/plain', entry.name);
					dragged.value = entry;
				}}
				onDragEnd=${() => (dragged.value = over.value = null)}
				onDragOver=${(/** @type {DragEvent} */ event) => dragOver(event, entry)}
				onDrop=${(/** @type {DragEvent} */ event) => dropOn(event, entry)}
			>
				<${EntryBody} entry=${entry}>
					<${MoveButton} entry=${entry} other=${waiting[at - 1]} isDown=${false} put=${put} wanted=${wanted} />
					<${MoveButton} entry=${entry} other=${waiting[at + 1]} isDown=${true} put=${put} wanted=${wanted} />
				<//>
			</li>`,
		)}
	</ol>`;
}

/** @param {{ entry: Entry, other: Entry | undefined, isDown: boolean, put: (entry: Entry, other: Entry, isBehind: boolean) => void, wanted: import('@preact/signals').Signal<string> }} props */
function MoveButton({ entry, other, isDown, put, wanted }) {
	const id = `queue-${entry.id}-${isDown ? 'down' : 'up'}`;
	/** It stays where it is for a keyboard, and says that it does nothing at an end. */
	function run() {
		if (other) {
			wanted.value = id;
			put(entry, other, isDown);
		}
	}
	return html`<button type="button" id=${id} class="button-icon button-small" aria-disabled=${!other} aria-label=${t(isDown ? 'queue.move_down' : 'queue.move_up', { name: entry.name })} onClick=${run}><${Icon} name=${isDown ? 'down' : 'up'} size=${16} /></button>`;
}

/** What was printed lately, or was to be. @param {{ entries: Entry[] }} props */
function Past({ entries: past }) {
	const shown = useSignal(OVER_AT_ONCE);
	if (!past.length) {
		return null;
	}
	return html`<div class="column-past">
		<h3>${t('queue.lately')}</h3>
		<ul class="queue-line">${past.slice(0, shown.value).map((entry) => html`<li key=${entry.id} class="queue-entry is-over" data-entry=${entry.id}><${EntryBody} entry=${entry} /></li>`)}</ul>
		${past.length > shown.value ? html`<button type="button" class="button button-small" onClick=${() => (shown.value += 10 * OVER_AT_ONCE)}>${t('queue.more', { number: past.length - shown.value })}</button>` : null}
	</div>`;
}

export { Queue as view };
