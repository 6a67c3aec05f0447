// SPDX-License-Identifier: MIT
// First steps: what is there already, and what is next.

import { html } from '../html.js';
import { everyPrinter } from '../live.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';
import { Section, useAsked } from './asked.js';

const EVERY_MS = 3000;

export function FirstSteps() {
	const accounts = useAsked('/accounts', EVERY_MS);
	const users = useAsked('/users', EVERY_MS);
	const keys = useAsked('/keys', EVERY_MS);
	const cloud = useAsked('/cloud');
	const hasCloud = Boolean(cloud.data.value?.status);
	const isSeen = everyPrinter.value.some((printer) => printer.online);
	/** @type {[string, boolean, string][]} */
	const steps = [
		['account', (accounts.data.value ?? []).length > 0, '/settings/accounts'],
		['printer', isSeen, isSeen ? '/' : everyPrinter.value.length ? '/doctor' : '/settings/accounts'],
		['user', (users.data.value ?? []).length > 0, '/settings/users'],
		['program', (keys.data.value ?? []).length > 0, '/settings/programs'],
	];
	const next = steps.find(([, isDone]) => !isDone)?.[0];
	return html`<${Section} title=${t('manage.start')} help=${t('manage.start_help')}>
		<ol class="rows">
			${steps.map(
				([name, isDone, address], at) => html`<li class=${`entry sheet ${isDone ? 'is-done' : ''}`}>
					<span class="step-number" aria-hidden="true">${isDone ? html`<${Icon} name="check" size=${18} />` : at + 1}</span>
					<div class="row-main">
						<p class="row-title">${t(`manage.step_${name}`)} <span class=${isDone ? 'badge badge-good' : 'unseen'}>${t(isDone ? 'manage.step_done' : 'manage.step_open')}</span></p>
						<p class="quiet">${t(`manage.step_${name}_help`)}</p>
					</div>
					<a class=${`button ${name === next ? 'button-main' : ''}`} href=${address}>${t(name === 'printer' && isSeen ? 'manage.step_printer_seen' : `manage.step_${name}_go`)}</a>
				</li>`,
			)}
		</ol>
		<p class="entry sheet cloud-way"><${Icon} name="wall" size=${22} />
			<span class="row-main"><span class="row-title">${t(hasCloud ? 'manage.cloud_there' : 'manage.cloud_make')}</span><br /><span class="quiet">${t(hasCloud ? 'manage.cloud_there_help' : 'manage.cloud_make_help')}</span></span>
			<a class="button" href=${hasCloud ? '/cloud' : '/cloud/make'}>${t(hasCloud ? 'manage.cloud_go' : 'manage.cloud_make')}</a>
		</p>
	<//>`;
}
