// SPDX-License-Identifier: MIT
// A value, or lines of a file, with a button that copies it.

import { html, useSignal } from '../html.js';
import { Icon } from '../parts/icon.js';
import { copyText } from '../save.js';
import { t } from '../text/manage/texts.js';

/** @param {{ label: string, text: string, isLong?: boolean }} props */
export function Copied({ label, text, isLong = false }) {
	const came = useSignal('');
	const copy = async () => (came.value = (await copyText(text)) ? t('manage.copied') : t('manage.not_copied'));
	return html`<div class="copied"><span class="field-label">${label}</span>${isLong ? html`<pre class="copied-text" tabindex="0" role="region" aria-label=${label}>${text}</pre>` : html`<code class="copied-text">${text}</code>`}<button type="button" class="button button-small" aria-label=${t('manage.copy_of', { name: label })} onClick=${copy}><${Icon} name="copy" size=${16} /><span>${t('manage.copy')}</span></button><span role="status" class="quiet">${came}</span></div>`;
}
