// SPDX-License-Identifier: MIT
// What a printer says, untouched, as it comes; and what is known of its members.

import { html, useComputed, useEffect, useId, useSignal } from '../../html.js';
import { get, part } from '../../api.js';
import { formatNumber, formatWhole } from '../../format.js';
import { locale, t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {{ number: number, at: number, topic: string | null, type: number | null, name: string | null, message: Record<string, unknown> }} Heard */
/** @typedef {{ id: number, name: string, description: string | null, grade: string, fields: { name: string, unit: string | null, description: string | null }[] }} MessageType */

const KEPT = 500;
const SHOWN = 100;
const FLUSH_MS = 250;
const RETRY_MS = 2000;

/** Read once. @type {Map<number, MessageType>} */
const types = new Map();

/**
 * Follows what a printer says while it is shown.
 * @param {string} serial @param {(message: any) => void} take
 */
function useMessages(serial, take) {
	const isOpen = useSignal(false);
	useEffect(() => {
		let isOver = false;
		let retry = 0;
		/** @type {WebSocket} */
		let socket;
		function connect() {
			socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/printers/${part(serial)}/messages`);
			socket.onopen = () => (isOpen.value = true);
			socket.onmessage = ({ data }) => {
				try {
					take(JSON.parse(data));
				} catch {
					take({ topic: null, type: null, name: null, message: { text: String(data) } });
				}
			};
			socket.onclose = () => {
				isOpen.value = false;
				if (!isOver) {
					retry = setTimeout(connect, RETRY_MS);
				}
			};
		}
		connect();
		return () => {
			isOver = true;
			clearTimeout(retry);
			socket.close();
		};
	}, [serial]);
	return isOpen;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Messages({ serial }) {
	const heard = useSignal(/** @type {Heard[]} */ ([]));
	const missed = useSignal(0);
	const isPaused = useSignal(false);
	const chosen = useSignal(/** @type {Heard | null} */ (null)); // one of the type that is shown; null: all are
	const waiting = useFlush(heard, isPaused);
	const isOpen = useMessages(serial, (message) => {
		if (message.dropped) {
			missed.value += message.dropped;
		} else {
			waiting({ ...message, at: Date.now() });
		}
	});
	const known = useSignal(types.size);
	useEffect(() => {
		if (!types.size) {
			get('/types').then((answer) => {
				(answer.ok ? answer.data : []).forEach((/** @type {MessageType} */ type) => types.set(type.id, type));
				known.value = types.size;
			});
		}
	}, []);
	const counts = useComputed(() => countTypes(heard.value, chosen.value));
	const wanted = chosen.value ? keyOf(chosen.value) : '';
	const shown = heard.value.filter((one) => !wanted || keyOf(one) === wanted).slice(0, SHOWN);
	const tools = html`<button type="button" class="button button-small" aria-pressed=${isPaused.value} onClick=${() => (isPaused.value = !isPaused.value)}><${Icon} name=${isPaused.value ? 'resume' : 'pause'} size=${16} /><span>${t(isPaused.value ? 'messages.go_on' : 'messages.hold')}</span></button>
		<button type="button" class="button button-small" onClick=${() => (heard.value = [])}><${Icon} name="trash" size=${16} /><span>${t('console.clear')}</span></button>`;
	return html`<${Panel} title=${t('messages.title')} class="messages" tools=${tools}>
		<div class="row">
			<label class="messages-filter"><span>${t('messages.type')}</span>
				<select onChange=${(/** @type {any} */ event) => (chosen.value = [...heard.peek(), chosen.peek()].find((one) => one && keyOf(one) === event.target.value) ?? null)}>
					<option value="" selected=${!wanted}>${t('messages.all', { number: formatWhole(heard.value.length) })}</option>
					${counts.value.map(({ key, name, count }) => html`<option value=${key} selected=${wanted === key}>${name} (${formatWhole(count)})</option>`)}
				</select>
			</label>
			<p class="quiet" role="status">${isOpen.value ? '' : t('messages.closed')}${missed.value ? t('messages.missed', { number: formatWhole(missed.value) }) : ''}</p>
		</div>
		${shown.length ? html`<ol class="panel-rows message-rows">${shown.map((one) => html`<${Message} key=${one.number} heard=${one} known=${known.value} />`)}</ol>` : html`<p class="quiet">${t('messages.none')}</p>`}
	<//>`;
}

/** What comes is shown a few times a second. @param {import('@preact/signals').Signal<Heard[]>} heard @param {import('@preact/signals').Signal<boolean>} isPaused */
function useFlush(heard, isPaused) {
	const held = useSignal({ messages: /** @type {Heard[]} */ ([]), number: 0 }).peek();
	useEffect(() => {
		const timer = setInterval(() => {
			if (held.messages.length && !isPaused.peek()) {
				heard.value = [...held.messages.reverse(), ...heard.peek()].slice(0, KEPT);
				held.messages = [];
			}
		}, FLUSH_MS);
		return () => clearInterval(timer);
	}, []);
	return (/** @type {any} */ message) => {
		held.messages.push({ ...message, number: ++held.number });
		held.messages.splice(0, Math.max(0, held.messages.length - KEPT));
	};
}

/** @param {Heard} heard */
const keyOf = ({ type }) => String(type);

/** @param {Heard} heard */
const nameOf = ({ type, name }) => (type === null ? t('messages.untyped') : `${type} ${name ?? t('messages.unknown')}`);

/** Those that were heard, and the one that is chosen, of which none may be left. @param {Heard[]} heard @param {Heard | null} chosen */
function countTypes(heard, chosen) {
	/** @type {Map<string, { key: string, name: string, count: number }>} */
	const found = new Map(chosen ? [[keyOf(chosen), { key: keyOf(chosen), name: nameOf(chosen), count: 0 }]] : []);
	for (const one of heard) {
		const counted = found.get(keyOf(one)) ?? { key: keyOf(one), name: nameOf(one), count: 0 };
		found.set(keyOf(one), { ...counted, count: counted.count + 1 });
	}
	return [...found.values()].sort((a, b) => Number(a.key) - Number(b.key));
}

/** @param {number} at */
const timeOf = (at) => new Intl.DateTimeFormat(locale.value, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 }).format(at);

/** @param {unknown} value */
const shortText = (value) => (typeof value === 'string' ? value : JSON.stringify(value)) ?? '';

/** @param {{ heard: Heard, known: number }} props */
function Message({ heard, known }) {
	const id = useId();
	const isOpen = useSignal(false);
	const { commandType: _, ...members } = heard.message;
	const summary = Object.entries(members).map(([name, value]) => `${name} ${shortText(value)}`).join('  ');
	return html`<li class=${`message ${isOpen.value ? 'is-open' : ''}`}>
		<button type="button" class="message-head" aria-expanded=${isOpen.value} aria-controls=${id} onClick=${() => (isOpen.value = !isOpen.value)}>
			<time>${timeOf(heard.at)}</time>
			<span class="message-name">${nameOf(heard)}</span>
			<span class="message-topic">${heard.topic ?? ''}</span>
			<code class="message-short name">${summary}</code>
		</button>
		<div id=${id} class="message-more" hidden=${!isOpen.value}>${isOpen.value ? html`<${Meaning} heard=${heard} known=${known} />` : null}</div>
	</li>`;
}

/** Of what is counted in hundredths, how much it is. @param {string} unit "0.01 °C" @param {unknown} value */
function unitText(unit, value) {
	const [, scale, whole] = /^(0\.\d+) (.+)$/.exec(unit) ?? [];
	return scale && typeof value === 'number' ? `= ${formatNumber(value * Number(scale), scale.length - 2)} ${whole}` : unit;
}

/** @param {{ heard: Heard, known: number }} props */
function Meaning({ heard }) {
	const type = heard.type === null ? undefined : types.get(heard.type);
	return html`${type ? html`<p class="message-what" lang="en">${type.description} <span class="quiet">${t('messages.grade', { grade: type.grade })}</span></p>` : null}
		<dl class="members">
			${Object.entries(heard.message).map(([name, value]) => {
				const field = type?.fields.find((one) => one.name === name);
				return html`<div class="member">
					<dt><code class="name">${name}</code></dt>
					<dd><code class="name">${shortText(value)}</code> <span class="quiet">${unitText(field?.unit ?? '', value)}</span></dd>
					<dd class="member-meaning" lang="en">${field?.description ?? ''}</dd>
				</div>`;
			})}
		</dl>`;
}
