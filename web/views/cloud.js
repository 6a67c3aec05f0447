// SPDX-License-Identifier: MIT
// A cloud of one's own: made, started, given printers, and led to by the network, step by step, each with an address.

import { html } from '../html.js';
import { mayManage } from '../api.js';
import { Copies } from '../cloud/copies.js';
import { Devices } from '../cloud/devices.js';
import { Make, MakeAccount } from '../cloud/make.js';
import { Names, Network } from '../cloud/network.js';
import { People } from '../cloud/people.js';
import { Arrive, Printers } from '../cloud/printers.js';
import { Start } from '../cloud/run.js';
import { Sessions } from '../cloud/sessions.js';
import { DAYS, doneOf, STEPS } from '../cloud/state.js';
import { Came, useAsked } from '../manage/asked.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';

const EVERY_MS = 2000;

/** @type {Record<string, any>} */
const views = { make: Make, account: MakeAccount, start: Start, printers: Printers, network: Network, arrive: Arrive, people: People, devices: Devices, sessions: Sessions, copies: Copies, names: Names };

/** @type {Record<string, string>} */
const icons = { people: 'account', devices: 'printer', sessions: 'key', copies: 'copy', names: 'search' };

/** @param {{ step?: string }} props */
function CloudView({ step = '' }) {
	return html`<div class="view cloud">
		<header class="view-head"><h1>${t('cloud.title')}</h1></header>
		${mayManage.value ? html`<${Steps} step=${step} />` : html`<p class="nothing">${t('manage.not_for_you')}</p>`}
	</div>`;
}

/** @param {{ step: string }} props */
function Steps({ step }) {
	const asked = useAsked('/cloud', EVERY_MS);
	const check = useAsked('/cloud/takeover', EVERY_MS);
	const cloud = /** @type {import('../cloud/state.js').Cloud | null} */ (asked.data.value);
	if (!cloud) {
		return html`<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />${asked.fault.value ? null : html`<div class="loading" aria-busy="true"></div>`}`;
	}
	if (cloud.state === 'off') {
		return html`<p class="notice">${t('cloud.is_off')}</p>`;
	}
	const done = doneOf(cloud, check.data.value?.reaches ?? null);
	const shown = views[step] ? step : (STEPS.find((one) => !done[one]) ?? 'devices');
	const next = STEPS[STEPS.indexOf(shown) + 1];
	return html`<p class="quiet settings-help">${t('cloud.help')}</p>
		<div class="settings-frame">
			<nav aria-label=${t('cloud.steps')}>
				<ol class="cloud-steps">
					${STEPS.map(
						(one, at) => html`<li><a class="bar-link cloud-step" href=${`/cloud/${one}`} aria-current=${one === shown ? 'step' : undefined}>
							<span class=${`step-number ${done[one] ? 'is-done' : ''}`} aria-hidden="true">${done[one] ? html`<${Icon} name="check" size=${18} />` : at + 1}</span>
							<span>${t(`cloud.step_${one}`)}</span><span class="unseen">${t(done[one] ? 'manage.step_done' : 'manage.step_open')}</span>
						</a></li>`,
					)}
				</ol>
				${cloud.status
					? html`<h2 class="cloud-days">${t('cloud.days')}</h2>
							<ul class="cloud-steps">${DAYS.map((one) => html`<li><a class="bar-link cloud-step" href=${`/cloud/${one}`} aria-current=${one === shown ? 'page' : undefined}><${Icon} name=${icons[one]} size=${20} /><span>${t(`cloud.step_${one}`)}</span></a></li>`)}</ul>`
					: null}
			</nav>
			<div class="settings-body">
				<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
				${shown !== 'make' && !cloud.status
					? html`<p class="notice">${t('cloud.first_make')}</p><p class="buttons"><a class="button button-main" href="/cloud/make">${t('cloud.make')}</a></p>`
					: html`<${views[shown]} key=${shown} cloud=${cloud} load=${asked.load} check=${check} isDone=${done[shown]} />`}
				${STEPS.includes(shown) && next && cloud.status ? html`<p class="buttons cloud-next"><a class=${`button ${done[shown] ? 'button-main' : ''}`} href=${`/cloud/${next}`}>${t('cloud.next', { step: t(`cloud.step_${next}`) })}</a></p>` : null}
			</div>
		</div>`;
}

export { CloudView as view };
