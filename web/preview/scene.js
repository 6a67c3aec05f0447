// SPDX-License-Identifier: MIT
// Draws the points of a file by WebGL2: as strips of lines, each point once, or, where they are seen from so near that they are
// wider than that and the machine is quick, as lines of their width: each is an instance of four corners, made of two points that
// follow each other. As many as fit into a frame are drawn at once, the last ones first, so that a slow machine stays usable.

import { KINDS } from './parser.js';
import { packPoints, POINT_SIZE, stripsOf } from './points.js';

const COLOUR = `
uniform vec4 rows[3];
uniform vec3 colours[12];
uniform bool bySpeed, isDim;
flat out vec3 colour;
vec3 place(vec3 point) { vec4 p = vec4(point, 1.0); return vec3(dot(rows[0], p), dot(rows[1], p), dot(rows[2], p)); }
vec3 heat(float t) { return t < 0.5 ? mix(vec3(0.17, 0.39, 0.84), vec3(0.16, 0.68, 0.47), t * 2.0) : mix(vec3(0.16, 0.68, 0.47), vec3(0.93, 0.42, 0.13), t * 2.0 - 1.0); }
void paint(uvec2 what) {
	int number = int(what.x & 15u);
	bool isPlain = number == 0 || number == 11;
	colour = isPlain ? colours[number] : (bySpeed ? heat(float(what.y) / 255.0) : colours[number]) * (0.78 + 0.22 / 15.0 * float(what.x >> 4u)) * (isDim ? 0.62 : 1.0);
}`;
const STRIP = `#version 300 es
precision highp float;
layout(location=0) in vec3 at;
layout(location=2) in uvec2 what;
${COLOUR}
void main() {
	gl_Position = vec4(place(at), 1.0);
	paint(what);
}`;
const WIDE = `#version 300 es
precision highp float;
layout(location=0) in vec3 at;
layout(location=1) in vec3 to;
layout(location=2) in uvec2 what;
uniform vec2 size;
uniform float width;
${COLOUR}
void main() {
	vec3 a = place(at), b = place(to);
	vec2 along = (b.xy - a.xy) * size;
	float length_ = length(along);
	along = length_ > 0.0001 ? along / length_ : vec2(1.0, 0.0);
	vec2 corner = vec2(float(gl_VertexID & 1) * 2.0 - 1.0, float(gl_VertexID >> 1) * 2.0 - 1.0);
	vec2 offset = (vec2(-along.y, along.x) * corner.x + along * corner.y) * width / size;
	vec3 end = corner.y < 0.0 ? a : b;
	gl_Position = (what.x & 15u) < 2u ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(end.xy + offset, end.z, 1.0);
	paint(what);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec3 colour;
out vec4 shown;
void main() { shown = vec4(colour, 1.0); }`;

/** As KINDS; travel and bed are of the colour of the element. */
export const COLOURS = ['#888888', '#000000', '#e08a1e', '#d3b53a', '#b23a48', '#8f5bb5', '#d64f8c', '#3a9d5d', '#3f7fd1', '#4aa5a8', '#7d8a90', '#888888'];
const LINE_MM = 0.42;
const DEEP_MM = 2000;
const WIDE_PX = 2.2; // what is narrower is a line
const SOFTWARE = /swiftshader|llvmpipe|software/i;
const CHUNK_FIRST = 400000;
const CHUNK_MIN = 10000;
const CHUNK_MAX = 4000000;
const QUICK_MS = 22;
const SLOW_MS = 45;
const GRID_MM = 20;
const PLATE_MM = 235;
const FILLS = 0.86;

/** @param {string} hex @returns {number[]} */
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

/** @param {WebGL2RenderingContext} gl @param {string} vertex */
function makeProgram(gl, vertex) {
	const program = /** @type {WebGLProgram} */ (gl.createProgram());
	for (const [type, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
		const shader = /** @type {WebGLShader} */ (gl.createShader(type));
		gl.shaderSource(shader, source);
		gl.compileShader(shader);
		gl.attachShader(program, shader);
	}
	gl.linkProgram(program);
	if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
		return null;
	}
	return { program, at: Object.fromEntries(['rows', 'size', 'width', 'colours', 'bySpeed', 'isDim'].map((name) => [name, gl.getUniformLocation(program, name)])) };
}

/** @typedef {NonNullable<ReturnType<typeof makeProgram>>} Program */

/** Lines of the plate, as a parser has points. @param {number} side */
function gridOf(side) {
	const lines = [];
	for (let at = 0; at <= side; at += GRID_MM) {
		lines.push([at, 0, at, side], [0, at, side, at]);
	}
	lines.push([side, 0, side, side], [0, side, side, side]);
	const floats = new Float32Array(lines.length * 8);
	const words = new Uint32Array(floats.buffer);
	lines.forEach(([x, y, toX, toY], index) => {
		floats.set([x, y, 0], index * 8);
		words[index * 8 + 3] = KINDS.indexOf('break');
		floats.set([toX, toY, 0], index * 8 + 4);
		words[index * 8 + 7] = KINDS.indexOf('bed');
	});
	return packPoints(floats, lines.length * 2, 0, 1);
}

/** Points with the strips of them that are drawn. */
class Drawing {
	/** @param {WebGL2RenderingContext} gl @param {import('./points.js').Points} points @param {number[]} cuts */
	constructor(gl, points, cuts) {
		this.gl = gl;
		this.points = points;
		this.cuts = cuts;
		this.buffer = gl.createBuffer();
		gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
		gl.bufferData(gl.ARRAY_BUFFER, points.data, gl.STATIC_DRAW);
		/** Of what prints, and of travel, once that is wanted. @type {({ starts: number[], buffer: WebGLBuffer | null } | null)[]} */
		this.strips = [null, null];
	}

	/** @param {boolean} isTravel */
	stripsOf(isTravel) {
		const gl = this.gl;
		let found = this.strips[Number(isTravel)];
		if (!found) {
			const { list, starts } = stripsOf(this.points, this.cuts, isTravel);
			found = { starts, buffer: gl.createBuffer() };
			gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, found.buffer);
			gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, list, gl.STATIC_DRAW);
			this.strips[Number(isTravel)] = found;
		}
		return found;
	}

	/** Of strips the part between two cuts. @param {boolean} isTravel @param {number} first @param {number} last */
	draw(isTravel, first, last) {
		const gl = this.gl;
		const { starts, buffer } = this.stripsOf(isTravel);
		const count = starts[last] - starts[first];
		if (count > 0) {
			gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
			gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
			this.attributes(0, 0, 0);
			gl.drawElements(gl.LINE_STRIP, count, gl.UNSIGNED_INT, starts[first] * Uint32Array.BYTES_PER_ELEMENT);
		}
	}

	/** The ways to points `from` to before `to`, in their width. @param {number} from @param {number} to */
	drawWide(from, to) {
		const gl = this.gl;
		const base = Math.max(0, from - 1) * POINT_SIZE;
		const count = to - Math.max(1, from);
		if (count > 0) {
			gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
			this.attributes(base, POINT_SIZE, 1);
			gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
		}
	}

	/** @param {number} base @param {number} next bytes from a point to that which is told of @param {number} divisor */
	attributes(base, next, divisor) {
		const gl = this.gl;
		for (let index = 0; index < 3; index++) {
			gl.enableVertexAttribArray(index);
			gl.vertexAttribDivisor(index, divisor);
		}
		gl.vertexAttribPointer(0, 3, gl.UNSIGNED_SHORT, false, POINT_SIZE, base);
		gl.vertexAttribPointer(1, 3, gl.UNSIGNED_SHORT, false, POINT_SIZE, base + next);
		gl.vertexAttribIPointer(2, 2, gl.UNSIGNED_BYTE, POINT_SIZE, base + next + 6);
	}
}

export class Scene {
	/** @param {HTMLCanvasElement} canvas @param {import('./parser.js').Parser} path @param {WebGL2RenderingContext} gl @param {{ strip: Program, wide: Program, isSlow: boolean }} means */
	constructor(canvas, path, gl, { strip, wide, isSlow }) {
		this.canvas = canvas;
		this.gl = gl;
		this.path = path;
		this.programs = { strip, wide };
		/** @type {number[]} */
		this.colours = [];
		gl.enable(gl.DEPTH_TEST);
		this.isSlow = isSlow;
		this.file = new Drawing(gl, packPoints(path.floats, path.count, path.slowest, path.fastest), path.layers.map(({ first }) => first));
		path.forget();
		const side = Math.max(PLATE_MM, Math.ceil(Math.max(path.high[0], path.high[1]) / GRID_MM) * GRID_MM);
		this.grid = new Drawing(gl, gridOf(side), [1]);
		this.chunk = CHUNK_FIRST;
		this.frame = 0;
		this.rest = 0;
		this.isNew = false;
		this.drawnAt = 0;
		this.yaw = 0;
		this.pitch = 0;
		this.span = 1;
		this.centre = [0, 0, 0];
		this.looks = { first: 0, last: path.layers.length, dimBefore: 0, bySpeed: false, showsTravel: false };
		this.home();
	}

	/** The whole of it, from before and above. */
	home() {
		const { low, high, printed } = this.path;
		this.centre = printed ? low.map((value, axis) => (value + high[axis]) / 2) : [PLATE_MM / 2, PLATE_MM / 2, 0];
		const size = printed ? Math.hypot(...low.map((value, axis) => high[axis] - value)) : PLATE_MM;
		this.yaw = -0.6;
		this.pitch = 0.95;
		this.span = Math.max(5, size) / FILLS; // millimetres that the shorter side shows
		this.draw();
	}

	/** @param {Partial<{ first: number, last: number, dimBefore: number, bySpeed: boolean, showsTravel: boolean }>} changes */
	show(changes) {
		this.looks = { ...this.looks, ...changes };
		this.draw();
	}

	/** @param {number} yaw @param {number} pitch in radians, more */
	turn(yaw, pitch) {
		this.yaw = this.yaw + yaw;
		this.pitch = Math.max(0, Math.min(Math.PI / 2, this.pitch + pitch));
		this.draw();
	}

	/** @param {number} factor */
	zoom(factor) {
		this.span = Math.max(1, Math.min(1500, this.span * factor));
		this.draw();
	}

	/** @param {number} x @param {number} y in pixels of the page */
	pan(x, y) {
		const canvas = this.canvas;
		const mm = this.span / Math.max(1, Math.min(canvas.clientWidth, canvas.clientHeight));
		const yaw = this.yaw;
		const up = (y * mm) / Math.max(0.2, Math.cos(this.pitch));
		const centre = this.centre;
		centre[0] += -x * mm * Math.cos(yaw) - up * Math.sin(yaw);
		centre[1] += -x * mm * Math.sin(yaw) + up * Math.cos(yaw);
		this.draw();
	}

	/** What a place of a drawing becomes: as of gl_Position. @param {import('./points.js').Points} points */
	rows({ low, step }) {
		const { width, height } = this.canvas;
		const [x, y, z] = this.centre.map((value, axis) => value - low[axis]);
		const [sin, cos] = [Math.sin(this.yaw), Math.cos(this.yaw)];
		const [rise, fall] = [Math.sin(this.pitch), Math.cos(this.pitch)];
		const scale = (2 * Math.min(width, height)) / this.span;
		const row = (/** @type {number[]} */ by, /** @type {number} */ factor) => [...by.map((value, axis) => value * factor * step[axis]), -(by[0] * x + by[1] * y + by[2] * z) * factor];
		return [row([cos, sin, 0], scale / width), row([-sin * fall, cos * fall, rise], scale / height), row([-sin * rise, cos * rise, -fall], 1 / DEEP_MM)].flat();
	}

	/** Begins anew: what changes meanwhile counts for the next one. */
	draw() {
		this.isNew = true;
		if (!this.frame) {
			this.frame = requestAnimationFrame((now) => this.step(now));
		}
	}

	/** Layers from the top on, as many as fit. @param {number} now */
	step(now) {
		const looks = this.looks;
		this.frame = 0;
		if (this.isNew) {
			this.isNew = false;
			this.begin();
			this.rest = looks.last;
		} else {
			const took = now - this.drawnAt;
			this.chunk = Math.max(CHUNK_MIN, Math.min(CHUNK_MAX, this.chunk * (took < QUICK_MS ? 1.6 : took > SLOW_MS ? 0.6 : 1)));
		}
		this.drawnAt = now;
		const dimBefore = Math.max(looks.first, looks.dimBefore);
		const edge = this.rest > dimBefore ? dimBefore : looks.first;
		let from = this.rest;
		while (from > edge && this.firstOf(this.rest) - this.firstOf(from) < this.chunk) {
			from--;
		}
		this.layers(from, this.rest, this.rest <= dimBefore && looks.dimBefore > 0);
		this.rest = from;
		if (from > looks.first) {
			this.frame = requestAnimationFrame((time) => this.step(time));
		} else {
			this.canvas.dataset.drawn = String(this.firstOf(looks.last) - this.firstOf(looks.first));
		}
	}

	/** The point that a layer begins with. @param {number} layer */
	firstOf(layer) {
		return this.path.layers[layer]?.first ?? this.path.count;
	}

	/** @param {number} from @param {number} to @param {boolean} isDim */
	layers(from, to, isDim) {
		const gl = this.gl;
		const { strip, wide } = this.programs;
		const width = (LINE_MM * Math.min(this.canvas.width, this.canvas.height)) / this.span;
		const isWide = width > WIDE_PX && !this.isSlow;
		if (isWide) {
			this.use(wide, this.file.points);
			gl.uniform2f(wide.at.size, this.canvas.width, this.canvas.height);
			gl.uniform1f(wide.at.width, width);
			gl.uniform1i(wide.at.isDim, isDim ? 1 : 0);
			this.file.drawWide(this.firstOf(from), this.firstOf(to));
		}
		this.use(strip, this.file.points);
		gl.uniform1i(strip.at.isDim, isDim ? 1 : 0);
		if (!isWide) {
			this.file.draw(false, from, to);
		}
		if (this.looks.showsTravel) {
			this.file.draw(true, from, to);
		}
	}

	/** @param {Program} used @param {import('./points.js').Points} points */
	use({ program, at }, points) {
		const gl = this.gl;
		gl.useProgram(program);
		gl.uniform4fv(at.rows, this.rows(points));
		gl.uniform3fv(at.colours, this.colours);
		gl.uniform1i(at.bySpeed, this.looks.bySpeed ? 1 : 0);
	}

	begin() {
		const gl = this.gl;
		const canvas = this.canvas;
		const ratio = Math.min(2, devicePixelRatio);
		canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
		canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
		delete canvas.dataset.drawn;
		const line = getComputedStyle(canvas).color.match(/[\d.]+/g)?.slice(0, 3).map((part) => Number(part) / 255) ?? [0.5, 0.5, 0.5];
		this.colours = COLOURS.map((colour, index) => (index === 0 || index === COLOURS.length - 1 ? line : rgb(colour))).flat();
		gl.viewport(0, 0, canvas.width, canvas.height);
		gl.clearColor(0, 0, 0, 0);
		gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
		this.use(this.programs.strip, this.grid.points);
		this.grid.draw(false, 0, 1);
	}

	end() {
		cancelAnimationFrame(this.frame);
		this.gl.getExtension('WEBGL_lose_context')?.loseContext();
	}
}

/** Whether a browser draws by its processor. */
function isSoftware() {
	const gl = document.createElement('canvas').getContext('webgl2');
	const name = gl?.getParameter(gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
	gl?.getExtension('WEBGL_lose_context')?.loseContext();
	return SOFTWARE.test(String(name));
}

/** null where the browser cannot. @param {HTMLCanvasElement} canvas @param {import('./parser.js').Parser} path */
export function makeScene(canvas, path) {
	const isSlow = isSoftware();
	const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true, antialias: !isSlow, alpha: true });
	const strip = gl && makeProgram(gl, STRIP);
	const wide = gl && makeProgram(gl, WIDE);
	return gl && strip && wide ? new Scene(canvas, path, gl, { strip, wide, isSlow }) : null;
}
