// SPDX-License-Identifier: MIT
// A check that goes on while it is looked at.

import { html } from '../html.js';
import { Icon } from '../parts/icon.js';

/** @param {{ isGood: boolean, text: string, more?: any }} props */
export function Live({ isGood, text, more = null }) {
	return html`<p class=${`live-check ${isGood ? 'link-good' : 'link-open'}`} role="status"><span class="link-mark"><${Icon} name=${isGood ? 'check' : 'clock'} size=${18} /></span><span>${text}</span>${more}</p>`;
}
