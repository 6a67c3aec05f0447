// SPDX-License-Identifier: MIT
// What a camera shows, as long as somebody looks: the film of the gateway's socket; still pictures where the browser cannot play
// it, or is not to; or why there is nothing. docs/camera.md.

import { signal } from '../html.js';
import { part } from '../api.js';
import { Player, sourceClass } from './player.js';

/**
 * `film`: the video plays; `picture`: a still one; `none`: nothing yet, or nothing more, as status and detail of the gateway say;
 * status 0: it is on its way.
 * @typedef {{ kind: 'film' | 'picture' | 'none', status: number, told: any }} Shown
 */

const RETRY_MS = 5000;
const STILL_MS = 3000;
const LIVELY_MS = 1000; // as often as the gateway asks a camera that has a URL
const NOT_FOUND = 404;
const LOST = -1; // in place of a status: the gateway was not reached, or the film broke off

/** The camera of a printer, until `stop` is called. */
export class Look {
	/**
	 * @param {string} serial @param {HTMLVideoElement} video @param {HTMLImageElement} image
	 * @param {{ isStill: boolean, hasFilm: boolean }} how isStill: less motion is wanted
	 */
	constructor(serial, video, image, { isStill, hasFilm }) {
		this.address = `/api/v1/printers/${part(serial)}/camera`;
		this.video = video;
		this.image = image;
		this.shown = signal(/** @type {Shown} */ ({ kind: 'none', status: 0, told: null }));
		/** When the last picture came, by Date.now(); 0: none did. */
		this.seenAt = signal(0);
		/** How many pixels wide pictures are; 0: not known. */
		this.width = signal(0);
		this.isPlayable = hasFilm && !isStill && Boolean(sourceClass());
		this.pause = isStill ? STILL_MS : LIVELY_MS;
		this.isOver = false;
		this.later = 0;
		/** @type {WebSocket | null} */
		this.socket = null;
		/** @type {Player | null} */
		this.player = null;
		this.next();
	}

	stop() {
		this.isOver = true;
		clearTimeout(this.later);
		this.drop();
		URL.revokeObjectURL(this.image.src);
		this.image.removeAttribute('src');
	}

	next() {
		if (this.isPlayable) {
			this.follow();
		} else {
			this.snap();
		}
	}

	/** @param {number} ms */
	again(ms) {
		clearTimeout(this.later);
		this.later = this.isOver ? 0 : setTimeout(() => this.next(), ms);
	}

	/** @param {Shown['kind']} kind @param {number} [status] @param {any} [told] what the gateway says to it */
	say(kind, status = 0, told = null) {
		const before = this.shown.peek();
		if (!this.isOver && (before.kind !== kind || before.status !== status || before.told?.detail !== told?.detail)) {
			this.shown.value = { kind, status, told };
		}
	}

	/** A still picture, or why there is none. */
	async snap() {
		const { status, told, blob } = await fetchPicture(`${this.address}/snapshot.jpg`);
		if (this.isOver) {
			return;
		}
		if (blob) {
			URL.revokeObjectURL(this.image.src);
			this.image.onload = () => (this.width.value = this.image.naturalWidth);
			this.image.src = URL.createObjectURL(blob);
			this.seenAt.value = Date.now();
			this.say('picture');
		} else {
			this.say('none', status, told);
		}
		if (status !== NOT_FOUND) {
			this.again(blob && !this.isPlayable ? this.pause : RETRY_MS);
		}
	}

	follow() {
		let wasOpen = false;
		const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${this.address}/stream`);
		this.socket = opened;
		opened.binaryType = 'arraybuffer';
		opened.onopen = () => (wasOpen = true);
		opened.onmessage = ({ data }) => {
			if (this.socket === opened) {
				this.take(data);
			}
		};
		opened.onclose = () => {
			if (this.socket !== opened) {
				return;
			}
			if (wasOpen) {
				this.fail();
			} else {
				this.drop();
				this.snap(); // a refusal says nothing by a socket
			}
		};
	}

	/** @param {string | ArrayBuffer} data */
	take(data) {
		if (typeof data === 'string') {
			this.hear(JSON.parse(data));
		} else if (this.player?.take(data)) {
			this.seenAt.value = Date.now();
			this.say('film');
		}
	}

	/** @param {any} message */
	hear(message) {
		if (message.type === 'pause') {
			this.say('none', message.status, message);
		} else if (message.type === 'head' && sourceClass()?.isTypeSupported(message.mime)) {
			this.player ??= new Player(this.video, () => this.fail());
			this.player.head(message.mime);
			this.width.value = message.width;
		} else if (message.type === 'head') {
			this.isPlayable = false;
			this.drop();
			this.snap();
		}
	}

	/** It goes on no more, and is begun anew. */
	fail() {
		this.drop();
		this.say('none', LOST);
		this.again(RETRY_MS);
	}

	drop() {
		const dropped = this.socket;
		this.socket = null;
		dropped?.close();
		this.player?.end();
		this.player = null;
	}
}

/** @param {string} address */
async function fetchPicture(address) {
	try {
		const response = await fetch(address);
		if (response.ok) {
			return { status: response.status, told: null, blob: await response.blob() };
		}
		return { status: response.status, told: await response.json().catch(() => null), blob: null };
	} catch {
		return { status: LOST, told: null, blob: null };
	}
}
