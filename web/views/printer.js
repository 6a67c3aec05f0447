// SPDX-License-Identifier: MIT
// One printer.

import { html } from '../html.js';
import { nameOf } from '../condition.js';
import { isKnown, printerOf, serials } from '../live.js';
import { t } from '../text.js';
import { Card } from '../parts/card.js';
import { Icon } from '../parts/icon.js';

/** @param {{ serial: string }} props */
function Printer({ serial }) {
	const printer = serials.value.includes(serial) ? printerOf(serial) : undefined;
	if (!printer) {
		return isKnown.value ? html`<section class="empty"><h1>${t('printer.gone')}</h1><p class="name">${serial}</p><p><a href="/">${t('missing.back')}</a></p></section>` : null;
	}
	return html`<div class="view">
		<header class="view-head">
			<a class="back" href="/"><${Icon} name="left" size=${18} /><span>${t('fleet.title')}</span></a>
			<h1 class="name">${nameOf(printer.value)}</h1>
			<p class="quiet">${printer.value.model ?? ''} · <span class="name">${serial}</span></p>
		</header>
		<h2 class="unseen">${t('printer.now')}</h2>
		<div class="cards cards-l"><${Card} serial=${serial} size="l" /></div>
	</div>`;
}

export { Printer as view };
