// SPDX-License-Identifier: MIT
// Who may use the gateway, and one's own password.

import { html, useSignal } from '../html.js';
import { ask, part, post, session } from '../api.js';
import { formatDate } from '../format.js';
import { closeDialog, dialog, openDialog } from '../router.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, useAsked, useDoing } from './asked.js';
import { Grant, printersText } from './grant.js';

const PASSWORD_MIN = 8;
const MS_PER_S = 1000;

/** @typedef {{ name: string, role: string, printers: string[] | null, created_at: number }} User */

export function Users() {
	const asked = useAsked('/users');
	const users = /** @type {User[]} */ (asked.data.value ?? []);
	const [kind, ...rest] = dialog.value.split(':');
	const chosen = users.find((user) => user.name === rest.join(':'));
	const add = html`<button type="button" class="button button-main" onClick=${() => openDialog('user')}><${Icon} name="add" size=${18} /><span>${t('manage.add_user')}</span></button>`;
	return html`<${Section} title=${t('manage.users')} help=${t(asked.data.value && !users.length ? 'manage.no_users' : 'manage.users_help')} tools=${add}>
			<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
			<ul class="rows">
				${users.map((user) => html`<li class="entry sheet" key=${user.name}>
					<${Icon} name="user" size=${22} />
					<div class="row-main">
						<p class="row-title name">${user.name}${user.name === session.value?.user ? html` <span class="badge badge-quiet">${t('manage.you')}</span>` : null}</p>
						<p class="quiet">${t(`manage.role_${user.role}`)} · <span class="name">${printersText(user.printers)}</span></p>
						<p class="quiet">${t('manage.since', { time: formatDate(user.created_at * MS_PER_S) })}</p>
					</div>
					<button type="button" class="button" onClick=${() => openDialog(`user:${user.name}`)}><${Icon} name="edit" size=${18} /><span>${t('manage.change')}</span></button>
					<button type="button" class="button-icon" aria-label=${t('manage.remove_of', { name: user.name })} onClick=${() => openDialog(`unuser:${user.name}`)}><${Icon} name="remove" size=${18} /></button>
				</li>`)}
			</ul>
		<//>
		${session.value?.by === 'session' ? html`<${OwnPassword} />` : null}
		${dialog.value === 'user' ? html`<${UserDialog} user=${null} onDone=${asked.load} />` : null}
		${kind === 'user' && chosen ? html`<${UserDialog} user=${chosen} onDone=${asked.load} />` : null}
		${kind === 'unuser' && chosen ? html`<${RemoveDialog} path=${`/users/${part(chosen.name)}`} name=${chosen.name} help=${t('manage.remove_user_help')} onDone=${asked.load} />` : null}`;
}

/** @param {{ user: User | null, onDone: () => void }} props */
function UserDialog({ user, onDone }) {
	const name = useSignal('');
	const password = useSignal('');
	const role = useSignal(user?.role ?? 'operator');
	const printers = useSignal(user?.printers ?? null);
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const grant = { role: role.peek(), printers: printers.peek(), ...(password.peek() ? { password: password.peek() } : {}) };
		const answer = await doing.run(() => (user ? ask('PATCH', `/users/${part(user.name)}`, grant) : post('/users', { name: name.peek().trim(), ...grant })));
		if (answer.ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${user ? t('manage.change_of', { name: user.name }) : t('manage.add_user')}>
		<form class="form" onSubmit=${submit}>
			${user ? null : html`<${Field} label=${t('login.name')} value=${name} autocomplete="off" required autofocus />`}
			<${Field} label=${t(user ? 'manage.new_password' : 'login.password')} value=${password} type="password" autocomplete="new-password" minlength=${PASSWORD_MIN} required=${!user} help=${t(user ? 'manage.password_stays' : 'setup.password')} />
			<${Grant} role=${role} printers=${printers} />
			<${Came} doing=${doing} />
			<button class="button button-main" disabled=${doing.busy}>${t('dialog.save')}</button>
		</form>
	<//>`;
}

/** @param {{ path: string, name: string, help: string, onDone: () => void }} props */
export function RemoveDialog({ path, name, help, onDone }) {
	const doing = useDoing();
	async function remove() {
		const answer = await doing.run(() => ask('DELETE', path));
		if (answer.ok) {
			closeDialog();
			onDone();
		}
	}
	return html`<${Dialog} title=${t('manage.remove_of', { name })}>
		<p>${help}</p>
		<${Came} doing=${doing} />
		<div class="dialog-foot"><button type="button" class="button button-bad" disabled=${doing.busy} onClick=${remove}>${t('manage.remove')}</button><button type="button" class="button" onClick=${closeDialog}>${t('manage.keep')}</button></div>
	<//>`;
}

export function OwnPassword() {
	const old = useSignal('');
	const password = useSignal('');
	const doing = useDoing();
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const answer = await doing.run(() => post('/session/password', { old: old.peek(), password: password.peek() }), t('manage.password_changed'));
		if (answer.ok) {
			session.value = answer.data;
			old.value = '';
			password.value = '';
		}
	}
	return html`<${Section} title=${t('manage.own_password')}>
		<form class="form sheet way narrow-form" onSubmit=${submit}>
			<${Field} label=${t('manage.old_password')} value=${old} type="password" autocomplete="current-password" required />
			<${Field} label=${t('manage.new_password')} value=${password} type="password" autocomplete="new-password" minlength=${PASSWORD_MIN} required help=${t('setup.password')} />
			<${Came} doing=${doing} />
			<button class="button" disabled=${doing.busy}>${t('manage.change')}</button>
		</form>
	<//>`;
}
