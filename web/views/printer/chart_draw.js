// SPDX-License-Identifier: MIT
// How the chart looks: colours of the theme, times and degrees as the reader's place writes them, phases of the job behind the lines.

import { locale } from '../../text.js';

/** @typedef {import('./chart_data.js').Phase} Phase */

const DAY_S = 86400;
const WIDTH = 2;
const TARGET_DASH = [4, 4];
const AXIS_WIDTH = 44;
const AXIS_HEIGHT = 28;
const FONT = '12px system-ui, sans-serif';
const ROOM_C = 12; // above the warmest

/** What a colour of ours is in this theme, as a canvas takes it. @param {HTMLElement} element @param {string} name */
export function colour(element, name) {
	const probe = document.createElement('span');
	probe.style.color = `var(${name})`;
	probe.style.setProperty('forced-color-adjust', 'none'); // or each is that of text
	element.append(probe);
	const found = getComputedStyle(probe).color;
	probe.remove();
	return found;
}

/** @param {number} seconds that are shown */
function timeFormat(seconds) {
	const options = /** @type {Intl.DateTimeFormatOptions} */ (seconds > 2 * DAY_S ? { day: 'numeric', month: 'short' } : { hour: 'numeric', minute: '2-digit', ...(seconds < 1200 ? { second: '2-digit' } : {}) });
	return new Intl.DateTimeFormat(locale.peek(), options);
}

/** @type {Record<Phase['kind'], string>} */
const phaseColours = { preparing: '--phase-preparing', printing: '--phase-printing', paused: '--phase-paused' };

/**
 * @param {HTMLElement} element that it is in
 * @param {{ width: number, height: number, phases: () => Phase[], onSelect: (from: number, to: number) => void, onCursor: (at: number | null) => void, onReset: () => void }} how
 */
export function optionsFor(element, { width, height, phases, onSelect, onCursor, onReset }) {
	const grid = { stroke: colour(element, '--line'), width: 1 };
	const axis = { stroke: colour(element, '--text-quiet'), font: FONT, grid, ticks: { ...grid, size: 4 } };
	/** @param {string} name @param {boolean} isTarget */
	const line = (name, isTarget) => ({ stroke: colour(element, name), width: isTarget ? 1 : WIDTH, ...(isTarget ? { dash: TARGET_DASH } : {}), points: { show: false } });
	const fills = Object.fromEntries(Object.entries(phaseColours).map(([kind, name]) => [kind, colour(element, name)]));
	return {
		width,
		height,
		padding: [8, 8, 0, 0],
		legend: { show: false },
		cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 8 }, bind: { dblclick: () => () => onReset() } },
		select: { show: true },
		scales: { x: { time: true }, y: { range: (/** @type {any} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [0, Math.max(60, Math.ceil(((high ?? 0) + ROOM_C) / 10) * 10)] } },
		axes: [
			{ ...axis, size: AXIS_HEIGHT, space: 80, values: (/** @type {any} */ plot, /** @type {number[]} */ splits) => formatAll(splits, plot) },
			{ ...axis, size: AXIS_WIDTH, values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map((value) => `${value}°`) },
		],
		series: [{}, line('--warm', false), line('--warm', true), line('--accent', false), line('--accent', true)],
		hooks: {
			drawClear: [(/** @type {any} */ plot) => drawPhases(plot, phases(), fills)],
			setSelect: [(/** @type {any} */ plot) => choose(plot, onSelect)],
			setCursor: [(/** @type {any} */ plot) => onCursor(plot.cursor.idx ?? null)],
		},
	};
}

/** @param {number[]} splits @param {any} plot */
function formatAll(splits, plot) {
	const format = timeFormat(plot.scales.x.max - plot.scales.x.min);
	return splits.map((t) => format.format(new Date(t * 1000)));
}

/** @param {any} plot @param {(from: number, to: number) => void} onSelect */
function choose(plot, onSelect) {
	const { left, width } = plot.select;
	if (width > 4) {
		const from = plot.posToVal(left, 'x');
		const to = plot.posToVal(left + width, 'x');
		plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
		onSelect(from, to);
	}
}

/** @param {any} plot @param {Phase[]} phases @param {Record<string, string>} fills */
function drawPhases(plot, phases, fills) {
	const { ctx, bbox } = plot;
	const { min, max } = plot.scales.x;
	ctx.save();
	for (const { from, to, kind } of phases) {
		if (from < max && to > min) {
			const left = plot.valToPos(Math.max(from, min), 'x', true);
			const right = plot.valToPos(Math.min(to, max), 'x', true);
			ctx.fillStyle = fills[kind];
			ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
		}
	}
	ctx.restore();
}
