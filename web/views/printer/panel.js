// SPDX-License-Identifier: MIT
// What the views of a printer are made of: a sheet with a title, and in it what came of what was done there.

import { html, useId } from '../../html.js';
import { Outcomes } from '../../parts/outcomes.js';

/**
 * @param {{ title: string, serial?: string, commands?: string[], most?: number, children: any, tools?: any, class?: string }} props
 * commands: of which it shows the outcomes
 */
export function Panel({ title, serial = '', commands = [], most = 1, children, tools = null, class: extra = '' }) {
	const id = useId();
	return html`<section class=${`panel ${extra}`} aria-labelledby=${id}>
		<header class="panel-head">
			<h2 id=${id}>${title}</h2>
			${tools ? html`<div class="panel-tools">${tools}</div>` : null}
		</header>
		${children}
		${commands.length ? html`<${Outcomes} serial=${serial} commands=${commands} most=${most} />` : null}
	</section>`;
}

/** Some to choose one of. @param {{ legend: string, value: import('@preact/signals').Signal<any>, options: [any, string][], seen?: boolean }} props */
export function Segments({ legend, value, options, seen = false }) {
	const name = useId();
	return html`<fieldset class="segments">
		<legend class=${seen ? '' : 'unseen'}>${legend}</legend>
		<div class="segments-row">
			${options.map(
				([option, label]) => html`<label class="segment">
					<input type="radio" class="unseen" name=${name} checked=${value.value === option} onChange=${() => (value.value = option)} />
					<span>${label}</span>
				</label>`,
			)}
		</div>
	</fieldset>`;
}
