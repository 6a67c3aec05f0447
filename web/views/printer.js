// SPDX-License-Identifier: MIT
// One printer: /p/SERIAL, and below it what it can be levelled, asked and read with.

import { html, useComputed } from '../html.js';
import { mayOperate } from '../api.js';
import { conditionOf, isFilamentPrinter, nameOf, stateText } from '../condition.js';
import { formatClock, formatDuration } from '../format.js';
import { isKnown, newestAge, printerOf, serials } from '../live.js';
import { openDialog } from '../router.js';
import { t } from '../text/printer/texts.js';
import { Why } from '../parts/card.js';
import { addDrawings, Icon } from '../parts/icon.js';
import { Outcomes } from '../parts/outcomes.js';
import { Trouble } from '../parts/trouble.js';
import { Missing } from './missing.js';
import { Console } from './printer/console.js';
import { Files } from './printer/files.js';
import { Halt } from './printer/halt.js';
import { printerDrawings } from './printer/icons.js';
import { Level } from './printer/level.js';
import { Messages } from './printer/messages.js';
import { Overview } from './printer/overview.js';
import { Past } from './printer/past.js';

addDrawings(printerDrawings);

const OLD_S = 60;

/** @typedef {import('@preact/signals').ReadonlySignal<import('../types').Printer>} PrinterSignal */

/**
 * What stands below an address of a printer; `filament`: an E1 has none of it; `operate`: a viewer has none of it.
 * @type {Record<string, { icon: string, view: any, filament?: boolean, operate?: boolean }>}
 */
const parts = {
	'': { icon: 'printer', view: Overview },
	level: { icon: 'level', view: Level, filament: true, operate: true },
	console: { icon: 'console', view: Console, filament: true, operate: true },
	files: { icon: 'files', view: Files, filament: true, operate: true },
	history: { icon: 'history', view: Past },
	messages: { icon: 'messages', view: Messages, operate: true },
};

/** @param {{ serial: string, part: string }} props */
function Printer({ serial, part }) {
	const printer = serials.value.includes(serial) ? printerOf(serial) : undefined;
	if (!printer) {
		return isKnown.value ? html`<section class="empty"><h1>${t('printer.gone')}</h1><p class="name">${serial}</p><p><a href="/">${t('missing.back')}</a></p></section>` : null;
	}
	return html`<${Shown} key=${serial} printer=${printer} serial=${serial} part=${part ?? ''} />`;
}

/** @param {{ printer: PrinterSignal, serial: string, part: string }} props */
function Shown({ printer, serial, part }) {
	const isFilament = useComputed(() => isFilamentPrinter(printer.value));
	const trouble = useComputed(() => (printer.value.error || printer.value.alert ? printer.value : null));
	const shown = Object.entries(parts).filter(([, { filament, operate }]) => (!filament || isFilament.value) && (!operate || mayOperate.value));
	const found = shown.find(([name]) => name === part);
	return html`<div class="view printer">
		<${Head} printer=${printer} serial=${serial} />
		<nav class="tabs" aria-label=${t('printer.parts')}>
			<ul>
				${shown.map(
					([name, { icon }]) => html`<li>
						<a class="tab" href=${`/p/${encodeURIComponent(serial)}${name && `/${name}`}`} aria-current=${name === part ? 'page' : undefined}>
							<${Icon} name=${icon} size=${18} /><span>${t(`printer.part_${name || 'overview'}`)}</span>
						</a>
					</li>`,
				)}
			</ul>
		</nav>
		${trouble.value ? html`<${Trouble} printer=${trouble.value} />` : null}
		${found ? html`<${found[1].view} key=${part} printer=${printer} serial=${serial} />` : html`<${Missing} />`}
	</div>`;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
function Head({ printer, serial }) {
	const name = useComputed(() => nameOf(printer.value));
	const model = useComputed(() => printer.value.model ?? '');
	const condition = useComputed(() => `state state-${conditionOf(printer.value)}`);
	const state = useComputed(() => stateText(printer.value));
	const isOn = useComputed(() => printer.value.online);
	const age = useComputed(() => {
		if (!printer.value.online) {
			return printer.value.seen_at ? t('card.seen', { time: formatClock(printer.value.seen_at) }) : '';
		}
		const seconds = newestAge(printer.value);
		return seconds !== null && seconds > OLD_S ? t('card.age', { age: formatDuration(seconds - (seconds % 10)) }) : '';
	});
	return html`<p class="printer-top"><a class="back" href="/"><${Icon} name="left" size=${18} /><span>${t('fleet.title')}</span></a> <span class="quiet">${model} · <span class="name">${serial}</span></span></p>
		<header class="view-head printer-head">
			<h1 class="name">${name}</h1>
			${mayOperate.value ? html`<button type="button" class="button-icon" aria-label=${t('command.rename')} title=${t('command.rename')} onClick=${() => openDialog(`rename:${serial}`)}><${Icon} name="edit" size=${18} /></button>` : null}
			<p class=${condition}>${state}</p>
			<p class="quiet printer-age">${age}</p>
			${isOn.value ? null : html`<${Why} serial=${serial} />`}
			<${Halt} printer=${printer} serial=${serial} />
			<${Outcomes} serial=${serial} commands=${['halt', 'rename']} />
		</header>`;
}

export { Printer as view };
