// SPDX-License-Identifier: MIT
// Says aloud, to who cannot see it, what happened to printers: states, never temperatures or percents.

import { html, useEffect, useSignal } from '../html.js';
import { nameOf } from '../condition.js';
import { onMessage, printerOf } from '../live.js';
import { hasText, t } from '../text.js';
import { troubleOf } from './trouble.js';

export function Announcer() {
	const text = useSignal('');
	useEffect(
		() =>
			onMessage((message) => {
				const printer = message.type === 'event' ? printerOf(message.printer)?.peek() : undefined;
				if (message.type !== 'event' || !printer || !hasText(`event.${message.event.event}`)) {
					return;
				}
				const trouble = ['error', 'alert'].includes(message.event.event) ? troubleOf(printer) : null;
				text.value = `${nameOf(printer)}: ${trouble ? `${trouble.text} ${trouble.advice}` : t(`event.${message.event.event}`)}`;
			}),
		[],
	);
	return html`<p class="unseen" role="status" aria-live="polite">${text}</p>`;
}
