// SPDX-License-Identifier: MIT
// G-code to points: where the nozzle goes, what for, and how fast. A point is 16 bytes: x, y, z as float, then what the way to it
// is (a byte), a byte of nothing, and its speed in mm/s (16 bits).

const POINT_SIZE = 16;
/** What a way is, by its number; "travel" prints nothing, and "break" is none at all. */
export const KINDS = ['travel', 'break', 'outer', 'inner', 'infill', 'solid', 'top', 'support', 'bridge', 'skirt', 'other', 'bed'];
const [TRAVEL, BREAK, OUTER, INNER, INFILL, SOLID, TOP, SUPPORT, BRIDGE, SKIRT, OTHER] = KINDS.keys();

const FIRST_CAPACITY = 65536;
const WORDS = POINT_SIZE / 4;
const LAYER_MM = 0.05; // less is the same layer, where the slicer marks none
const CHORD_MM = 0.7;
const CHORDS_MAX = 128;
const SECONDS = 60;
const SPEED_MAX = 65535;
const TAIL_MAX = 4096; // of a line that goes on in what comes next; a longer one is no G-code

const NEWLINE = 10;
const SPACE = 32;
const COMMENT = 59;
const STAR = 42;
const POINT = 46;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const LETTER_A = 65;
const LETTERS = 26;
const G = 71;
const M = 77;
const letter = (/** @type {string} */ name) => name.charCodeAt(0) - LETTER_A;
const [X, Y, Z, E, F, I, J] = ['X', 'Y', 'Z', 'E', 'F', 'I', 'J'].map(letter);

/** What slicers call it, in small letters: the first that is in it counts. @type {[string, number][]} */
const NAMES = [
	['bridge', BRIDGE], ['overhang', OUTER], ['support', SUPPORT], ['skirt', SKIRT], ['brim', SKIRT], ['prime', SKIRT], ['wipe tower', SKIRT], ['custom', OTHER],
	['outer', OUTER], ['external', OUTER], ['inner', INNER], ['perimeter', INNER], ['top', TOP], ['ironing', TOP], ['skin', SOLID], ['solid', SOLID], ['bottom', SOLID],
	['fill', INFILL], ['gap', INFILL],
];

/** @param {string} name */
function kindOf(name) {
	const small = name.toLowerCase();
	return NAMES.find(([part]) => small.includes(part))?.[1] ?? OTHER;
}

export class Parser {
	constructor() {
		this.count = 0;
		/** Segments that print. */
		this.printed = 0;
		/** Of each layer its height, and the first point that prints in it. @type {{ z: number, first: number }[]} */
		this.layers = [];
		this.kinds = new Set();
		this.low = [Infinity, Infinity, Infinity];
		this.high = [-Infinity, -Infinity, -Infinity];
		this.slowest = Infinity;
		this.fastest = 0;
		this.capacity = FIRST_CAPACITY;
		this.floats = new Float32Array(FIRST_CAPACITY * WORDS);
		this.words = new Uint32Array(this.floats.buffer);
		this.x = 0;
		this.y = 0;
		this.z = 0;
		this.e = 0;
		this.speed = 0;
		this.kind = OTHER;
		this.isPlaced = false; // after homing nothing is known of where it is
		this.isRelative = false;
		this.isRelativeE = false;
		this.hasMarks = false;
		this.isMarked = false;
		this.values = new Float64Array(LETTERS);
		this.given = new Uint8Array(LETTERS);
		this.tail = new Uint8Array(0);
		/** @type {Map<string, number>} */
		this.known = new Map();
	}

	grow() {
		const grown = new Uint32Array(2 * this.capacity * WORDS);
		grown.set(this.words); // not as floats: what is no number would change
		this.capacity *= 2;
		this.words = grown;
		this.floats = new Float32Array(grown.buffer);
	}

	/** The points are elsewhere now; what was found out stays. */
	forget() {
		this.words = new Uint32Array(0);
		this.floats = new Float32Array(0);
	}

	/** The next part of the file. @param {Uint8Array} bytes */
	feed(bytes) {
		let text = bytes;
		if (this.tail.length) {
			text = new Uint8Array(this.tail.length + bytes.length);
			text.set(this.tail);
			text.set(bytes, this.tail.length);
		}
		const end = text.lastIndexOf(NEWLINE) + 1;
		this.lines(text, end);
		this.tail = text.length - end <= TAIL_MAX ? text.slice(end) : new Uint8Array(0);
	}

	finish() {
		const rest = new Uint8Array(this.tail.length + 1);
		rest.set(this.tail);
		rest[this.tail.length] = NEWLINE;
		this.lines(rest, rest.length);
	}

	/** @param {Uint8Array} text @param {number} end behind a line */
	lines(text, end) {
		let at = 0;
		while (at < end) {
			while (text[at] === SPACE) {
				at++;
			}
			const first = text[at];
			if (first === G || first === M) {
				at = this.command(text, at);
			} else if (first === COMMENT) {
				at = this.comment(text, at + 1);
				continue;
			}
			at = text.indexOf(NEWLINE, at) + 1;
		}
	}

	/** Reads G1 X.. Y.., and does it. @param {Uint8Array} text @param {number} start @returns {number} where it ends */
	command(text, start) {
		const isG = text[start] === G;
		const { values, given } = this;
		let at = start + 1;
		let number = 0;
		while (text[at] >= ZERO && text[at] <= NINE) {
			number = number * 10 + text[at++] - ZERO;
		}
		given.fill(0);
		for (let byte = text[at]; byte !== NEWLINE && byte !== COMMENT && byte !== STAR; byte = text[at]) {
			const word = (byte & 0xdf) - LETTER_A;
			at++;
			if (word < 0 || word >= LETTERS) {
				continue;
			}
			const isNegative = text[at] === MINUS;
			let value = 0;
			let scale = 0;
			for (at += isNegative ? 1 : 0; ; at++) {
				const digit = text[at];
				if (digit >= ZERO && digit <= NINE) {
					value = value * 10 + digit - ZERO;
					scale *= 10;
				} else if (digit === POINT && !scale) {
					scale = 1;
				} else {
					break;
				}
			}
			values[word] = (isNegative ? -value : value) / (scale || 1);
			given[word] = 1;
		}
		if (isG) {
			this.move(number);
		} else if (number === 82 || number === 83) {
			this.isRelativeE = number === 83;
		}
		return at;
	}

	/** @param {number} number of a G */
	move(number) {
		if (number <= 1) {
			this.go();
		} else if (number === 2 || number === 3) {
			this.arc(number === 2);
		} else if (number === 90 || number === 91) {
			this.isRelative = number === 91;
			this.isRelativeE = this.isRelative;
		} else if (number === 92) {
			this.rename();
		} else if (number === 28) {
			this.isPlaced = false;
		}
	}

	/** @param {number} word @param {number} from */
	target(word, from) {
		return !this.given[word] ? from : this.isRelative ? from + this.values[word] : this.values[word];
	}

	/** How much filament goes. */
	extruded() {
		if (!this.given[E]) {
			return 0;
		}
		const value = this.values[E];
		const fed = this.isRelativeE ? value : value - this.e;
		this.e = this.isRelativeE ? 0 : value;
		return fed;
	}

	feedRate() {
		if (this.given[F]) {
			this.speed = Math.min(SPEED_MAX, Math.round(this.values[F] / SECONDS));
		}
	}

	go() {
		const x = this.target(X, this.x);
		const y = this.target(Y, this.y);
		const z = this.target(Z, this.z);
		const fed = this.extruded();
		this.feedRate();
		if (x !== this.x || y !== this.y || z !== this.z) {
			this.to(x, y, z, fed > 0 && (x !== this.x || y !== this.y));
		}
	}

	/** @param {boolean} isClockwise */
	arc(isClockwise) {
		const { x: fromX, y: fromY, z: fromZ } = this;
		const x = this.target(X, fromX);
		const y = this.target(Y, fromY);
		const z = this.target(Z, fromZ);
		const isPrinting = this.extruded() > 0;
		this.feedRate();
		const centreX = fromX + (this.given[I] ? this.values[I] : 0);
		const centreY = fromY + (this.given[J] ? this.values[J] : 0);
		const radius = Math.hypot(fromX - centreX, fromY - centreY);
		const begin = Math.atan2(fromY - centreY, fromX - centreX);
		let sweep = Math.atan2(y - centreY, x - centreX) - begin;
		if (isClockwise ? sweep >= 0 : sweep <= 0) {
			sweep += isClockwise ? -2 * Math.PI : 2 * Math.PI;
		}
		const chords = Math.max(1, Math.min(CHORDS_MAX, Math.ceil((Math.abs(sweep) * radius) / CHORD_MM)));
		for (let chord = 1; radius && chord < chords; chord++) {
			const angle = begin + (sweep * chord) / chords;
			this.to(centreX + radius * Math.cos(angle), centreY + radius * Math.sin(angle), fromZ + ((z - fromZ) * chord) / chords, isPrinting);
		}
		this.to(x, y, z, isPrinting);
	}

	/** G92: where it is has another name from now on. */
	rename() {
		this.e = this.given[E] ? this.values[E] : this.e;
		for (const [word, name] of /** @type {[number, 'x' | 'y' | 'z'][]} */ ([[X, 'x'], [Y, 'y'], [Z, 'z']])) {
			if (this.given[word]) {
				this[name] = this.values[word];
				this.isPlaced = false;
			}
		}
	}

	/** @param {number} x @param {number} y @param {number} z @param {boolean} isPrinting */
	to(x, y, z, isPrinting) {
		if (!this.isPlaced) {
			this.add(this.x, this.y, this.z, BREAK);
			this.isPlaced = true;
			this.add(x, y, z, isPrinting ? this.kind : BREAK);
		} else {
			if (isPrinting) {
				this.layer(z);
			}
			this.add(x, y, z, isPrinting ? this.kind : TRAVEL);
		}
		if (isPrinting) {
			this.see(x, y, z);
		}
		this.x = x;
		this.y = y;
		this.z = z;
	}

	/** @param {number} x @param {number} y @param {number} z @param {number} kind */
	add(x, y, z, kind) {
		if (this.count === this.capacity) {
			this.grow();
		}
		const at = this.count++ * WORDS;
		this.floats[at] = x;
		this.floats[at + 1] = y;
		this.floats[at + 2] = z;
		this.words[at + 3] = kind | (this.speed << 16);
	}

	/** @param {number} x @param {number} y @param {number} z that something is printed at */
	see(x, y, z) {
		const { low, high } = this;
		this.printed++;
		this.kinds.add(this.kind);
		low[0] = Math.min(low[0], x, this.x);
		low[1] = Math.min(low[1], y, this.y);
		low[2] = Math.min(low[2], z);
		high[0] = Math.max(high[0], x, this.x);
		high[1] = Math.max(high[1], y, this.y);
		high[2] = Math.max(high[2], z);
		this.slowest = Math.min(this.slowest, this.speed);
		this.fastest = Math.max(this.fastest, this.speed);
	}

	/** @param {number} z */
	layer(z) {
		const last = this.layers[this.layers.length - 1];
		if (!last || (this.hasMarks ? this.isMarked : Math.abs(z - last.z) > LAYER_MM)) {
			this.isMarked = false;
			this.layers.push({ z, first: this.count });
		}
	}

	/** ;TYPE:…, ;LAYER…. @param {Uint8Array} text @param {number} start @returns {number} of the next line */
	comment(text, start) {
		const end = text.indexOf(NEWLINE, start);
		let at = start;
		while (text[at] === SPACE) {
			at++;
		}
		// T, F, L: nothing else is of interest, and most lines are nothing else.
		if (text[at] === 84 || text[at] === 70 || text[at] === 76) {
			this.say(String.fromCharCode(...text.subarray(at, Math.min(end, at + 64))).trim());
		}
		return end + 1;
	}

	/** @param {string} words */
	say(words) {
		const [, name] = /^(?:TYPE|FEATURE): ?(.*)$/.exec(words) ?? [];
		if (name !== undefined) {
			const kind = this.known.get(name) ?? kindOf(name);
			this.known.set(name, kind);
			this.kind = kind;
		} else if (/^LAYER(_CHANGE|:)/.test(words)) {
			this.hasMarks = true;
			this.isMarked = true;
		}
	}
}
