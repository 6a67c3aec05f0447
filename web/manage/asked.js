// SPDX-License-Identifier: MIT
// What a part of the settings asks the gateway for, and what came of what was done there.

import { html, useEffect, useSignal } from '../html.js';
import { get } from '../api.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';

/** @param {import('../types').Answer} answer */
export const faultOf = (answer) => (answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail || t('manage.failed'));

/** Asks when it is shown, and again with load(). @param {string} path @param {number} [everyMs] */
export function useAsked(path, everyMs = 0) {
	const data = useSignal(/** @type {any} */ (null));
	const fault = useSignal('');
	const load = async () => {
		const answer = await get(path);
		data.value = answer.ok ? answer.data : data.peek();
		fault.value = faultOf(answer);
	};
	useEffect(() => {
		load();
		const timer = everyMs ? setInterval(load, everyMs) : 0;
		return () => clearInterval(timer);
	}, [path]);
	return { data, fault, load };
}

/** Does something once at a time; says what came of it. */
export function useDoing() {
	const busy = useSignal(false);
	const fault = useSignal('');
	const done = useSignal('');
	/** @param {() => Promise<import('../types').Answer>} send @param {string} [text] where it went well */
	const run = async (send, text = '') => {
		busy.value = true;
		done.value = '';
		const answer = await send();
		busy.value = false;
		fault.value = faultOf(answer);
		done.value = answer.ok ? text : '';
		return answer;
	};
	return { busy, fault, done, run };
}

/** @param {{ doing: Pick<ReturnType<typeof useDoing>, 'fault' | 'done'> }} props */
export function Came({ doing }) {
	return html`<p class="came" role="status">${doing.fault.value ? html`<span class="fault">${doing.fault.value}</span>` : doing.done.value ? html`<span class="good"><${Icon} name="check" size=${16} /> ${doing.done.value}</span>` : null}</p>`;
}

/** @param {{ title: string, help?: string, tools?: any, children: any }} props */
export function Section({ title, help = '', tools = null, children }) {
	return html`<section class="settings-part">
		<header class="settings-head"><h2>${title}</h2>${tools}</header>
		${help ? html`<p class="quiet settings-help">${help}</p>` : null}
		${children}
	</section>`;
}
