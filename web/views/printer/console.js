// SPDX-License-Identifier: MIT
// Lines of G-code, and what the printer says to them.

import { html, useComputed, useEffect, useId, useRef, useSignal } from '../../html.js';
import { command, force } from '../../actions.js';
import { formatClock } from '../../format.js';
import { setting } from '../../settings.js';
import { Said } from '../../sentences.js';
import { t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { gcodes } from './gcodes.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {import('@preact/signals').Signal<import('../../actions.js').Action>} ActionSignal */

const HISTORY_MAX = 100;
const LOG_MAX = 200;
const OFFERED_MAX = 8;

/** Lines that were sent, the newest last; this browser keeps them. @type {import('@preact/signals').Signal<string[]>} */
const sent = setting('gcode_history', []);

/** What was asked and answered since the page was opened, by printer. @type {Map<string, import('@preact/signals').Signal<ActionSignal[]>>} */
const logs = new Map();

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Console({ printer, serial }) {
	const log = useSignal(/** @type {ActionSignal[]} */ (logs.get(serial)?.peek() ?? []));
	logs.set(serial, log);
	const end = useRef(/** @type {HTMLElement | null} */ (null));
	const isOn = useComputed(() => printer.value.online);

	/** @param {ActionSignal} action */
	function keep(action) {
		log.value = [...log.peek().slice(1 - LOG_MAX), action];
	}

	/** @param {string} line */
	function send(line) {
		sent.value = [...sent.peek().filter((one) => one !== line), line].slice(-HISTORY_MAX);
		keep(command(serial, { command: 'gcode', line }).action);
	}

	const answered = useComputed(() => log.value.filter((action) => action.value.state !== 'running').length);
	useEffect(() => {
		end.current?.scrollTo(0, end.current.scrollHeight);
	}, [log.value.length, answered.value]);
	return html`<${Panel} title=${t('console.title')} class="console" tools=${log.value.length ? html`<button type="button" class="button button-small" onClick=${() => (log.value = [])}><${Icon} name="trash" size=${16} /><span>${t('console.clear')}</span></button>` : null}>
		<div class="console-log" ref=${end} role="log" aria-label=${t('console.log')} tabindex="0">
			${log.value.length ? log.value.map((action) => html`<${Entry} key=${action.peek().id} action=${action} keep=${keep} />`) : html`<p class="quiet">${t('console.empty')}</p>`}
		</div>
		<${Line} send=${send} isOn=${isOn.value} />
	<//>`;
}

/** @param {{ action: ActionSignal, keep: (action: ActionSignal) => void }} props */
function Entry({ action, keep }) {
	const { at, body, state, detail, forceable, result } = action.value;
	const text = result?.text ?? '';
	return html`<article class=${`line line-${state}`}>
		<p class="line-sent"><time>${formatClock(at)}</time> <code class="name">${body.line}</code></p>
		${text ? html`<pre class="line-text name" tabindex="0">${text}</pre>` : null}
		${state === 'confirmed' || (state === 'accepted' && text)
			? null
			: html`<p class="line-state"><${Icon} name=${state === 'running' ? 'clock' : state === 'accepted' ? 'check' : 'warning'} size=${14} /> ${state === 'accepted' ? t('console.taken') : t(`outcome.${state}`)}${detail && state !== 'accepted' ? html`: <span class="name"><${Said} of=${result} name="detail" isWithin=${true} /></span>` : null}</p>`}
		${result?.complete === false ? html`<p class="line-cut"><${Icon} name="warning" size=${14} /> ${t('console.incomplete')}</p>` : null}
		${forceable && state === 'refused' ? html`<button type="button" class="button button-small" onClick=${() => keep(force(action.peek()).action)}>${t('outcome.force')}</button>` : null}
	</article>`;
}

/** What a line that is begun like this may become. @param {string} line */
function offer(line) {
	const word = line.trim().toUpperCase();
	return word && !/\s/.test(line.trim()) ? gcodes.filter((name) => name.startsWith(word)).slice(0, OFFERED_MAX) : [];
}

/** @param {{ send: (line: string) => void, isOn: boolean }} props */
function Line({ send, isOn }) {
	const id = useId();
	const line = useSignal('');
	const chosen = useSignal(-1);
	const isOpen = useSignal(false);
	const back = useRef(0); // how far back in what was sent
	const draft = useRef(''); // what was begun before that
	const offered = isOpen.value ? offer(line.value) : [];
	const known = line.value.trim().toUpperCase().split(/\s/)[0];

	/** @param {string} name */
	function take(name) {
		line.value = `${name} `;
		isOpen.value = false;
		chosen.value = -1;
		document.getElementById(id)?.focus();
	}

	/** @param {number} by */
	function recall(by) {
		if (!back.current) {
			draft.current = line.peek();
		}
		back.current = Math.min(sent.peek().length, Math.max(0, back.current + by));
		line.value = back.current ? sent.peek()[sent.peek().length - back.current] : draft.current;
		isOpen.value = false;
	}

	/** @param {Event} event */
	function submit(event) {
		event.preventDefault();
		if (line.peek().trim()) {
			send(line.peek().trim());
			line.value = '';
			draft.current = '';
			back.current = 0;
			isOpen.value = false;
		}
	}

	/** @param {KeyboardEvent} event */
	function steer(event) {
		const isList = offered.length > 0;
		/** @type {Record<string, (() => void) | false>} */
		const ways = {
			ArrowDown: isList ? () => (chosen.value = Math.min(offered.length - 1, chosen.peek() + 1)) : () => recall(-1),
			ArrowUp: isList && chosen.value >= 0 ? () => (chosen.value -= 1) : () => recall(1),
			Tab: isList && !event.shiftKey && (() => take(offered[Math.max(0, chosen.peek())])),
			Enter: isList && chosen.value >= 0 && (() => take(offered[chosen.peek()])),
			Escape: isList && (() => (isOpen.value = false)),
		};
		const way = ways[event.key];
		if (way) {
			event.preventDefault();
			way();
		}
	}

	return html`<form class="console-form" onSubmit=${submit}>
		<label for=${id} class="unseen">${t('console.line')}</label>
		<${Input} id=${id} line=${line} chosen=${chosen} isOpen=${isOpen} count=${offered.length} onKeyDown=${steer} />
		<button class="button button-main" disabled=${!isOn}><${Icon} name="send" size=${18} /><span>${t('console.send')}</span></button>
		<ul id=${`${id}-list`} class="offers" role="listbox" aria-label=${t('console.known')} hidden=${offered.length === 0}>
			${offered.map(
				(name, at) => html`<li id=${`${id}-${at}`} class="offer" role="option" aria-selected=${chosen.value === at} onPointerDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => take(name)}>
					<code>${name}</code> <span>${t(`gcode.${name}`)}</span>
				</li>`,
			)}
		</ul>
		<p class="hint console-hint">${gcodes.includes(known) ? html`<code>${known}</code> ${t(`gcode.${known}`)}` : t('console.hint')}</p>
	</form>`;
}

/**
 * @param {{ id: string, line: import('@preact/signals').Signal<string>, chosen: import('@preact/signals').Signal<number>, isOpen: import('@preact/signals').Signal<boolean>,
 *   count: number, onKeyDown: (event: KeyboardEvent) => void }} props
 */
function Input({ id, line, chosen, isOpen, count, onKeyDown }) {
	return html`<input
		id=${id}
		type="text"
		class="console-input"
		role="combobox"
		autocomplete="off"
		autocapitalize="characters"
		spellcheck=${false}
		placeholder="M115"
		maxlength="200"
		value=${line}
		aria-expanded=${count > 0}
		aria-controls=${`${id}-list`}
		aria-autocomplete="list"
		aria-activedescendant=${chosen.value >= 0 && count ? `${id}-${chosen.value}` : undefined}
		onInput=${(/** @type {any} */ event) => {
			line.value = event.target.value;
			isOpen.value = true;
			chosen.value = -1;
		}}
		onKeyDown=${onKeyDown}
		onBlur=${() => (isOpen.value = false)}
	/>`;
}
