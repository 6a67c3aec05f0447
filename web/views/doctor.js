// SPDX-License-Identifier: MIT
// The chain to a printer, link by link: which one is broken, and what to do.

import { html, useEffect, useRef, useSignal } from '../html.js';
import { get, part } from '../api.js';
import { nameOf } from '../condition.js';
import { formatNumber } from '../format.js';
import { everyPrinter } from '../live.js';
import { navigate } from '../router.js';
import { Icon } from '../parts/icon.js';
import { Said } from '../sentences.js';
import { t } from '../text/manage/texts.js';
import { faultOf } from '../manage/asked.js';

const AGAIN_MS = 15000;
const LINKS = ['config', 'clock', 'dns', 'tcp', 'tls', 'login', 'subscription', 'query', 'reply', 'checksum', 'decryption', 'age', 'lan_address', 'lan_search', 'lan_duid', 'lan_slot', 'lan_handshake'];
const OF_LAN = 'lan_';
const MS_PER_S = 1000;
const BUSY = 503;
const BUSY_MS = 1000;

/** @typedef {{ name: string, topic?: string, ok: boolean | null, applicable?: boolean, elapsed_ms?: number, detail?: string, advice?: string | null }} Link */

/** @param {{ serial?: string }} props */
function Doctor({ serial = '' }) {
	const chosen = serial || (everyPrinter.value[0]?.serial ?? '');
	const links = useSignal(/** @type {Link[] | null} */ (null));
	const fault = useSignal('');
	const busy = useSignal(false);
	const watches = useSignal(false);
	const wanted = useRef('');
	/** One at a time: who chooses another one meanwhile gets that next. */
	async function look() {
		wanted.current = chosen;
		if (!chosen || busy.peek()) {
			return;
		}
		busy.value = true;
		for (let looked = ''; looked !== wanted.current; ) {
			looked = wanted.current;
			if (!looked) {
				break;
			}
			const answer = await get(`/printers/${part(looked)}/doctor`);
			if (answer.status === BUSY) {
				looked = ''; // another printer is looked at
				await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
			} else if (looked === wanted.current) {
				fault.value = faultOf(answer);
				links.value = answer.ok ? answer.data.links : links.peek();
			}
		}
		busy.value = false;
	}
	useEffect(() => {
		links.value = null;
		look();
		return () => {
			wanted.current = '';
		};
	}, [chosen]);
	useEffect(() => {
		const timer = watches.value ? setInterval(() => document.visibilityState === 'visible' && look(), AGAIN_MS) : 0;
		return () => clearInterval(timer);
	}, [watches.value, chosen]);
	const broken = links.value?.find((link) => link.ok === false);
	const isLan = broken?.name.startsWith(OF_LAN);
	return html`<div class="view doctor">
		<header class="view-head">
			<h1>${t('doctor.title')}</h1>
			<div class="tools">
				<label class="tool-select"><span class="unseen">${t('manage.for_printer')}</span><${Icon} name="printer" size=${18} />
					<select onChange=${(/** @type {any} */ event) => navigate(`/doctor/${encodeURIComponent(event.target.value)}`, { replace: true })}>${everyPrinter.value.map((printer) => html`<option value=${printer.serial} selected=${printer.serial === chosen}>${nameOf(printer)}</option>`)}</select>
				</label>
				<label class="check"><input type="checkbox" checked=${watches} onChange=${() => (watches.value = !watches.peek())} /><span>${t('doctor.watch')}</span></label>
				<button type="button" class="button button-main" disabled=${busy.value || !chosen} onClick=${look}><${Icon} name="again" size=${18} /><span>${t('doctor.again')}</span></button>
			</div>
		</header>
		<p role="status" class=${`verdict ${broken ? 'fault' : ''}`}>${busy.value && !links.value ? t('doctor.looking') : fault.value || !links.value ? '' : broken ? t(isLan ? 'doctor.lan_broken' : 'doctor.broken', { link: linkText(broken) }) : t('doctor.whole')}</p>
		${fault.value ? html`<p class="notice notice-bad" role="alert">${fault.value}</p>` : null}
		${!chosen
			? html`<p class="nothing">${t('doctor.no_printers')}</p>`
			: links.value
				? html`<ol class="chain" aria-busy=${busy.value}>${links.value.map((link) => html`<${OneLink} link=${link} />`)}</ol>`
				: fault.value
					? null
					: html`<div class="loading" aria-busy="true"></div>`}
	</div>`;
}

/** @param {Link} link */
const linkText = (link) => (LINKS.includes(link.name) ? t(`doctor.link_${link.name}`) : link.name);

/** @param {{ link: Link }} props */
function OneLink({ link }) {
	const state = link.ok === true ? 'good' : link.ok === false ? 'bad' : 'open';
	return html`<li class=${`link link-${state}`}>
		<span class="link-mark"><${Icon} name=${state === 'good' ? 'check' : state === 'bad' ? 'error' : 'clock'} size=${18} /></span>
		<div class="row-main">
			<p class="row-title">${linkText(link)} <span class="quiet">${link.elapsed_ms === undefined ? '' : `${formatNumber(link.elapsed_ms / MS_PER_S, 2)} s`}</span><span class="unseen">${t(`doctor.state_${link.applicable === false ? 'none' : state}`)}</span></p>
			${link.detail ? html`<p class="quiet name"><${Said} of=${link} name="detail" /></p>` : null}
			${link.advice ? html`<p class="advice"><strong>${t('doctor.what_to_do')}</strong> <span class="name"><${Said} of=${link} name="advice" /></span></p>` : null}
		</div>
	</li>`;
}

export { Doctor as view };
