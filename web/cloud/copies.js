// SPDX-License-Identifier: MIT
// Copies of the cloud, and how it passes on to the vendor what its printers say.

import { html } from '../html.js';
import { part, post } from '../api.js';
import { formatBytes, formatDate } from '../format.js';
import { Copied } from '../manage/copied.js';
import { Came, Section, useAsked, useDoing } from '../manage/asked.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';

/** By hand, with its folder. @param {import('./state.js').Cloud} cloud */
const runOf = (cloud) => cloud.start.at(-1) ?? 'flagship cloud run';

/** @param {import('./kept.js').Props} props */
export function Copies({ cloud }) {
	const asked = useAsked('/cloud/backups');
	const doing = useDoing();
	const copies = /** @type {{ name: string, size: number, made_at: string }[]} */ (asked.data.value ?? []);
	const make = async () => (await doing.run(() => post('/cloud/backups', {}), t('cloud.copied'))).ok && asked.load();
	return html`<${Section} title=${t('cloud.copies_of')} help=${t('cloud.copies_help')}>
			<p class="advice">${t('cloud.copies_secret')}</p>
			<p class="buttons"><button type="button" class="button button-main" disabled=${doing.busy} onClick=${make}><${Icon} name="add" size=${18} /><span>${t(doing.busy.value ? 'manage.waiting' : 'cloud.copy_make')}</span></button></p>
			<${Came} doing=${doing} />
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			<ul class="rows cloud-copies">${copies.map((copy) => html`<li key=${copy.name} class="entry sheet">
				<${Icon} name="files" size=${22} />
				<div class="row-main"><p class="row-title">${formatDate(copy.made_at)}</p><p class="quiet">${formatBytes(copy.size)}</p></div>
				<a class="button" href=${`/api/v1/cloud/backups/${part(copy.name)}`} download aria-label=${t('cloud.copy_get_of', { time: formatDate(copy.made_at) })}><${Icon} name="download" size=${18} /><span>${t('cloud.copy_get')}</span></a>
			</li>`)}</ul>
			<${Copied} label=${t('cloud.copy_back')} text=${`${runOf(cloud).replace('cloud run', 'cloud restore')} FILE`} />
		<//>
		<${Mirror} cloud=${cloud} />`;
}

/** @param {{ cloud: import('./state.js').Cloud }} props */
function Mirror({ cloud }) {
	const mirror = cloud.status?.mirror ?? null;
	return html`<${Section} title=${t('cloud.mirror')} help=${t('cloud.mirror_help')}>
		${mirror
			? html`<p class="quiet name">${mirror.broker ? t('cloud.mirror_broker', { name: mirror.broker }) : t('cloud.mirror_vendor')}</p>
					<ul class="rows cloud-mirror">${mirror.accounts.map((one) => html`<li key=${one.account} class="entry sheet">
						<${Icon} name=${one.state === 'passes' ? 'check' : one.state === 'connecting' ? 'clock' : 'error'} size=${22} />
						<div class="row-main"><p class="row-title name">${one.account}</p><p>${one.state === 'passes' ? t('cloud.mirror_passes', { count: one.printers }) : t(`cloud.mirror_${one.state}`)}</p>
							${one.since ? html`<p class="quiet">${t('manage.since', { time: formatDate(one.since) })}</p>` : null}
							${one.problem ? html`<p class="quiet name">${one.problem}</p>` : null}</div>
					</li>`)}</ul>
					${mirror.accounts.length ? null : html`<p class="quiet nothing sheet">${t('cloud.mirror_nobody')}</p>`}`
			: html`<p>${t(cloud.state === 'running' ? 'cloud.mirror_off' : 'cloud.mirror_stopped')}</p><${Copied} label=${t('cloud.command')} text=${`${runOf(cloud)} --mirror`} />`}
	<//>`;
}
