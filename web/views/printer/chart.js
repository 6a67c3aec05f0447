// SPDX-License-Identifier: MIT
// Heat over time: what was kept, and what comes. What is shown of it is in the address: ?span= seconds, and ?until= where it is past.

import { html, useComputed, useEffect, useRef, useSignal, useSignalEffect } from '../../html.js';
import { formatCelsius, formatDate } from '../../format.js';
import { now, onMessage, returns } from '../../live.js';
import { navigateQuery, query } from '../../router.js';
import { theme } from '../../shared.js';
import { language, locale, t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/loaded.js';
import { addNow, noColumns, note, noteEnd, noteNow, readHeat, readPhases, rowsOf } from './chart_data.js';
import { optionsFor } from './chart_draw.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */

const MINUTE_S = 60;
const SPANS_S = [10 * MINUTE_S, 60 * MINUTE_S, 6 * 3600, 86400, 7 * 86400, 30 * 86400];
const SPAN_DEFAULT_S = 3600;
const SPAN_MIN_S = 60;
const SPAN_MAX_S = 366 * 86400;
const DRAW_MS = 1000;
const ROWS_MAX = 30;
const ZOOM = 2;
const SERIES = /** @type {const} */ ([['nozzle', 1, 2], ['bed', 3, 4]]);
const PHASES = /** @type {const} */ (['preparing', 'printing', 'paused']);

/** Where the address says nothing: the last hour. */
function shownRange() {
	const span = Math.min(SPAN_MAX_S, Math.max(SPAN_MIN_S, Number(query.value.get('span')) || SPAN_DEFAULT_S));
	const until = Number(query.value.get('until')) || 0;
	return { span, until };
}

/** @param {number} span @param {number} until seconds; 0: goes on */
function show(span, until) {
	const isNow = !until || until >= Date.now() / 1000;
	navigateQuery({ span: span === SPAN_DEFAULT_S ? null : String(Math.round(Math.min(SPAN_MAX_S, Math.max(SPAN_MIN_S, span)))), until: isNow ? null : String(Math.round(until)) }, { replace: true });
}

/** What is kept of a chart between two drawings. */
function makeData() {
	return { columns: noColumns(), phases: /** @type {import('./chart_data.js').Phase[]} */ ([]), step: 1, plot: /** @type {any} */ (null), drawnAt: 0, asked: 0, isEndKnown: true };
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Chart({ printer, serial }) {
	const range = useComputed(shownRange);
	const data = useRef(makeData());
	const cursor = useSignal(/** @type {number | null} */ (null));
	const read = useSignal(0);
	const fault = useSignal('');
	const element = useRef(/** @type {HTMLElement | null} */ (null));
	useReading(data.current, serial, printer, range, read, fault);
	usePlot(data.current, element, range, cursor, read);
	useLive(data.current, printer, serial, range);
	const { span, until } = range.value;
	return html`<${Panel} title=${t('chart.title')} class="chart-panel" tools=${html`<${Spans} span=${span} />`}>
		<${Legend} data=${data.current} printer=${printer} cursor=${cursor} />
		<div class="chart" ref=${element} role="group" tabindex="0" aria-label=${t('chart.keys')} onKeyDown=${(/** @type {KeyboardEvent} */ event) => steer(event, span, until)}></div>
		<p class="fault" role="status">${fault}</p>
		<div class="row chart-row">
			<button type="button" class="button button-small" aria-label=${t('chart.earlier')} onClick=${() => shift(span, until, -1)}><${Icon} name="left" size=${16} /></button>
			<button type="button" class="button button-small" aria-label=${t('chart.later')} disabled=${!until} onClick=${() => shift(span, until, 1)}><${Icon} name="right" size=${16} /></button>
			<button type="button" class="button button-small" aria-label=${t('chart.closer')} onClick=${() => zoom(span, until, 1 / ZOOM)}><${Icon} name="plus" size=${16} /></button>
			<button type="button" class="button button-small" aria-label=${t('chart.farther')} onClick=${() => zoom(span, until, ZOOM)}><${Icon} name="minus" size=${16} /></button>
			<button type="button" class="button button-small" disabled=${!until} onClick=${() => show(span, 0)}><${Icon} name="clock" size=${16} /><span>${t('chart.now')}</span></button>
		</div>
		<${AsTable} data=${data.current} range=${range} read=${read} />
	<//>`;
}

// --- what of it is shown ---

/** @param {number} span @param {number} until @param {number} direction */
const shift = (span, until, direction) => show(span, (until || Date.now() / 1000) + (direction * span) / 2);

/** @param {number} span @param {number} until @param {number} factor */
const zoom = (span, until, factor) => show(span * factor, until ? until + (span * factor - span) / 2 : 0);

/** @param {KeyboardEvent} event @param {number} span @param {number} until */
function steer(event, span, until) {
	/** @type {Record<string, () => void>} */
	const ways = {
		ArrowLeft: () => shift(span, until, -1),
		ArrowRight: () => until && shift(span, until, 1),
		'+': () => zoom(span, until, 1 / ZOOM),
		'-': () => zoom(span, until, ZOOM),
		0: () => show(SPAN_DEFAULT_S, 0),
	};
	if (ways[event.key]) {
		event.preventDefault();
		ways[event.key]();
	}
}

/** @param {number} seconds */
function spanText(seconds) {
	const [unit, size] = seconds >= 86400 ? ['day', 86400] : seconds >= 3600 ? ['hour', 3600] : ['minute', MINUTE_S];
	return new Intl.NumberFormat(locale.value, { style: 'unit', unit: String(unit), unitDisplay: 'short', maximumFractionDigits: 0 }).format(seconds / Number(size));
}

/** @param {{ span: number }} props */
function Spans({ span }) {
	return html`<div class="spans" role="group" aria-label=${t('chart.span')}>
		${SPANS_S.map((one) => html`<button type="button" class="span" aria-pressed=${one === span} onClick=${() => show(one, 0)}>${spanText(one)}</button>`)}
	</div>`;
}

// --- what it is made of ---

/** @typedef {ReturnType<typeof makeData>} Data */
/** @typedef {import('@preact/signals').ReadonlySignal<{ span: number, until: number }>} Range */

/**
 * Reads what is shown, whenever that is something else; and once more when the gateway is back, which has what was missed.
 * @param {Data} data @param {string} serial @param {PrinterSignal} printer @param {Range} range
 * @param {import('@preact/signals').Signal<number>} read @param {import('@preact/signals').Signal<string>} fault
 */
function useReading(data, serial, printer, range, read, fault) {
	useSignalEffect(() => {
		const { span, until } = range.value;
		void returns.value;
		const to = until || Date.now() / 1000;
		const asked = ++data.asked;
		Promise.all([readHeat(serial, to - span, to), readPhases(serial, to - span, to)]).then(([heat, phases]) => {
			if (asked === data.asked) {
				Object.assign(data, { columns: heat.columns, step: heat.step, phases });
				if (!until) {
					data.isEndKnown = noteEnd(data.phases, data.columns, printer.peek(), Date.now() / 1000);
					addNow(data.columns, printer.peek(), Date.now() / 1000, heat.step);
					noteNow(data.phases, printer.peek(), Date.now() / 1000);
				}
				fault.value = heat.detail;
				read.value++;
			}
		});
	});
}

/** @param {Data} data @param {{ span: number, until: number }} range */
function draw(data, { span, until }) {
	if (data.plot) {
		const max = until || Date.now() / 1000;
		data.plot.batch(() => {
			data.plot.setData(data.columns, false);
			data.plot.setScale('x', { min: max - span, max });
		});
		data.drawnAt = performance.now();
	}
}

/** What comes is drawn once a second. @param {Data} data @param {PrinterSignal} printer @param {string} serial @param {Range} range */
function useLive(data, printer, serial, range) {
	useSignalEffect(() => {
		const at = now.value;
		if (range.value.until || performance.now() - data.drawnAt < DRAW_MS || document.hidden) {
			return;
		}
		data.isEndKnown ||= noteEnd(data.phases, data.columns, printer.peek(), at / 1000);
		addNow(data.columns, printer.peek(), at / 1000, data.step);
		draw(data, range.value);
	});
	useEffect(
		() =>
			onMessage((message) => {
				if (message.type === 'event' && message.printer === serial) {
					note(data.phases, message.event.event, message.event.t);
				}
			}),
		[serial],
	);
}

/**
 * The plot itself, made anew where colours or language change.
 * @param {Data} data @param {{ current: HTMLElement | null }} element @param {Range} range
 * @param {import('@preact/signals').Signal<number | null>} cursor @param {import('@preact/signals').Signal<number>} read
 */
function usePlot(data, element, range, cursor, read) {
	const { module } = useLoaded(() => import('./uplot.js'));
	useEffect(() => {
		const dark = matchMedia('(prefers-color-scheme: dark)');
		const make = () => {
			const room = element.current;
			if (!module || !room) {
				return;
			}
			data.plot?.destroy();
			const options = optionsFor(room, {
				width: room.clientWidth,
				height: room.clientHeight,
				phases: () => data.phases,
				onSelect: (from, to) => show(to - from, to),
				onCursor: (at) => (cursor.value = at),
				onReset: () => show(SPAN_DEFAULT_S, 0),
			});
			data.plot = new module.UPlot(/** @type {any} */ (options), /** @type {any} */ (data.columns), room);
			draw(data, range.peek());
		};
		const sized = new ResizeObserver(() => element.current && data.plot?.setSize({ width: element.current.clientWidth, height: element.current.clientHeight }));
		if (element.current) {
			sized.observe(element.current);
		}
		dark.addEventListener('change', make);
		make();
		return () => {
			sized.disconnect();
			dark.removeEventListener('change', make);
			data.plot?.destroy();
			data.plot = null;
		};
	}, [module, theme.value, language.value]);
	useSignalEffect(() => {
		if (read.value) {
			draw(data, range.value);
		}
	});
}

// --- beside the lines ---

/** @param {{ data: Data, printer: PrinterSignal, cursor: import('@preact/signals').Signal<number | null> }} props */
function Legend({ data, printer, cursor }) {
	const at = cursor.value;
	const time = at === null ? null : data.columns[0][at];
	return html`<div class="legend">
		<ul class="legend-list">
			${SERIES.map(([part, is, target]) => {
				const heater = printer.value[part];
				const values = time === null || at === null ? [heater?.current_c, heater?.target_c] : [data.columns[is][at], data.columns[target][at]];
				return html`<li class=${`legend-item legend-${part}`}><span>${t(`part.${part}`)}</span> <strong>${formatCelsius(values[0])}</strong> <span class="legend-target">${values[1] ? `→ ${formatCelsius(values[1])}` : ''}</span></li>`;
			})}
		</ul>
		<ul class="legend-list legend-phases">
			${PHASES.map((kind) => html`<li class=${`legend-phase legend-${kind}`}>${t(`chart.phase_${kind}`)}</li>`)}
		</ul>
		<p class="legend-time">${time ? formatDate(time * 1000) : ''}</p>
	</div>`;
}

/** @param {{ data: Data, range: Range, read: import('@preact/signals').Signal<number> }} props */
function AsTable({ data, range, read }) {
	const isOpen = useSignal(false);
	const { span, until } = range.value;
	const to = until || Date.now() / 1000;
	const rows = isOpen.value && read.value >= 0 ? rowsOf(data.columns, to - span, to, ROWS_MAX) : [];
	return html`<details class="more" onToggle=${(/** @type {any} */ event) => (isOpen.value = event.target.open)}>
		<summary>${t('chart.table')}</summary>
		<div class="values-room" role="region" aria-label=${t('chart.table')} tabindex="0">
			<table class="values">
				<thead><tr><th scope="col">${t('chart.time')}</th>${SERIES.map(([part]) => html`<th scope="col">${t(`part.${part}`)}</th><th scope="col">${t('chart.target', { part: t(`part.${part}`) })}</th>`)}</tr></thead>
				<tbody>${rows.map(({ t: at, values }) => html`<tr><th scope="row"><time>${formatDate(at * 1000)}</time></th>${values.map((value) => html`<td>${formatCelsius(value)}</td>`)}</tr>`)}</tbody>
			</table>
			${rows.length ? null : html`<p class="quiet">${t('chart.nothing')}</p>`}
		</div>
	</details>`;
}
