// SPDX-License-Identifier: MIT
// Accounts, users, programs, the gateway, how the page looks, and what it is.

import { html } from '../html.js';
import { mayManage, mayOperate, session } from '../api.js';
import { Accounts } from '../manage/accounts.js';
import { Backup } from '../manage/backup.js';
import { About, Appearance, GatewaySettings } from '../manage/gateway.js';
import { Notices } from '../manage/notices.js';
import { Programs } from '../manage/programs.js';
import { FirstSteps } from '../manage/start.js';
import { OwnPassword, Users } from '../manage/users.js';
import { path } from '../router.js';
import { t } from '../text/manage/texts.js';
import { Icon } from '../parts/icon.js';

/** @type {Record<string, { icon: string, view: any, admin: boolean }>} */
const sections = {
	start: { icon: 'check', view: FirstSteps, admin: true },
	accounts: { icon: 'account', view: Accounts, admin: true },
	users: { icon: 'user', view: Users, admin: true },
	programs: { icon: 'key', view: Programs, admin: true },
	gateway: { icon: 'settings', view: GatewaySettings, admin: true },
	backup: { icon: 'download', view: Backup, admin: true },
	notices: { icon: 'bell', view: Notices, admin: false },
	appearance: { icon: 'theme', view: Appearance, admin: false },
	about: { icon: 'info', view: About, admin: false },
};

/** @param {{ section?: string }} props */
function Settings({ section = '' }) {
	const allowed = Object.entries(sections).filter(([, { admin }]) => !admin || mayManage.value);
	const shown = section in sections ? section : mayManage.value ? 'accounts' : 'appearance';
	const name = allowed.some(([one]) => one === shown) ? shown : '';
	const hasPassword = session.value?.by === 'session' && !mayManage.value;
	return html`<div class="view settings">
		<header class="view-head"><h1>${t('settings.title')}</h1></header>
		<div class="settings-frame">
			<nav class="settings-nav" aria-label=${t('settings.title')}>
				<ul>
					${allowed.map(([one, { icon }]) => html`<li><a class="bar-link" href=${`/settings/${one}`} aria-current=${one === name && path.value ? 'page' : undefined}><${Icon} name=${icon} size=${18} /><span>${t(`manage.${one}`)}</span></a></li>`)}
					${mayOperate.value ? html`<li><a class="bar-link" href="/doctor"><${Icon} name="doctor" size=${18} /><span>${t('doctor.title')}</span></a></li>` : null}
				</ul>
			</nav>
			<div class="settings-body">
				${name ? html`<${sections[name].view} key=${name} />` : html`<p class="nothing">${t('manage.not_for_you')}</p>`}
				${hasPassword && name === 'appearance' ? html`<${OwnPassword} />` : null}
			</div>
		</div>
	</div>`;
}

export { Settings as view };
