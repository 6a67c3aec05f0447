// SPDX-License-Identifier: MIT
// What a file prints, layer by layer.

import { html, useEffect, useRef, useSignal } from '../html.js';
import { formatBytes, formatNumber, formatWhole } from '../format.js';
import { theme } from '../shared.js';
import { t } from '../text.js';
import { Icon } from '../parts/icon.js';
import { KINDS, Parser } from './parser.js';
import { LEGEND, Room } from './room.js';
import { COLOURS, makeScene } from './scene.js';

const SLICE_MS = 14; // then the page has its turn
const TURN = 0.2;
const CLOSER = 0.8;
const SLOP_PX = 8; // of a finger, which scrolls until it has gone so far sideways
const PIXELS_A_RADIAN = 160;

/** The page may do something else. */
function pause() {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => resolve(port1.close());
		port2.postMessage(null);
	});
}

/** @typedef {{ start: number, size: number }} Content */

const ALL = { start: 0, size: Infinity };

/**
 * @param {string} address @param {boolean} isPacked @param {Content} content @param {AbortSignal} signal
 * @param {(bytes: number) => void} onProgress
 */
async function read(address, isPacked, { start, size }, signal, onProgress) {
	const response = await fetch(address, { signal });
	if (!response.ok || !response.body) {
		throw new Error(String(response.status));
	}
	const stream = isPacked ? response.body.pipeThrough(/** @type {any} */ (new DecompressionStream('gzip'))) : response.body;
	const reader = stream.getReader();
	const parser = new Parser();
	let bytes = 0;
	let until = performance.now() + SLICE_MS;
	for (let part = await reader.read(); !part.done; part = await reader.read()) {
		parser.feed(part.value.subarray(Math.max(0, start - bytes), Math.max(0, start + size - bytes)));
		bytes += part.value.length;
		if (performance.now() > until) {
			onProgress(bytes);
			await pause();
			until = performance.now() + SLICE_MS;
		}
	}
	parser.finish();
	return parser;
}

/** @param {{ address: string, isPacked: boolean, content?: Content }} props */
function Preview({ address, isPacked, content = ALL }) {
	const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
	const scene = useSignal(/** @type {import('./scene.js').Scene | null} */ (null));
	const fault = useSignal('');
	const bytes = useSignal(0);
	useEffect(() => {
		const ending = new AbortController();
		const began = performance.now();
		read(address, isPacked, content, ending.signal, (read_) => (bytes.value = read_)).then(
			(parser) => {
				if (!canvas.current || ending.signal.aborted) {
					return;
				}
				const made = makeScene(canvas.current, parser);
				fault.value = !made ? t('filearea.no_webgl') : parser.printed === 0 ? t('filearea.no_lines') : '';
				scene.value = made;
				canvas.current.dataset.readMs = String(Math.round(performance.now() - began));
			},
			() => (fault.value = ending.signal.aborted ? '' : t('filearea.not_read')),
		);
		return () => {
			ending.abort();
			scene.peek()?.end();
		};
	}, [address]);
	useFollow(canvas, scene);
	return html`<section class="preview sheet" aria-label=${t('filearea.preview')} aria-busy=${!scene.value && !fault.value}>
		<div class="preview-stage">
			<canvas ref=${canvas} role="img" aria-label=${t('filearea.preview_of')}></canvas>
			${scene.value || fault.value ? null : html`<p class="preview-note" role="status">${t('filearea.reading', { size: formatBytes(bytes.value) })}</p>`}
			${fault.value ? html`<p class="preview-note" role="alert">${fault.value}</p>` : null}
			${scene.value ? html`<${Views} scene=${scene.value} />` : null}
		</div>
		<${Room}>${scene.value ? html`<${Controls} scene=${scene.value} path=${scene.value.path} />` : null}<//>
	</section>`;
}

/** Pointer, wheel, size and colours. @param {import('preact').RefObject<HTMLCanvasElement | null>} canvas @param {import('@preact/signals').Signal<import('./scene.js').Scene | null>} scene */
function useFollow(canvas, scene) {
	useEffect(() => {
		const element = canvas.current;
		const shown = scene.value;
		if (!element || !shown) {
			return;
		}
		/** @type {Map<number, PointerEvent>} */
		const down = new Map();
		/** Fingers that do not scroll any more. @type {Set<number>} */
		const turning = new Set();
		const forgetPointer = (/** @type {PointerEvent} */ event) => down.delete(event.pointerId) && turning.delete(event.pointerId);
		const spread = () => Math.hypot(...['clientX', 'clientY'].map((axis) => /** @type {any} */ ([...down.values()][0])[axis] - /** @type {any} */ ([...down.values()][1])[axis]));
		const events = {
			pointerdown: (/** @type {PointerEvent} */ event) => {
				down.set(event.pointerId, event);
				element.setPointerCapture(event.pointerId);
			},
			pointermove: (/** @type {PointerEvent} */ event) => {
				const before = down.get(event.pointerId);
				if (!before) {
					return;
				}
				const [x, y] = [event.clientX - before.clientX, event.clientY - before.clientY];
				const apart = down.size === 2 ? spread() : 0;
				if (event.pointerType === 'touch' && !apart && !turning.has(event.pointerId)) {
					if (Math.abs(x) <= SLOP_PX) {
						return;
					}
					turning.add(event.pointerId);
				}
				down.set(event.pointerId, event);
				if (apart) {
					shown.zoom(apart / Math.max(1, spread()));
					shown.pan(x / 2, y / 2);
				} else if (event.buttons === 2 || event.shiftKey) {
					shown.pan(x, y);
				} else {
					shown.turn(-x / PIXELS_A_RADIAN, -y / PIXELS_A_RADIAN);
				}
			},
			pointerup: forgetPointer,
			pointercancel: forgetPointer,
			contextmenu: (/** @type {Event} */ event) => event.preventDefault(),
			wheel: (/** @type {WheelEvent} */ event) => {
				event.preventDefault();
				shown.zoom(event.deltaY > 0 ? 1 / CLOSER : CLOSER);
			},
		};
		for (const [name, run] of Object.entries(events)) {
			element.addEventListener(name, /** @type {any} */ (run), { passive: false });
		}
		const sizes = new ResizeObserver(() => shown.draw());
		sizes.observe(element);
		const stop = theme.subscribe(() => shown.draw());
		return () => {
			sizes.disconnect();
			stop();
		};
	}, [scene.value]);
}

/** Everything by keys, too. @param {{ scene: import('./scene.js').Scene }} props */
function Views({ scene }) {
	/** @type {[string, string, () => void][]} */
	const buttons = [
		['closer', 'add', () => scene.zoom(CLOSER)],
		['farther', 'minus', () => scene.zoom(1 / CLOSER)],
		['left', 'left', () => scene.turn(TURN, 0)],
		['right', 'chevron', () => scene.turn(-TURN, 0)],
		['higher', 'up', () => scene.turn(0, -TURN)],
		['lower', 'down', () => scene.turn(0, TURN)],
		['home', 'again', () => scene.home()],
	];
	return html`<div class="preview-views" role="group" aria-label=${t('filearea.look')}>
		${buttons.map(([name, icon, run]) => html`<button type="button" class="button-icon" aria-label=${t(`filearea.look_${name}`)} title=${t(`filearea.look_${name}`)} onClick=${run}><${Icon} name=${icon} size=${18} /></button>`)}
	</div>`;
}

/** @param {{ scene: import('./scene.js').Scene, path: Parser }} props */
function Controls({ scene, path }) {
	const top = useSignal(path.layers.length);
	const isAlone = useSignal(false);
	const travel = useSignal(false);
	const bySpeed = useSignal(false);
	const count = path.layers.length;
	useEffect(() => {
		const begin = Math.max(0, top.value - 1);
		scene.show({ first: isAlone.value ? begin : 0, last: top.value, dimBefore: top.value < count && !isAlone.value ? begin : 0, bySpeed: bySpeed.value, showsTravel: travel.value });
	}, [top.value, isAlone.value, travel.value, bySpeed.value]);
	const layer = path.layers[top.value - 1];
	return html`${count
			? html`<label class="preview-layer">
					<span>${t('filearea.layer', { layer: formatWhole(top.value), layers: formatWhole(count) })} <span class="quiet">${layer ? `${formatNumber(layer.z, 2)} mm` : ''}</span></span>
					<input type="range" min="1" max=${count} step="1" value=${top.value} onInput=${(/** @type {any} */ event) => (top.value = Number(event.target.value))} />
				</label>`
			: null}
		<div class="preview-choices">
			<${Check} label=${t('filearea.only_layer')} value=${isAlone} />
			<${Check} label=${t('filearea.travel')} value=${travel} />
			<${Check} label=${t('filearea.by_speed')} value=${bySpeed} />
			<span class="quiet">${t('filearea.lines', { count: path.printed, number: formatWhole(path.printed) })}</span>
		</div>
		${bySpeed.value
			? html`<p class="preview-speeds"><span>${formatWhole(path.slowest)} mm/s</span><span class="preview-heat" aria-hidden="true"></span><span>${formatWhole(path.fastest)} mm/s</span></p>`
			: html`<ul class="preview-legend">${LEGEND.filter((name) => path.kinds.has(KINDS.indexOf(name))).map((name) => html`<li><span class="swatch" style=${{ background: COLOURS[KINDS.indexOf(name)] }}></span>${t(`filearea.kind_${name}`)}</li>`)}</ul>`}`;
}

/** @param {{ label: string, value: import('@preact/signals').Signal<boolean> }} props */
function Check({ label, value }) {
	return html`<label class="check"><input type="checkbox" checked=${value} onChange=${() => (value.value = !value.peek())} /><span>${label}</span></label>`;
}

export { Preview as view };
