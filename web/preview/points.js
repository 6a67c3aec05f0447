// SPDX-License-Identifier: MIT
// What a parser found, as the graphics processor takes it: of each point eight bytes, x, y and z as parts of the room that they
// take up (16 bits each), what the way to it is (four bits) with how much light falls on it (four bits), and how fast it goes (a
// byte); and the points of each way that is drawn, in their order, as strips.

import { KINDS } from './parser.js';

export const POINT_SIZE = 8;
const STEPS = 65535;
const SPEEDS = 255;
const LIGHTS = 15;
/** Ends a strip. */
const END = 0xffffffff;
const TRAVEL = KINDS.indexOf('travel');
const BREAK = KINDS.indexOf('break');
const [LIGHT_X, LIGHT_Y] = [0.6, 0.8];

/** @typedef {{ count: number, data: ArrayBuffer, low: number[], step: number[] }} Points low: where 0 is, step: how long 1 is */

/**
 * @param {Float32Array} floats of each point x, y, z, and its words
 * @param {number} count @param {number} slowest @param {number} fastest
 * @returns {Points}
 */
export function packPoints(floats, count, slowest, fastest) {
	const words = new Uint32Array(floats.buffer, floats.byteOffset);
	const { low, step } = roomOf(floats, count);
	const [a, b, c] = step.map((one) => 1 / one);
	const data = new ArrayBuffer(count * POINT_SIZE);
	const shorts = new Uint16Array(data);
	const bytes = new Uint8Array(data);
	const spread = SPEEDS / Math.max(1, fastest - slowest);
	let [beforeX, beforeY] = [0, 0];
	for (let at = 0, from = 0; at < count; at++, from += 4) {
		const x = floats[from];
		const y = floats[from + 1];
		shorts[from] = (x - low[0]) * a + 0.5;
		shorts[from + 1] = (y - low[1]) * b + 0.5;
		shorts[from + 2] = (floats[from + 2] - low[2]) * c + 0.5;
		const word = words[from + 3];
		const length = Math.sqrt((x - beforeX) ** 2 + (y - beforeY) ** 2);
		const light = length ? (LIGHTS * Math.abs((x - beforeX) * LIGHT_X + (y - beforeY) * LIGHT_Y)) / length : 0;
		bytes[2 * from + 6] = (word & 15) | (light << 4);
		bytes[2 * from + 7] = Math.max(0, Math.min(SPEEDS, ((word >>> 16) - slowest) * spread));
		beforeX = x;
		beforeY = y;
	}
	return { count, data, low, step };
}

/** @param {Float32Array} floats @param {number} count */
function roomOf(floats, count) {
	const low = [Infinity, Infinity, Infinity];
	const high = [-Infinity, -Infinity, -Infinity];
	for (let from = 0; from < 4 * count; from += 4) {
		for (let axis = 0; axis < 3; axis++) {
			const value = floats[from + axis];
			if (value < low[axis]) {
				low[axis] = value;
			}
			if (value > high[axis]) {
				high[axis] = value;
			}
		}
	}
	return { low: low.map((value) => (count ? value : 0)), step: low.map((value, axis) => (count && high[axis] > value ? (high[axis] - value) / STEPS : 1)) };
}

/**
 * The strips of what prints, or of travel alone. `starts` has, of each of `cuts` (numbers of points, in their order), where what comes
 * from there on begins in `list`, and at last its end.
 * @param {Points} points @param {number[]} cuts @param {boolean} isTravel
 */
export function stripsOf({ data, count }, cuts, isTravel) {
	const bytes = new Uint8Array(data);
	let list = new Uint32Array(Math.ceil(count * 1.25) + 1024);
	const starts = [];
	let length = 0;
	let isOpen = false;
	for (let at = 1, cut = 0; at < count; at++) {
		const isCut = at === cuts[cut];
		if (isCut) {
			starts[cut++] = length;
		}
		const kind = bytes[at * POINT_SIZE + 6] & 15;
		if (isTravel ? kind !== TRAVEL : kind === TRAVEL || kind === BREAK) {
			isOpen = false;
			continue;
		}
		if (length + 3 > list.length) {
			const grown = new Uint32Array(list.length * 2);
			grown.set(list);
			list = grown;
		}
		if (!isOpen || isCut) {
			list[length++] = END;
			list[length++] = at - 1;
		}
		list[length++] = at;
		isOpen = true;
	}
	for (let cut = starts.length; cut <= cuts.length; cut++) {
		starts[cut] = length;
	}
	return { list: list.subarray(0, length), starts };
}
