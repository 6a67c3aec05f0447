// SPDX-License-Identifier: MIT
// An address that shows nothing.

import { html } from '../html.js';
import { t } from '../text.js';

export function Missing() {
	return html`<section class="empty">
		<h1>${t('missing.title')}</h1>
		<p><a href="/">${t('missing.back')}</a></p>
	</section>`;
}
