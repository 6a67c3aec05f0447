// SPDX-License-Identifier: MIT
// What a part of the settings asks the gateway for, and what came of what was done there.

import { html, useEffect, useRef, useSignal } from '../html.js';
import { get } from '../api.js';
import { returns } from '../live.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';

const UNAVAILABLE = 503;
const AGAIN_MS = 5000;
const TRIES = 12;

/** Whether the gateway works on another account, and will be done with it. @param {import('../types').Answer} answer */
const isBusy = (answer) => answer.status === UNAVAILABLE && answer.data?.detail_code === 'account-busy';

/** @param {import('../types').Answer} answer */
export const faultOf = (answer) => (answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail || t('manage.failed'));

/** Asks when it is shown, when the gateway is back, and again with load(). @param {string} path @param {number} [everyMs] */
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
	}, [path, returns.value]);
	return { data, fault, load };
}

/** Does something once at a time; says what came of it. What the gateway is too busy for is tried again while this is shown. */
export function useDoing() {
	const busy = useSignal(false);
	const waits = useSignal('');
	const isShown = useRef(true);
	const fault = useSignal('');
	const done = useSignal('');
	useEffect(
		() => () => {
			isShown.current = false;
		},
		[],
	);
	/** @param {() => Promise<import('../types').Answer>} send */
	const sendPatiently = async (send) => {
		let answer = await send();
		for (let tries = 1; isBusy(answer) && tries < TRIES; tries++) {
			waits.value = t('manage.busy_again');
			await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
			if (!isShown.current) {
				break;
			}
			answer = await send();
		}
		waits.value = '';
		return answer;
	};
	/** @param {() => Promise<import('../types').Answer>} send @param {string} [text] where it went well */
	const run = async (send, text = '') => {
		busy.value = true;
		fault.value = '';
		done.value = '';
		const answer = await sendPatiently(send);
		busy.value = false;
		fault.value = faultOf(answer);
		done.value = answer.ok ? text : '';
		return answer;
	};
	return { busy, waits, fault, done, run };
}

/** @param {{ doing: Pick<ReturnType<typeof useDoing>, 'fault' | 'done'> & { waits?: { value: string } } }} props */
export function Came({ doing }) {
	return html`<p class="came" role="status">${doing.waits?.value ? html`<span class="quiet">${doing.waits.value}</span>` : doing.fault.value ? html`<span class="fault">${doing.fault.value}</span>` : doing.done.value ? html`<span class="good"><${Icon} name="check" size=${16} /> ${doing.done.value}</span>` : null}</p>`;
}

/** @param {{ title: string, help?: string, tools?: any, children: any }} props */
export function Section({ title, help = '', tools = null, children }) {
	return html`<section class="settings-part">
		<header class="settings-head"><h2>${title}</h2>${tools}</header>
		${help ? html`<p class="quiet settings-help">${help}</p>` : null}
		${children}
	</section>`;
}
