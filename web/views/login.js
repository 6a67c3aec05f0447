// SPDX-License-Identifier: MIT
// Who are you? Nothing of any printer is shown before.

import { html, useEffect, useSignal } from '../html.js';
import { login, loginByKey, setupIsOpen } from '../api.js';
import { fragment, navigate, path } from '../router.js';
import { t } from '../text.js';
import { Field } from '../parts/field.js';

const KEY = 'key='; // behind the # of a link for a wall screen, which no server sees
const AGAIN_MS = 10000;

/** @param {import('../types').Answer} answer */
function wrong(answer) {
	if (answer.status === 0) {
		return t('connection.lost');
	}
	return answer.status === 401 ? t('login.wrong') : answer.detail;
}

/**
 * Logs in by a key, again and again until that was judged: nobody is there who would.
 * @param {string} key @param {import('@preact/signals').Signal<string>} fault
 */
function followKey(key, fault) {
	let again = 0;
	let isLeft = false;
	async function enter() {
		const answer = await loginByKey(key);
		const isJudged = answer.ok || answer.status === 401;
		fault.value = answer.ok ? '' : isJudged ? t('login.key_over') : wrong(answer);
		if (!isJudged && !isLeft) {
			again = setTimeout(enter, AGAIN_MS);
		}
	}
	enter();
	return () => {
		isLeft = true;
		clearTimeout(again);
	};
}

export function Login() {
	const name = useSignal('');
	const password = useSignal('');
	const fault = useSignal('');
	const busy = useSignal(false);

	useEffect(() => (fragment.peek().startsWith(KEY) ? followKey(fragment.peek().slice(KEY.length), fault) : undefined), []);

	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		busy.value = true;
		const answer = await login(name.value, password.value);
		busy.value = false;
		fault.value = answer.ok ? '' : wrong(answer);
		if (answer.ok && path.peek() === '/login') {
			navigate('/', { replace: true });
		}
	}

	return html`<main class="door" id="view">
		<form class="door-form" onSubmit=${submit}>
			<h1>flagship</h1>
			${setupIsOpen.value && !fragment.value ? html`<p class="quiet">${t('login.setup')} <code>flagship serve</code></p>` : null}
			<${Field} label=${t('login.name')} value=${name} autocomplete="username" required />
			<${Field} label=${t('login.password')} value=${password} type="password" autocomplete="current-password" required />
			<p class="fault" role="alert">${fault}</p>
			<button class="button button-main" disabled=${busy}>${t('login.submit')}</button>
		</form>
	</main>`;
}
