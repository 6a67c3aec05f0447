// SPDX-License-Identifier: MIT
// Printers look for their broker by name: what the name server needs, and whether a printer would come here now.

import { html, useEffect, useSignal } from '../html.js';
import { get, part, post } from '../api.js';
import { Copied } from '../manage/copied.js';
import { Came, faultOf, Section, useDoing } from '../manage/asked.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { Said, said } from '../sentences.js';
import { t } from '../text/cloud/texts.js';
import { Live } from './live.js';
import { isLoopback } from './state.js';

const KINDS = ['dnsmasq', 'unbound', 'pihole', 'adguard', 'openwrt', 'hosts', 'chrony'];
const POLL_MS = 300;

/** @typedef {{ host: string, port: number, address: string | null, found: string, detail: string | null }} Link */

/** @param {{ cloud: import('./state.js').Cloud, check: ReturnType<typeof import('../manage/asked.js').useAsked> }} props */
export function Network({ cloud, check }) {
	const status = cloud.status;
	if (!status) {
		return null;
	}
	return html`<${Lead} cloud=${cloud} status=${status} />
		<${Check} check=${check} />`;
}

/** What printers need of the network, to be copied. @param {{ cloud: import('./state.js').Cloud }} props */
export function Names({ cloud }) {
	const status = cloud.status;
	if (!status) {
		return null;
	}
	return html`<${Lead} cloud=${cloud} status=${status} />
		<${Section} title=${t('cloud.firewall')} help=${t('cloud.firewall_help')}><${Firewall} address=${addressOf(cloud, status)} /><//>`;
}

/** Of this machine, as printers reach it. @param {import('./state.js').Cloud} cloud @param {import('./state.js').CloudStatus} status */
const addressOf = (cloud, status) => status.bind.find((one) => !isLoopback([one]) && !['0.0.0.0', '::'].includes(one) && !one.includes(':')) ?? cloud.address ?? '';

/** @param {{ cloud: import('./state.js').Cloud, status: import('./state.js').CloudStatus }} props */
const Lead = ({ cloud, status }) => html`<${Section} title=${t('cloud.network')} help=${t('cloud.network_help')}>
	${isLoopback(status.bind) ? html`<p class="advice">${t('cloud.only_here')}</p>` : null}
	<${Snippet} address=${addressOf(cloud, status)} />
<//>`;

/** The lines of a kind, for these addresses. @param {string} kind @param {Record<string, string>} values */
function useLines(kind, values) {
	const text = useSignal('');
	const fault = useSignal('');
	const query = new URLSearchParams(Object.entries(values).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value)).toString();
	useEffect(() => {
		let isWanted = true;
		get(`/cloud/takeover/${part(kind)}${query ? `?${query}` : ''}`).then((answer) => {
			if (isWanted) {
				fault.value = faultOf(answer);
				text.value = answer.ok ? answer.data.text : '';
			}
		});
		return () => {
			isWanted = false;
		};
	}, [kind, query]);
	return { text, fault };
}

/** @param {{ address: string }} props */
function Firewall({ address: own }) {
	const address = useSignal(own);
	const printer = useSignal('');
	const { text, fault } = useLines('nftables', { address: address.value, printer: printer.value });
	return html`<div class="sheet way">
		<div class="buttons">
			<${Field} label=${t('cloud.printer_address')} value=${printer} autocomplete="off" />
			<${Field} label=${t('cloud.this_machine')} value=${address} autocomplete="off" />
		</div>
		<${Came} doing=${{ fault, done: { value: '' } }} />
		${text.value ? html`<${Copied} key=${text.value} label=${t('cloud.firewall_lines')} text=${text.value} isLong />` : null}
	</div>`;
}

/** @param {{ address: string }} props */
function Snippet({ address: own }) {
	const kind = useSignal(KINDS[0]);
	const address = useSignal(own);
	const { text, fault } = useLines(kind.value, { address: address.value });
	return html`<div class="sheet way">
		<div class="buttons">
			<label class="field"><span class="field-label">${t('cloud.name_server')}</span><select onChange=${(/** @type {any} */ event) => (kind.value = event.target.value)}>${KINDS.map((one) => html`<option value=${one} selected=${kind.value === one}>${t(`cloud.kind_${one}`)}</option>`)}</select></label>
			<${Field} label=${t('cloud.this_machine')} value=${address} autocomplete="off" />
		</div>
		<p>${t(`cloud.where_${kind.value}`)}</p>
		<${Came} doing=${{ fault, done: { value: '' } }} />
		${text.value ? html`<${Copied} key=${text.value} label=${t('cloud.lines')} text=${text.value} isLong />` : null}
		<p class="quiet">${t('cloud.dhcp_help')}</p>
	</div>`;
}

/** @param {{ check: ReturnType<typeof import('../manage/asked.js').useAsked> }} props */
function Check({ check }) {
	const resolver = useSignal('');
	const doing = useDoing();
	const found = check.data.value;
	const links = /** @type {Link[]} */ (found?.links ?? []);
	async function look() {
		const server = resolver.peek().trim();
		const begun = await doing.run(() => post('/cloud/takeover', server ? { resolver: server } : {}));
		for (let goesOn = begun.ok; goesOn; goesOn = check.data.peek()?.checking === true) {
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
			await check.load();
		}
	}
	return html`<${Section} title=${t('cloud.check')} help=${t('cloud.check_help')}>
		<div class="buttons">
			<${Field} label=${t('cloud.resolver')} value=${resolver} help=${t('cloud.resolver_help')} autocomplete="off" />
			<button type="button" class="button button-main" disabled=${doing.busy.value || found?.checking === true} onClick=${look}><${Icon} name="again" size=${18} /><span>${t('cloud.check_now')}</span></button>
		</div>
		<${Came} doing=${doing} />
		${found?.begun_at ? html`<${Live} isGood=${found.reaches === true} text=${said(found, 'problem') || t(found.checking ? 'cloud.checking' : found.reaches ? 'cloud.reaches' : 'cloud.reaches_not')} />` : null}
		<ol class="chain" aria-busy=${found?.checking === true}>
			${links.map((link) => {
				const isGood = link.found === 'us';
				const key = link.found.replace(' ', '_');
				return html`<li key=${link.host} class=${`link ${isGood ? 'link-good' : 'link-bad'}`}>
					<span class="link-mark"><${Icon} name=${isGood ? 'check' : 'error'} size=${18} /></span>
					<div class="row-main">
						<p class="row-title name">${link.host} <span class="quiet">${link.address ?? ''} ${link.port}</span></p>
						<p>${t(`cloud.found_${key}`)}</p>
						${link.detail ? html`<p class="quiet name"><${Said} of=${link} name="detail" /></p>` : null}
						${isGood ? null : html`<p class="advice"><strong>${t('doctor.what_to_do')}</strong> ${t(`cloud.do_${key}`)}</p>`}
					</div>
				</li>`;
			})}
		</ol>
	<//>`;
}
