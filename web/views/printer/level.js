// SPDX-License-Identifier: MIT
// How level the bed is: as a surface that can be turned, as numbers, and beside how it was before.

import { html, useComputed, useEffect, useRef, useSignal, useSignalEffect } from '../../html.js';
import { part } from '../../api.js';
import { command } from '../../actions.js';
import { formatDate, formatWhole, NOTHING } from '../../format.js';
import { onMessage, printerOf } from '../../live.js';
import { setting } from '../../settings.js';
import { theme } from '../../shared.js';
import { language, locale, t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { askPrinter } from './asked.js';
import { colour } from './chart_draw.js';
import { Barrier, isBarred, useGuard } from './guard.js';
import { Panel } from './panel.js';
import { cellColour, drawSurface, measure } from './surface.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {import('./surface.js').Heights} Heights */
/** @typedef {{ at: number, heights: Heights }} BedMap */

const KEPT = 12;
const DIGITS = 3;
const TURN_DEFAULT = -0.5;
const TILT_DEFAULT = 0.75;
const TILT_MAX = 1.45;
const TILT_MIN = 0.15;
const TURN_STEP = 0.12;
const SLOP_PX = 8; // of a finger, which scrolls until it has gone so far sideways
const DRAG = 0.01; // radians a pixel

/** By serial number, the newest first; this browser keeps them. @type {import('@preact/signals').Signal<Record<string, BedMap[]>>} */
const kept = setting('bed_maps', {});

/** Those that were seen at it, in whatever view, and whose heights were not read since. @type {Set<string>} */
const levelled = new Set();

onMessage((message) => {
	if (message.type === 'patch' && printerOf(message.printer)?.peek().job?.state === 'levelling') {
		levelled.add(message.printer);
	}
});

/** @param {string} serial @param {boolean} isAnew it was levelled since: kept beside the last one though it is the same */
async function readMap(serial, isAnew) {
	const answer = await askPrinter(serial, 'bed-map', `/printers/${part(serial)}/bed-map`);
	if (answer && measure(answer.heights_mm)) {
		const maps = kept.peek()[serial] ?? [];
		const isSame = !isAnew && maps.length > 0 && JSON.stringify(maps[0].heights) === JSON.stringify(answer.heights_mm);
		kept.value = { ...kept.peek(), [serial]: [{ at: Date.now(), heights: answer.heights_mm }, ...maps.slice(isSame ? 1 : 0, KEPT - 1)] };
	}
	return answer;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Level({ printer, serial }) {
	const maps = useComputed(() => kept.value[serial] ?? []);
	const isReading = useSignal(false);
	const told = useSignal(/** @type {any} */ (null));
	const forced = useSignal(false);
	const guard = useGuard(printer, { command: 'level' });
	const isOn = useComputed(() => printer.value.online);
	const isLevelling = useComputed(() => printer.value.job?.state === 'levelling');

	async function read(isAnew = false) {
		isReading.value = true;
		told.value = await readMap(serial, isAnew);
		isReading.value = false;
	}

	/** As it was before is kept first, to be compared with. */
	async function level() {
		if (!maps.peek().length) {
			await read();
		}
		command(serial, { command: 'level', ...(forced.peek() ? { force: true } : {}) });
	}

	useSignalEffect(() => {
		if (!isLevelling.value && levelled.delete(serial)) {
			read(true);
		}
	});

	const may = !isBarred(guard.value) || (forced.value && guard.value.verdict === 'needs force');
	return html`<div class="panels-one">
		<${Panel} title=${t('level.title')} serial=${serial} commands=${['level', 'bed-map']} most=${2}>
			<div class="row">
				<button type="button" class="button button-main" disabled=${!isOn.value || isReading.value} onClick=${() => read()}><${Icon} name="refresh" size=${18} /><span>${t(isReading.value ? 'level.reading' : 'level.read')}</span></button>
				<button type="button" class="button" disabled=${!isOn.value || !may || isLevelling.value} onClick=${level}><${Icon} name="level" size=${18} /><span>${t(isLevelling.value ? 'state.levelling' : 'command.level')}</span></button>
				<p class="quiet">${t('level.how')}</p>
			</div>
			<${Barrier} verdict=${guard.value} what=${t('level.barred')} forced=${forced} />
			${told.value && !told.value.complete ? html`<p class="notice-small" role="status">${incomplete(told.value)}</p>` : null}
		<//>
		${maps.value.length ? html`<${Maps} maps=${maps.value} />` : html`<p class="quiet panels-none">${t('level.none')}</p>`}
	</div>`;
}

/** @param {any} answer */
function incomplete(answer) {
	const count = answer.heights_mm.flat().filter((/** @type {number | null} */ height) => height === null).length;
	return answer.never_probed ? t('level.never_probed', { number: answer.never_probed }) : t('level.incomplete', { number: count });
}

/** What changed from one to the other. @param {Heights} after @param {Heights} before @returns {Heights} */
const difference = (after, before) => after.map((row, y) => row.map((height, x) => (height === null || (before[y]?.[x] ?? null) === null ? null : height - Number(before[y][x]))));

/** @param {{ maps: BedMap[] }} props */
function Maps({ maps }) {
	const first = useSignal(0);
	const second = useSignal(maps.length > 1 ? 1 : -1);
	useEffect(() => {
		first.value = 0;
		second.value = maps.length > 1 ? 1 : -1;
	}, [maps]); // one that comes is compared with the one before
	const view = useSignal({ turn: TURN_DEFAULT, tilt: TILT_DEFAULT });
	const shown = maps[Math.min(first.value, maps.length - 1)];
	const other = second.value >= 0 ? maps[second.value] : undefined;
	return html`<div class=${`bed-maps ${other && other !== shown ? '' : 'is-one'}`}>
		<div class="bed-choices">
			<${Chosen} label=${t('level.shown')} maps=${maps} value=${first} />
			<${Chosen} label=${t('level.compared')} maps=${maps} value=${second} none />
		</div>
		<${Map} title=${t('level.after', { time: formatDate(shown.at) })} heights=${shown.heights} view=${view} />
		${other && other !== shown
			? html`<${Map} title=${t('level.before', { time: formatDate(other.at) })} heights=${other.heights} view=${view} />
					<${Map} title=${t('level.change')} heights=${difference(shown.heights, other.heights)} view=${view} />`
			: null}
	</div>`;
}

/** @param {{ label: string, maps: BedMap[], value: import('@preact/signals').Signal<number>, none?: boolean }} props */
function Chosen({ label, maps, value, none = false }) {
	return html`<label class="field"><span>${label}</span>
		<select onChange=${(/** @type {any} */ event) => (value.value = Number(event.target.value))}>
			${none ? html`<option value="-1" selected=${value.value < 0}>${t('level.nothing')}</option>` : null}
			${maps.map((map, at) => html`<option value=${at} selected=${value.value === at}>${formatDate(map.at)}</option>`)}
		</select>
	</label>`;
}

/** With its sign, and none of nothing. @param {number} value @param {number} digits */
function fixed(value, digits) {
	return new Intl.NumberFormat(locale.value, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' }).format(value);
}

/** @param {number | undefined} value */
const mm = (value) => (value === undefined ? NOTHING : `${fixed(value, DIGITS)} mm`);

/** @param {{ title: string, heights: Heights, view: import('@preact/signals').Signal<{ turn: number, tilt: number }> }} props */
function Map({ title, heights, view }) {
	const range = measure(heights);
	return html`<${Panel} title=${title} class="bed-map">
		<${Surface} heights=${heights} view=${view} title=${title} />
		<dl class="facts bed-facts">
			<div><dt>${t('level.range')}</dt><dd>${mm(range?.range)}</dd></div>
			<div><dt>${t('level.lowest')}</dt><dd>${mm(range?.lowest)}</dd></div>
			<div><dt>${t('level.highest')}</dt><dd>${mm(range?.highest)}</dd></div>
		</dl>
		<${Numbers} heights=${heights} title=${title} />
	<//>`;
}

/** @type {Record<string, string>} */
const turnIcons = { left: 'left', right: 'chevron', higher: 'up', lower: 'down', home: 'again' };

/** A finger that goes up or down scrolls the page, as it does beside it. @param {{ heights: Heights, view: import('@preact/signals').Signal<{ turn: number, tilt: number }>, title: string }} props */
function Surface({ heights, view, title }) {
	const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
	const from = useRef(/** @type {{ x: number, y: number, isTurning: boolean } | null} */ (null));

	function draw() {
		if (canvas.current?.parentElement) {
			const room = canvas.current.parentElement;
			drawSurface(canvas.current, heights, view.peek(), { line: colour(room, '--line'), text: colour(room, '--text-quiet'), front: t('level.front'), back: t('level.back') });
		}
	}

	/** @param {number} turn @param {number} tilt */
	const turnBy = (turn, tilt) => (view.value = { turn: view.peek().turn + turn, tilt: Math.min(TILT_MAX, Math.max(TILT_MIN, view.peek().tilt + tilt)) });

	/** @type {Record<string, () => void>} */
	const turns = { left: () => turnBy(-TURN_STEP, 0), right: () => turnBy(TURN_STEP, 0), higher: () => turnBy(0, TURN_STEP), lower: () => turnBy(0, -TURN_STEP), home: () => (view.value = { turn: TURN_DEFAULT, tilt: TILT_DEFAULT }) };

	/** @param {KeyboardEvent} event */
	function steer(event) {
		/** @type {Record<string, () => void>} */
		const ways = { ArrowLeft: turns.left, ArrowRight: turns.right, ArrowUp: turns.higher, ArrowDown: turns.lower, 0: turns.home };
		if (ways[event.key]) {
			event.preventDefault();
			ways[event.key]();
		}
	}

	useEffect(() => {
		const sized = new ResizeObserver(draw);
		if (canvas.current) {
			sized.observe(canvas.current);
		}
		return () => sized.disconnect();
	}, [heights, theme.value, language.value]);
	useEffect(draw, [view.value, heights, theme.value]);
	return html`<div class="surface" role="group" tabindex="0" aria-label=${t('level.turn', { title })} onKeyDown=${steer}>
		<canvas
			ref=${canvas}
			aria-hidden="true"
			onPointerDown=${(/** @type {any} */ event) => {
				event.currentTarget.setPointerCapture(event.pointerId);
				from.current = { x: event.clientX, y: event.clientY, isTurning: event.pointerType !== 'touch' };
			}}
			onPointerMove=${(/** @type {PointerEvent} */ event) => {
				const [across, down] = from.current ? [event.clientX - from.current.x, event.clientY - from.current.y] : [0, 0];
				if (from.current && (from.current.isTurning || Math.abs(across) > SLOP_PX)) {
					turnBy(across * DRAG, down * DRAG);
					from.current = { x: event.clientX, y: event.clientY, isTurning: true };
				}
			}}
			onPointerUp=${() => (from.current = null)}
			onPointerCancel=${() => (from.current = null)}
		></canvas>
		<div class="surface-views" role="group" aria-label=${t('level.turn_by', { title })}>
			${Object.entries(turns).map(([name, run]) => html`<button type="button" class="button-icon" aria-label=${t(`level.turn_${name}`)} title=${t(`level.turn_${name}`)} onClick=${run}><${Icon} name=${turnIcons[name]} size=${18} /></button>`)}
		</div>
	</div>`;
}

/** As people see it who stand before the printer: the back at the top. @param {{ heights: Heights, title: string }} props */
function Numbers({ heights, title }) {
	const range = measure(heights);
	const rows = heights.map((row, y) => ({ row, y })).reverse();
	return html`<div class="values-room" role="group" aria-label=${title} tabindex="0">
		<table class="bed-table">
			<caption class="unseen">${title}</caption>
			<tbody>
				${rows.map(
					({ row, y }) => html`<tr>
						<th scope="row">${y === 0 ? t('level.front') : y === heights.length - 1 ? t('level.back') : html`<span class="unseen">${formatWhole(y + 1)}</span>`}</th>
						${row.map((height) => {
							const { background, isDark } = height === null || !range ? { background: '', isDark: false } : cellColour(height, range);
							return html`<td class=${height === null ? 'is-unknown' : isDark ? 'is-dark' : 'is-light'} style=${{ background }}>${height === null ? '?' : fixed(height, 2)}</td>`;
						})}
					</tr>`,
				)}
			</tbody>
		</table>
	</div>`;
}
