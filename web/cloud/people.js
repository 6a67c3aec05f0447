// SPDX-License-Identifier: MIT
// Who has an account at the cloud, and which printers each reaches.

import { html, useSignal } from '../html.js';
import { ask, part } from '../api.js';
import { formatDate } from '../format.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Came, Section, useDoing } from '../manage/asked.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/cloud/texts.js';
import { EndDialog, titleOf, useKept } from './kept.js';

/** @param {import('./kept.js').Props} props */
export function People({ load }) {
	const { asked, isKnown, accounts, printers } = useKept();
	const [kind, ...rest] = dialog.value.split(':');
	const chosen = accounts.find((account) => account.email === rest.join(':'));
	const done = () => {
		asked.load();
		load();
	};
	return html`<${Section} title=${t('cloud.people')} help=${t('cloud.people_help')} tools=${html`<a class="button" href="/cloud/account"><${Icon} name="add" size=${18} /><span>${t('cloud.add_account')}</span></a>`}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			${isKnown || asked.fault.value ? null : html`<div class="loading" aria-busy="true"></div>`}
			<ul class="rows cloud-people">${accounts.map((account) => html`<${Row} key=${account.email} account=${account} printers=${printers} />`)}</ul>
			${isKnown && !accounts.length ? html`<p class="quiet nothing sheet">${t('cloud.no_people')}</p>` : null}
		<//>
		${kind === 'person' && chosen ? html`<${ChangeDialog} key=${chosen.email} account=${chosen} onDone=${done} />` : null}
		${kind === 'unperson' && chosen
			? html`<${EndDialog} title=${t('manage.remove_of', { name: chosen.email })} lost=${[t('cloud.lost_account'), t('cloud.lost_account_printers', { count: chosen.printers.length })]} label=${t('cloud.remove_account')} path=${`/cloud/accounts/${part(chosen.email)}`} isSaved onDone=${done} />`
			: null}`;
}

/** @param {{ account: import('./kept.js').KeptAccount, printers: import('./kept.js').KeptPrinter[] }} props */
function Row({ account, printers }) {
	const reached = account.printers.map((serial) => titleOf(printers.find((printer) => printer.serial === serial) ?? /** @type {any} */ ({ serial })));
	const states = [account.administrator ? ['warn', t('cloud.administrator')] : null, account.has_password ? null : ['quiet', t('cloud.no_password')]].filter((state) => state !== null);
	return html`<li class="entry sheet">
		<${Icon} name="account" size=${22} />
		<div class="row-main">
			<p class="row-title name">${account.email}</p>
			<p class="quiet name">${[account.name, account.created_at ? t('manage.since', { time: formatDate(account.created_at) }) : null].filter(Boolean).join(' · ')}</p>
			<p class="name">${account.administrator ? t('cloud.reaches_all') : reached.length ? reached.join(', ') : t('cloud.reaches_none')}</p>
			${states.length ? html`<p>${states.map(([colour, text]) => html`<span class=${`badge badge-${colour}`}>${text}</span>`)}</p>` : null}
		</div>
		<button type="button" class="button" aria-label=${t('manage.change_of', { name: account.email })} onClick=${() => openDialog(`person:${account.email}`)}><${Icon} name="edit" size=${18} /><span>${t('manage.change')}</span></button>
		<button type="button" class="button-icon" aria-label=${t('manage.remove_of', { name: account.email })} onClick=${() => openDialog(`unperson:${account.email}`)}><${Icon} name="remove" size=${18} /></button>
	</li>`;
}

/** @param {{ account: import('./kept.js').KeptAccount, onDone: () => void }} props */
function ChangeDialog({ account, onDone }) {
	const name = useSignal(account.name ?? '');
	const password = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const wanted = name.peek().trim();
		const body = { ...(wanted && wanted !== account.name ? { name: wanted } : {}), ...(password.peek() ? { password: password.peek() } : {}) };
		if (!Object.keys(body).length || (await doing.run(() => ask('PATCH', `/cloud/accounts/${part(account.email)}`, body))).ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${t('manage.change_of', { name: account.email })}>
		<form class="form" onSubmit=${submit}>
			<${Field} label=${t('cloud.name')} value=${name} autocomplete="off" />
			<${Field} label=${t('manage.new_password')} value=${password} type="password" autocomplete="new-password" help=${t(account.has_password ? 'cloud.password_ends' : 'cloud.password_needed')} />
			<${Came} doing=${doing} />
			<button class="button button-main" disabled=${doing.busy}>${t('dialog.save')}</button>
		</form>
	<//>`;
}
