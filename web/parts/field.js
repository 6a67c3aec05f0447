// SPDX-License-Identifier: MIT
// A field of a form, with its label, and what is wrong with it.

import { html, useId } from '../html.js';

/**
 * @param {{ label: string, value: import('@preact/signals').Signal<string>, type?: string, autocomplete?: string, help?: string, required?: boolean,
 *   minlength?: number, autofocus?: boolean, inputmode?: string, min?: string, max?: string }} props
 */
export function Field({ label, value, type = 'text', help = '', ...rest }) {
	const id = useId();
	return html`<div class="field">
		<label for=${id}>${label}</label>
		<input id=${id} type=${type} value=${value} aria-describedby=${help ? `${id}-help` : undefined} onInput=${(/** @type {any} */ event) => (value.value = event.target.value)} ...${rest} />
		${help ? html`<p class="field-help" id=${`${id}-help`}>${help}</p>` : null}
	</div>`;
}
