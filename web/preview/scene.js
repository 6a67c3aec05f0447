// SPDX-License-Identifier: MIT
// Draws the points of a file as lines of their width, by WebGL2: each is an instance of four corners, made of two points that follow
// each other. As many as fit into a frame are drawn at once, the last ones first, so that a slow machine stays usable.

import { KINDS, POINT_SIZE } from './parser.js';

const VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec3 from;
layout(location=1) in vec3 to;
layout(location=2) in float kind;
layout(location=3) in float speed;
uniform vec4 rows[3];
uniform vec2 size;
uniform vec2 speeds;
uniform float width;
uniform vec3 colours[12];
uniform bool bySpeed, showsTravel, isDim;
out vec3 colour;
vec3 place(vec3 point) { vec4 p = vec4(point, 1.0); return vec3(dot(rows[0], p), dot(rows[1], p), dot(rows[2], p)); }
vec3 heat(float t) { return t < 0.5 ? mix(vec3(0.17, 0.39, 0.84), vec3(0.16, 0.68, 0.47), t * 2.0) : mix(vec3(0.16, 0.68, 0.47), vec3(0.93, 0.42, 0.13), t * 2.0 - 1.0); }
void main() {
	int number = int(kind + 0.5);
	vec3 a = place(from), b = place(to);
	vec2 along = (b.xy - a.xy) * size;
	float length_ = length(along);
	along = length_ > 0.0001 ? along / length_ : vec2(1.0, 0.0);
	float thick = number == 0 || number == 11 ? 1.0 : max(1.0, width);
	vec2 corner = vec2(float(gl_VertexID & 1) * 2.0 - 1.0, float(gl_VertexID >> 1) * 2.0 - 1.0);
	vec2 offset = (vec2(-along.y, along.x) * corner.x + along * corner.y * (thick > 1.5 ? 1.0 : 0.0)) * thick / size;
	vec3 end = corner.y < 0.0 ? a : b;
	bool hides = number == 1 || (number == 0 && !showsTravel);
	gl_Position = hides ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(end.xy + offset, end.z, 1.0);
	vec3 way = normalize(to - from + vec3(0.000001));
	float light = 0.78 + 0.22 * abs(dot(way, vec3(0.6, 0.8, 0.0)));
	vec3 plain = bySpeed && number != 0 && number != 11 ? heat(clamp((speed - speeds.x) / max(1.0, speeds.y - speeds.x), 0.0, 1.0)) : colours[number];
	colour = plain * (number == 11 ? 1.0 : light) * (isDim && number != 11 ? 0.62 : 1.0);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec3 colour;
out vec4 shown;
void main() { shown = vec4(colour, 1.0); }`;

/** As KINDS; travel and bed are of the colour of the element. */
export const COLOURS = ['#888888', '#000000', '#e08a1e', '#d3b53a', '#b23a48', '#8f5bb5', '#d64f8c', '#3a9d5d', '#3f7fd1', '#4aa5a8', '#7d8a90', '#888888'];
const LINE_MM = 0.42;
const DEEP_MM = 2000;
const CHUNK_FIRST = 150000;
const CHUNK_MIN = 10000;
const CHUNK_MAX = 4000000;
const QUICK_MS = 22;
const SLOW_MS = 45;
const GRID_MM = 20;
const PLATE_MM = 235;
const FILLS = 0.86;

/** @param {string} hex @returns {number[]} */
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

/** @param {WebGL2RenderingContext} gl */
function makeProgram(gl) {
	const program = /** @type {WebGLProgram} */ (gl.createProgram());
	for (const [type, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
		const shader = /** @type {WebGLShader} */ (gl.createShader(type));
		gl.shaderSource(shader, source);
		gl.compileShader(shader);
		gl.attachShader(program, shader);
	}
	gl.linkProgram(program);
	return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

/** Lines of the plate, as points. @param {number} side */
function gridOf(side) {
	const lines = [];
	for (let at = 0; at <= side; at += GRID_MM) {
		lines.push([at, 0, at, side], [0, at, side, at]);
	}
	lines.push([side, 0, side, side], [0, side, side, side]);
	const buffer = new ArrayBuffer(lines.length * 2 * POINT_SIZE);
	const floats = new Float32Array(buffer);
	const words = new Uint32Array(buffer);
	lines.forEach(([x, y, toX, toY], index) => {
		floats.set([x, y, 0], index * 8);
		words[index * 8 + 3] = KINDS.indexOf('break');
		floats.set([toX, toY, 0], index * 8 + 4);
		words[index * 8 + 7] = KINDS.indexOf('bed');
	});
	return buffer;
}

export class Scene {
	/** @param {HTMLCanvasElement} canvas @param {import('./parser.js').Parser} path @param {WebGL2RenderingContext} gl @param {WebGLProgram} program */
	constructor(canvas, path, gl, program) {
		this.canvas = canvas;
		this.gl = gl;
		this.path = path;
		gl.useProgram(program);
		gl.enable(gl.DEPTH_TEST);
		this.at = Object.fromEntries(['rows', 'size', 'speeds', 'width', 'colours', 'bySpeed', 'showsTravel', 'isDim'].map((name) => [name, gl.getUniformLocation(program, name)]));
		for (let index = 0; index < 4; index++) {
			gl.enableVertexAttribArray(index);
			gl.vertexAttribDivisor(index, 1);
		}
		this.points = gl.createBuffer();
		gl.bindBuffer(gl.ARRAY_BUFFER, this.points);
		gl.bufferData(gl.ARRAY_BUFFER, path.floats.subarray(0, path.count * (POINT_SIZE / 4)), gl.STATIC_DRAW);
		const side = Math.max(PLATE_MM, Math.ceil(Math.max(path.high[0], path.high[1]) / GRID_MM) * GRID_MM);
		this.grid = gl.createBuffer();
		this.gridCount = (gridOf(side).byteLength / POINT_SIZE) - 1;
		gl.bindBuffer(gl.ARRAY_BUFFER, this.grid);
		gl.bufferData(gl.ARRAY_BUFFER, gridOf(side), gl.STATIC_DRAW);
		this.chunk = CHUNK_FIRST;
		this.frame = 0;
		this.rest = 0;
		this.isNew = false;
		this.drawnAt = 0;
		this.yaw = 0;
		this.pitch = 0;
		this.span = 1;
		this.centre = [0, 0, 0];
		this.looks = { first: 0, last: path.count, dimBefore: 0, bySpeed: false, showsTravel: false };
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

	/** What a place becomes: as of gl_Position. */
	rows() {
		const { width, height } = this.canvas;
		const [x, y, z] = this.centre;
		const [sin, cos] = [Math.sin(this.yaw), Math.cos(this.yaw)];
		const [rise, fall] = [Math.sin(this.pitch), Math.cos(this.pitch)];
		const scale = (2 * Math.min(width, height)) / this.span;
		const row = (/** @type {number[]} */ by, /** @type {number} */ factor) => [...by.map((value) => value * factor), -(by[0] * x + by[1] * y + by[2] * z) * factor];
		return [row([cos, sin, 0], scale / width), row([-sin * fall, cos * fall, rise], scale / height), row([-sin * rise, cos * rise, -fall], 1 / DEEP_MM)].flat();
	}

	/** Begins anew: what changes meanwhile counts for the next one. */
	draw() {
		this.isNew = true;
		if (!this.frame) {
			this.frame = requestAnimationFrame((now) => this.step(now));
		}
	}

	/** @param {number} now */
	step(now) {
		const gl = this.gl;
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
		const rest = this.rest;
		const dimBefore = Math.max(looks.first, looks.dimBefore);
		const edge = rest > dimBefore ? dimBefore : looks.first;
		const from = Math.max(edge, Math.floor(rest - this.chunk));
		gl.uniform1i(this.at.isDim, rest <= dimBefore && looks.dimBefore > 0 ? 1 : 0);
		this.lines(this.points, Math.max(1, from), rest);
		this.rest = from;
		if (from > looks.first) {
			this.frame = requestAnimationFrame((time) => this.step(time));
		} else {
			this.canvas.dataset.drawn = String(looks.last - looks.first);
		}
	}

	begin() {
		const gl = this.gl;
		const at = this.at;
		const looks = this.looks;
		const path = this.path;
		const canvas = this.canvas;
		const ratio = Math.min(2, devicePixelRatio);
		canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
		canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
		delete canvas.dataset.drawn;
		const line = getComputedStyle(canvas).color.match(/[\d.]+/g)?.slice(0, 3).map((part) => Number(part) / 255) ?? [0.5, 0.5, 0.5];
		gl.viewport(0, 0, canvas.width, canvas.height);
		gl.clearColor(0, 0, 0, 0);
		gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
		gl.uniform4fv(at.rows, this.rows());
		gl.uniform2f(at.size, canvas.width, canvas.height);
		gl.uniform2f(at.speeds, path.slowest, path.fastest);
		gl.uniform1f(at.width, (LINE_MM * Math.min(canvas.width, canvas.height)) / this.span);
		gl.uniform3fv(at.colours, COLOURS.map((colour, index) => (index === 0 || index === COLOURS.length - 1 ? line : rgb(colour))).flat());
		gl.uniform1i(at.bySpeed, looks.bySpeed ? 1 : 0);
		gl.uniform1i(at.showsTravel, looks.showsTravel ? 1 : 0);
		this.lines(this.grid, 1, this.gridCount + 1);
	}

	/** The ways to points `from` to before `to`. @param {WebGLBuffer | null} buffer @param {number} from @param {number} to */
	lines(buffer, from, to) {
		const gl = this.gl;
		const base = (from - 1) * POINT_SIZE;
		if (to <= from) {
			return;
		}
		gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
		gl.vertexAttribPointer(0, 3, gl.FLOAT, false, POINT_SIZE, base);
		gl.vertexAttribPointer(1, 3, gl.FLOAT, false, POINT_SIZE, base + POINT_SIZE);
		gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, POINT_SIZE, base + POINT_SIZE + 12);
		gl.vertexAttribPointer(3, 1, gl.UNSIGNED_SHORT, false, POINT_SIZE, base + POINT_SIZE + 14);
		gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, to - from);
	}

	end() {
		cancelAnimationFrame(this.frame);
		this.gl.getExtension('WEBGL_lose_context')?.loseContext();
	}
}

/** null where the browser cannot. @param {HTMLCanvasElement} canvas @param {import('./parser.js').Parser} path */
export function makeScene(canvas, path) {
	const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true, antialias: true, alpha: true });
	const program = gl && makeProgram(gl);
	return gl && program ? new Scene(canvas, path, gl, program) : null;
}
