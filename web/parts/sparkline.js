// SPDX-License-Identifier: MIT
// The last minutes of a heater as a small curve. Its numbers stand beside it, so that it is told to nobody who cannot see it.

import { effect, html, useEffect, useRef, useSignal } from '../html.js';
import { SPAN_S, warmthOf, watchWarmth } from '../warmth.js';

const WIDTH = 64;
const HEIGHT = 20;
const SHOWN_FROM_S = 120;
const FLAT_C = 8; // less than this is no curve but noise

/** @param {import('../warmth.js').Sample[]} samples @param {'nozzle' | 'bed'} part */
function path(samples, part) {
	const points = samples.filter((sample) => sample[part] !== null);
	if (points.length < 2 || points[points.length - 1].t - points[0].t < SHOWN_FROM_S) {
		return '';
	}
	const values = points.map((point) => /** @type {number} */ (point[part]));
	const low = Math.min(...values);
	const high = Math.max(...values);
	const spread = Math.max(high - low, FLAT_C);
	const middle = (high + low) / 2;
	const end = points[points.length - 1].t;
	return points
		.map((point, at) => {
			const x = WIDTH - ((end - point.t) / SPAN_S) * WIDTH;
			const y = HEIGHT / 2 - ((values[at] - middle) / spread) * (HEIGHT - 4);
			return `${at ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
		})
		.join('');
}

/** While it is seen. Returns what ends it. @param {string} serial @param {(samples: import('../warmth.js').Sample[]) => void} take */
function follow(serial, take) {
	const unwatch = watchWarmth(serial);
	const end = effect(() => take(warmthOf(serial).value));
	return () => {
		end();
		unwatch();
	};
}

/** @param {{ serial: string, part: 'nozzle' | 'bed' }} props */
export function Sparkline({ serial, part }) {
	const element = useRef(/** @type {SVGSVGElement | null} */ (null));
	const drawn = useSignal('');
	useEffect(() => {
		/** @type {(() => void) | undefined} */
		let stop;
		const observer = new IntersectionObserver(([entry]) => {
			stop?.();
			stop = entry.isIntersecting ? follow(serial, (samples) => (drawn.value = path(samples, part))) : undefined;
		});
		if (element.current) {
			observer.observe(element.current);
		}
		return () => {
			observer.disconnect();
			stop?.();
		};
	}, [serial]);
	return html`<svg ref=${element} class="sparkline" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} width=${WIDTH} height=${HEIGHT} aria-hidden="true">${drawn.value ? html`<path d=${drawn.value} />` : null}</svg>`;
}
