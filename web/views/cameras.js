// SPDX-License-Identifier: MIT
// All cameras side by side; those that are in sight are looked at, and no others.

import { html, useComputed, useEffect } from '../html.js';
import { learnSource, sourceOf } from '../camera/source.js';
import { Camera } from '../camera/tile.js';
import { conditionOf, hasCamera, nameOf, stateText } from '../condition.js';
import { isKnown, printerOf, returns, serials } from '../live.js';
import { groups, hidden, order } from '../fleet_list.js';
import { Icon } from '../parts/icon.js';
import { locale } from '../text.js';
import { t } from '../text/camera/texts.js';

/** @param {string} serial */
const nameAt = (serial) => nameOf(/** @type {any} */ (printerOf(serial)?.peek()));

/** In the own order of all printers, without those that are hidden there. */
function useCameras() {
	return useComputed(() => {
		const places = new Map(order.value.map((serial, at) => [serial, at]));
		const place = (/** @type {string} */ serial) => places.get(serial) ?? places.size;
		const listed = serials.value.filter((serial) => !hidden.value.includes(serial)).sort((a, b) => place(a) - place(b) || nameAt(a).localeCompare(nameAt(b), locale.value, { numeric: true }));
		const has = (/** @type {string} */ serial) => {
			const source = sourceOf(serial);
			return source === undefined ? hasCamera(printerOf(serial)?.peek()) : source !== null;
		};
		return { with: listed.filter(has), without: listed.filter((serial) => !has(serial)) };
	});
}

function Cameras() {
	const found = useCameras();
	useEffect(() => serials.value.forEach(learnSource), [serials.value, returns.value]);
	return html`<div class="view">
		<header class="view-head">
			<a class="back" href="/"><${Icon} name="left" size=${18} /><span>${t('fleet.title')}</span></a>
			<h1>${t('camera.all')}</h1>
		</header>
		${isKnown.value && !found.value.with.length ? html`<p class="quiet">${t('camera.nobody')}</p>` : null}
		<ul class="cameras">${found.value.with.map((serial) => html`<${One} key=${serial} serial=${serial} />`)}</ul>
		${found.value.without.length ? html`<p class="quiet cameras-without">${t('camera.without')} <span class="name">${found.value.without.map(nameAt).join(', ')}</span></p>` : null}
	</div>`;
}

/** @param {{ serial: string }} props */
function One({ serial }) {
	const printer = printerOf(serial);
	const name = useComputed(() => (printer ? nameOf(printer.value) : ''));
	const state = useComputed(() => (printer ? stateText(printer.value) : ''));
	const condition = useComputed(() => `state state-${printer ? conditionOf(printer.value) : ''}`);
	return printer
		? html`<li>
				<div class="cameras-name">
					<h2><a class="name" href=${`/p/${encodeURIComponent(serial)}`}>${name}</a></h2>
					<span class=${condition}>${state}</span>
					${groups.value[serial] ? html`<span class="quiet name">${groups.value[serial]}</span>` : null}
				</div>
				<${Camera} printer=${printer} serial=${serial} />
			</li>`
		: null;
}

export { Cameras as view };
