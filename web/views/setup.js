// SPDX-License-Identifier: MIT
// The first user, by the link that `flagship serve` made.

import { html, useSignal } from '../html.js';
import { setUp } from '../api.js';
import { fragment, navigate } from '../router.js';
import { t } from '../text.js';
import { Field } from '../parts/field.js';

const PASSWORD_MIN = 8;

export function Setup() {
	const name = useSignal('');
	const password = useSignal('');
	const fault = useSignal('');
	const busy = useSignal(false);

	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		busy.value = true;
		const answer = await setUp(fragment.peek(), name.value, password.value);
		busy.value = false;
		fault.value = answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail;
		if (answer.ok) {
			navigate('/', { replace: true });
		}
	}

	return html`<main class="door" id="view">
		<form class="door-form" onSubmit=${submit}>
			<h1>${t('setup.title')}</h1>
			<p class="quiet">${t('setup.what')}</p>
			<${Field} label=${t('login.name')} value=${name} autocomplete="username" required />
			<${Field} label=${t('login.password')} value=${password} type="password" autocomplete="new-password" minlength=${PASSWORD_MIN} help=${t('setup.password')} required />
			<p class="fault" role="alert">${fault}</p>
			<button class="button button-main" disabled=${busy}>${t('setup.submit')}</button>
		</form>
	</main>`;
}
