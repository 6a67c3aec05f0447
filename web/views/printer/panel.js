// SPDX-License-Identifier: MIT
// What the views of a printer are made of: a sheet with a title, and in it what came of what was done there.

import { html, useComputed, useId, useRef } from '../../html.js';
import { actions } from '../../actions.js';
import { Outcome } from '../../parts/outcome.js';


/**
 * The newest of what was done with these commands since this is shown, at most so many.
 * @param {string} serial @param {string[]} commands @param {number} most
 */
function useLast(serial, commands, most) {
	const since = useRef(Date.now());
	return useComputed(() => {
		/** @type {typeof actions.value} */
		const found = [];
		for (const action of actions.value) {
			const { serial: of, name, at } = action.peek();
			if (of === serial && at >= since.current && commands.includes(name) && (most > 1 || !found.length) && !found.some((other) => other.peek().name === name)) {
				found.push(action);
			}
		}
		return found.slice(0, most).reverse();
	});
}

/** Where it was done: what came of it. @param {{ serial: string, commands: string[], most?: number }} props */
export function Outcomes({ serial, commands, most = 1 }) {
	const last = useLast(serial, commands, most);
	return html`${last.value.map((action) => html`<${Outcome} key=${action.peek().id} action=${action} />`)}`;
}

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
