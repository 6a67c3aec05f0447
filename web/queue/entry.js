// SPDX-License-Identifier: MIT
// One entry of the queue: what it is, why it waits, and what can be done with it.

import { html, useComputed, useEffect, useRef, useSignal } from '../html.js';
import { mayOperate } from '../api.js';
import { actions, forgetAction } from '../actions.js';
import { formatClock, formatDate, formatPercent } from '../format.js';
import { Said } from '../sentences.js';
import { t } from '../text/queue/texts.js';
import { breakable } from '../parts/breakable.js';
import { HoldButton } from '../parts/hold_button.js';
import { Icon } from '../parts/icon.js';
import { Outcome } from '../parts/outcome.js';
import { drop, forceEntry, isEarly, isOver, isWaiting, retry, setHold } from './store.js';

/** @typedef {import('./store.js').Entry} Entry */

const CONFIRMED_SHOWN_MS = 5000;
const MIDNIGHT_S = 86400;
/** Why the gateway does not print it, where force would. */
const FORCEABLE = ['queue-with-force', 'queue-other-material'];

/** @type {Record<Entry['state'], string>} its colour, as of a printer that does so */
const colours = { waiting: 'idle', checking: 'busy', uploading: 'busy', starting: 'busy', printing: 'printing', finished: 'finished', failed: 'error', cancelled: 'offline' };

/** @param {Entry} entry */
const colourOf = (entry) => (entry.to_decide || (isWaiting(entry) && entry.hold) ? 'attention' : colours[entry.state]);

/** @param {Entry} entry */
const stateText = (entry) => (entry.to_decide ? t('queue.state_to_decide') : isWaiting(entry) && entry.hold ? t('queue.state_held') : t(`queue.state_${entry.state}`));

/** @param {string} time */
const timeText = (time) => (Math.abs(Date.parse(time) - Date.now()) < MIDNIGHT_S * 1000 ? formatClock(time) : formatDate(time));

/** Why it waits, or how it ended. @param {Entry} entry */
function reasonOf(entry) {
	if (entry.to_decide) {
		return t('queue.decide');
	}
	if (isWaiting(entry) && (entry.hold || isEarly(entry))) {
		return entry.hold ? '' : t('queue.not_before', { time: timeText(entry.not_before ?? '') });
	}
	return entry.reason && html`<${Said} of=${entry} name="reason" />`;
}

/** Whether it would be printed if somebody said so. @param {Entry} entry */
const mayForce = (entry) => !entry.force && (entry.state === 'failed' || isWaiting(entry)) && FORCEABLE.includes(entry.reason_code ?? '');

/** The last that was done with it since it is shown; what was done is shown for a moment. @param {number} id */
function useOutcome(id) {
	const since = useRef(Date.now());
	const last = useComputed(() => actions.value.find((action) => action.peek().body.entry === id && action.peek().at >= since.current) ?? null);
	const over = useSignal(0);
	const state = last.value?.value.state;
	useEffect(() => {
		const shown = last.value?.peek().id;
		const timer = state === 'confirmed' && shown ? setTimeout(() => (over.value = shown), CONFIRMED_SHOWN_MS) : 0;
		return () => clearTimeout(timer);
	}, [state, last.value]);
	return last.value && last.value.peek().id !== over.value ? last.value : null;
}

/** @param {{ entry: Entry }} props */
function Facts({ entry }) {
	const done = Math.min(entry.copies, entry.copies_done + (isOver(entry) ? 0 : 1));
	/** @type {[string, any][]} */
	const facts = [
		['queue.fact_copies', entry.copies > 1 && t('queue.copy_of', { number: done, copies: entry.copies })],
		['queue.fact_for', !entry.printer && (entry.model ? t('queue.any_of', { model: entry.model }) : t('queue.any'))],
		['queue.fact_material', entry.material],
		['queue.fact_force', entry.force && t('queue.forced')],
		['queue.fact_asker', entry.asker],
		['queue.fact_asked', entry.asked_at && timeText(entry.asked_at)],
		['queue.fact_ended', entry.ended_at && timeText(entry.ended_at)],
	];
	return html`<dl class="queue-facts">${facts.map(([label, value]) => (value ? html`<div><dt>${t(label)}</dt><dd class="name">${value}</dd></div>` : null))}</dl>`;
}

/** @param {{ entry: Entry, children?: any }} props children: buttons that the place where it is shown adds */
function Doings({ entry, children = null }) {
	if (!mayOperate.value) {
		return null;
	}
	const canRetry = entry.to_decide || entry.state === 'failed' || entry.state === 'cancelled';
	const canDrop = !['starting', 'printing'].includes(entry.state) && (!entry.to_decide || entry.state === 'waiting');
	return html`<div class="queue-actions">
		${mayForce(entry) ? html`<${HoldButton} label=${t('queue.force')} icon="warning" class="button-small" onConfirm=${() => forceEntry(entry)} />` : null}
		${isWaiting(entry) ? html`<button type="button" class="button button-small" onClick=${() => setHold(entry, !entry.hold)}><${Icon} name=${entry.hold ? 'resume' : 'pause'} size=${16} /><span>${t(entry.hold ? 'queue.release' : 'queue.hold')}</span></button>` : null}
		${canRetry ? html`<button type="button" class="button button-small" onClick=${() => retry(entry)}><${Icon} name="again" size=${16} /><span>${t(entry.to_decide ? 'queue.print_it' : 'queue.retry')}</span></button>` : null}
		${children || canDrop ? html`<div class="queue-order">${children}${canDrop ? html`<${HoldButton} label=${t(isOver(entry) ? 'queue.forget' : 'queue.drop')} icon="remove" short class="button-small queue-drop" onConfirm=${() => drop(entry)} />` : null}</div>` : null}
	</div>`;
}

/** @param {{ entry: Entry, children?: any }} props */
export function EntryBody({ entry, children = null }) {
	const outcome = useOutcome(entry.id);
	const reason = reasonOf(entry);
	return html`<p class="queue-head"><a class="name queue-name" href=${`/files/${entry.path.split('/').map(encodeURIComponent).join('/')}`}>${breakable(entry.name)}</a><span class=${`state state-${colourOf(entry)}`}>${stateText(entry)}${entry.state === 'uploading' && entry.uploaded_percent !== null ? ` ${formatPercent(entry.uploaded_percent)}` : ''}</span></p>
		${entry.state === 'uploading' ? html`<progress class="upload-bar" max="100" value=${entry.uploaded_percent ?? 0} aria-label=${t('queue.upload_of', { name: entry.name })}></progress>` : null}
		${reason ? html`<p class=${entry.state === 'failed' ? 'queue-reason queue-bad name' : 'queue-reason name'}>${reason}</p>` : null}
		<${Facts} entry=${entry} />
		<${Doings} entry=${entry}>${children}<//>
		${outcome ? html`<${Outcome} action=${outcome} onClose=${() => forgetAction(outcome.peek().id)} />` : null}`;
}
