// SPDX-License-Identifier: MIT
// A bed as a surface that can be turned: heights as colours, blue low, red high.

/** @typedef {(number | null)[][]} Heights  rows from the front, points from the left; mm */

const FINE = 4; // pieces of the way from point to point
const LIFT = 0.32; // of the side, for the whole range
const RANGE_LEAST_MM = 0.1; // what differs less than this is as good as level
const EVEN = Math.sqrt(1.05 * 0.05) - 0.05; // luminance on which black and white are read equally well (WCAG 2.2)

/** From low to high, as red, green, blue. */
const colours = [[33, 84, 166], [88, 150, 214], [196, 220, 236], [243, 240, 232], [246, 211, 173], [230, 133, 84], [176, 42, 38]];

/** @param {Heights} heights */
export function measure(heights) {
	const known = heights.flat().filter((height) => height !== null);
	if (!known.length) {
		return null;
	}
	const lowest = Math.min(...known);
	const highest = Math.max(...known);
	return { lowest, highest, mean: known.reduce((sum, height) => sum + height, 0) / known.length, range: highest - lowest };
}

/** Around the mean, where ±1 is the farthest. @param {number} height @param {NonNullable<ReturnType<typeof measure>>} range */
function placeOf(height, { lowest, highest, mean }) {
	const far = Math.max(highest - mean, mean - lowest, RANGE_LEAST_MM / 2);
	return Math.max(-1, Math.min(1, (height - mean) / far));
}

/** @param {number} place -1 … 1 */
function colourAt(place) {
	const at = ((place + 1) / 2) * (colours.length - 1);
	const low = colours[Math.floor(at)];
	const high = colours[Math.ceil(at)];
	return low.map((part, index) => Math.round(part + (high[index] - part) * (at % 1)));
}

/** For a cell of a table: its colour, and whether text on it is to be light. @param {number} height @param {NonNullable<ReturnType<typeof measure>>} range */
export function cellColour(height, range) {
	const [red, green, blue] = colourAt(placeOf(height, range));
	const [r, g, b] = [red, green, blue].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
	return { background: `rgb(${red} ${green} ${blue})`, isDark: 0.2126 * r + 0.7152 * g + 0.0722 * b < EVEN };
}

/** Between points, from those around it. @param {Heights} heights @param {number} x @param {number} y */
function between(heights, x, y) {
	const [left, front] = [Math.floor(x), Math.floor(y)];
	const [right, back] = [Math.min(left + 1, heights[0].length - 1), Math.min(front + 1, heights.length - 1)];
	const corners = [heights[front][left], heights[front][right], heights[back][left], heights[back][right]];
	if (corners.some((height) => height === null)) {
		return null;
	}
	const [a, b, c, d] = /** @type {number[]} */ (corners);
	const [u, v] = [x - left, y - front];
	return a * (1 - u) * (1 - v) + b * u * (1 - v) + c * (1 - u) * v + d * u * v;
}

/**
 * Pieces of the surface, the farthest first.
 * @param {Heights} heights @param {{ turn: number, tilt: number }} view radians @param {NonNullable<ReturnType<typeof measure>>} range
 */
function pieces(heights, { turn, tilt }, range) {
	const [across, along] = [heights[0].length - 1, heights.length - 1];
	const [sine, cosine] = [Math.sin(turn), Math.cos(turn)];
	const found = [];
	/** @param {number} x @param {number} y */
	const project = (x, y) => {
		const height = between(heights, x, y);
		const [u, v] = [x / across - 0.5, y / along - 0.5];
		const depth = u * sine + v * cosine;
		const place = height === null ? 0 : placeOf(height, range);
		return { height, depth, x: u * cosine - v * sine, y: -depth * Math.sin(tilt) - (place * LIFT * Math.cos(tilt)) / 2 };
	};
	for (let y = 0; y < along * FINE; y++) {
		for (let x = 0; x < across * FINE; x++) {
			const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]].map(([a, b]) => project(a / FINE, b / FINE));
			if (corners.every(({ height }) => height !== null)) {
				const mean = corners.reduce((sum, { height }) => sum + Number(height), 0) / corners.length;
				found.push({ corners, depth: corners.reduce((sum, corner) => sum + corner.depth, 0), colour: colourAt(placeOf(mean, range)), isEdge: x % FINE === 0 || y % FINE === 0 });
			}
		}
	}
	return found.sort((a, b) => b.depth - a.depth);
}

/**
 * @param {HTMLCanvasElement} canvas @param {Heights} heights @param {{ turn: number, tilt: number }} view @param {{ line: string, text: string, front: string, back: string }} words
 */
export function drawSurface(canvas, heights, view, words) {
	const context = canvas.getContext('2d');
	const range = measure(heights);
	const ratio = devicePixelRatio || 1;
	canvas.width = canvas.clientWidth * ratio;
	canvas.height = canvas.clientHeight * ratio;
	if (!context || !range || !canvas.width) {
		return;
	}
	const size = Math.min(canvas.width, canvas.height * 1.5) * 0.66;
	context.translate(canvas.width / 2, canvas.height / 2);
	context.lineWidth = ratio * 0.75;
	context.lineJoin = 'round';
	for (const { corners, colour } of pieces(heights, view, range)) {
		context.beginPath();
		corners.forEach(({ x, y }, at) => context[at ? 'lineTo' : 'moveTo'](x * size, y * size));
		context.closePath();
		context.fillStyle = `rgb(${colour.join(' ')})`;
		context.strokeStyle = context.fillStyle;
		context.fill();
		context.stroke();
	}
	drawSides(context, size, view, words, ratio);
}

/** Which side is which. @param {CanvasRenderingContext2D} context @param {number} size @param {{ turn: number, tilt: number }} view @param {{ line: string, text: string, front: string, back: string }} words @param {number} ratio */
function drawSides(context, size, { turn, tilt }, words, ratio) {
	const [sine, cosine] = [Math.sin(turn), Math.cos(turn)];
	context.fillStyle = words.text;
	context.font = `${13 * ratio}px system-ui, sans-serif`;
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	for (const [text, v] of /** @type {[string, number][]} */ ([[words.front, -0.64], [words.back, 0.64]])) {
		context.fillText(text, -v * sine * size, -v * cosine * Math.sin(tilt) * size + 6 * ratio);
	}
}
