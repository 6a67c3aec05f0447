// SPDX-License-Identifier: MIT
// The place of what a preview is steered by, as high as that can become in the reader's language, before there is anything to steer.

import { html } from '../html.js';
import { formatNumber, formatWhole } from '../format.js';
import { t } from '../text.js';

/** Kinds of lines, as they are told. */
export const LEGEND = ['outer', 'inner', 'infill', 'solid', 'top', 'support', 'bridge', 'skirt', 'other'];
const MANY = 1000000;
const LAYERS = 1000;
const HIGH_MM = 100;

/** @param {{ children?: any }} props */
export function Room({ children = null }) {
	const layers = formatWhole(LAYERS);
	return html`<div class="preview-controls">
		<div class="preview-room" aria-hidden="true">
			<div class="preview-layer"><span>${t('filearea.layer', { layer: layers, layers })} <span>${formatNumber(HIGH_MM, 2)} mm</span></span><span class="preview-slide"></span></div>
			<div class="preview-choices">
				${['only_layer', 'travel', 'by_speed'].map((name) => html`<span class="check"><span class="preview-box"></span><span>${t(`filearea.${name}`)}</span></span>`)}
				<span>${t('filearea.lines', { count: MANY, number: formatWhole(MANY) })}</span>
			</div>
			<ul class="preview-legend">${LEGEND.map((name) => html`<li><span class="swatch"></span>${t(`filearea.kind_${name}`)}</li>`)}</ul>
		</div>
		<div class="preview-steer">${children}</div>
	</div>`;
}
