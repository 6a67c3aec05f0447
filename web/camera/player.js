// SPDX-License-Identifier: MIT
// Pieces of MP4 into a video as they come, a moment behind what is: what is late is caught up with, what was seen is forgotten.

const BEHIND_S = 0.2; // what is kept in hand against pictures that come late
const HURRY_S = 0.28; // from here on it hurries, until it is where it is to be
const LATE_S = 1.2; // from here on it jumps
const HURRY = 1.08;
const KEPT_S = 6;

/** Phones of Apple have the other one. @returns {typeof MediaSource | undefined} */
export const sourceClass = () => /** @type {any} */ (window).ManagedMediaSource ?? window.MediaSource;

export class Player {
	/** @param {HTMLVideoElement} video @param {() => void} onFault once: it cannot go on */
	constructor(video, onFault) {
		this.video = video;
		this.onFault = onFault;
		this.source = new (sourceClass() ?? window.MediaSource)();
		this.address = URL.createObjectURL(this.source);
		/** A text is the type of what follows. @type {(string | ArrayBuffer)[]} */
		this.waiting = [];
		/** @type {SourceBuffer | null} */
		this.buffer = null;
		this.isHead = false; // the next piece is one
		this.isOver = false;
		/** It stands until enough is in hand: at the beginning, and where nothing was left; else it would stumble over each picture. */
		this.isHeld = true;
		this.hold = () => {
			this.isHeld = true;
			video.pause();
		};
		this.fault = () => this.isOver || this.onFault();
		this.source.addEventListener('sourceopen', () => this.pump());
		video.addEventListener('error', this.fault);
		video.addEventListener('waiting', this.hold);
		video.disableRemotePlayback = true;
		video.src = this.address;
	}

	/** What comes now is of this type. @param {string} mime */
	head(mime) {
		this.isHead = true;
		this.waiting.push(mime);
	}

	/** @param {ArrayBuffer} piece @returns {boolean} whether it is a picture */
	take(piece) {
		const isPicture = !this.isHead;
		this.isHead = false;
		this.waiting.push(piece);
		this.pump();
		return isPicture;
	}

	end() {
		this.isOver = true;
		this.waiting = [];
		this.video.removeEventListener('error', this.fault);
		this.video.removeEventListener('waiting', this.hold);
		this.video.removeAttribute('src');
		this.video.load();
		URL.revokeObjectURL(this.address);
	}

	pump() {
		if (this.isOver || this.source.readyState !== 'open' || this.buffer?.updating) {
			return;
		}
		try {
			const next = this.waiting[0];
			if (typeof next === 'string') {
				this.waiting.shift();
				this.change(next);
				this.pump();
			} else if (next && this.buffer) {
				this.buffer.appendBuffer(this.joined());
			}
		} catch {
			this.fault();
		}
	}

	/** @param {string} mime */
	change(mime) {
		if (this.buffer) {
			this.buffer.changeType(mime);
		} else {
			this.buffer = this.source.addSourceBuffer(mime);
			this.buffer.addEventListener('updateend', () => {
				this.tidy();
				this.pump();
			});
		}
	}

	/** All that came up to the next head, as one. */
	joined() {
		const end = this.waiting.findIndex((piece) => typeof piece === 'string');
		const pieces = /** @type {ArrayBuffer[]} */ (this.waiting.splice(0, end < 0 ? this.waiting.length : end));
		if (pieces.length === 1) {
			return pieces[0];
		}
		const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
		pieces.reduce((at, piece) => (bytes.set(new Uint8Array(piece), at), at + piece.byteLength), 0);
		return bytes;
	}

	/** As near to the end as is safe. */
	tidy() {
		const { video, buffer } = this;
		const { buffered } = video;
		if (this.isOver || !buffer || buffer.updating || !buffered.length) {
			return;
		}
		const end = buffered.end(buffered.length - 1);
		const start = buffered.start(buffered.length - 1);
		if (video.currentTime < start || end - video.currentTime > LATE_S) {
			video.currentTime = Math.max(start, end - BEHIND_S);
		}
		const inHand = end - video.currentTime;
		if (inHand > HURRY_S) {
			video.playbackRate = HURRY;
		} else if (inHand <= BEHIND_S) {
			video.playbackRate = 1;
		}
		this.isHeld &&= inHand < BEHIND_S;
		if (video.paused && !this.isHeld) {
			video.play().catch(() => {}); // until somebody touches the page, some browsers play nothing
		}
		if (video.currentTime - buffered.start(0) > 2 * KEPT_S) {
			buffer.remove(0, video.currentTime - KEPT_S);
		}
	}
}
