// SPDX-License-Identifier: MIT
// What stands around each view: the bar with the views, the state of the connection, and the dialogs that all of them have.

import { html, useComputed, useEffect, useSignal } from '../html.js';
import { logout, mayOperate, session } from '../api.js';
import { running } from '../actions.js';
import { formatDuration } from '../format.js';
import { keys, useKeys } from '../keys.js';
import { heardAt, isLive, isKnown, now } from '../live.js';
import { closeDialog, dialog, navigate, openDialog, path } from '../router.js';
import { hasText, languages, t, wantedLanguage } from '../text.js';
import { sendSettings, theme, unkept } from '../shared.js';
import { Announcer } from './announcer.js';
import { ActivityDialog } from './activity.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { PrintRoom } from './queued.js';

/** @param {{ routes: import('../types').Route[], route: import('../types').Route | null, children: any }} props */
export function Frame({ routes, route, children }) {
	useKeys([
		{ key: '?', label: 'keys.help', run: () => openDialog('keys') },
		{ key: 'a', label: 'keys.activity', run: () => openDialog('activity') },
		...routes.filter((one) => one.nav).map((one) => ({ key: `g ${one.nav?.key ?? one.nav?.icon[0]}`, label: one.title, run: () => navigate(one.path) })),
	]);
	const stale = useComputed(() => isKnown.value && !isLive.value);
	return html`<div class=${stale.value ? 'frame is-stale' : 'frame'}>
		<a class="skip" href="#view">${t('frame.skip')}</a>
		<${Bar} routes=${routes} route=${route} />
		<div class="frame-main">
			<${Connection} />
			<${Unkept} />
			<main id="view" tabindex="-1">${children}</main>
		</div>
		<${Announcer} />
		<${PrintRoom} />
		${dialog.value === 'keys' ? html`<${KeysDialog} />` : null}
		${dialog.value === 'activity' ? html`<${ActivityDialog} />` : null}
		${dialog.value === 'appearance' ? html`<${AppearanceDialog} />` : null}
		${dialog.value.startsWith('rename:') && mayOperate.value ? html`<${Renaming} serial=${dialog.value.slice('rename:'.length)} />` : null}
	</div>`;
}

/** @param {{ routes: import('../types').Route[], route: import('../types').Route | null }} props */
function Bar({ routes, route }) {
	return html`<nav class="bar" aria-label=${t('frame.views')}>
		<a class="bar-mark" href="/" aria-label="flagship"><${Mark} /></a>
		<ul class="bar-views">
			${routes.map(
				(one) =>
					one.nav &&
					html`<li>
						<a class="bar-link" href=${one.path} aria-current=${one === route || (one.nav.match && path.value.startsWith(one.nav.match)) ? 'page' : undefined}>
							<${Icon} name=${one.nav.icon} size=${22} /><span>${t(one.nav.label)}</span>
						</a>
					</li>`,
			)}
		</ul>
		<ul class="bar-views bar-own">
			<li>
				<button type="button" class="bar-link" onClick=${() => openDialog('activity')}>
					<${Icon} name="activity" size=${22} /><span>${t('activity.title')}</span>
					${running.value ? html`<span class="bar-count">${running.value}</span>` : null}
				</button>
			</li>
			<li>
				<button type="button" class="bar-link" onClick=${() => openDialog('appearance')}>
					<${Icon} name="theme" size=${22} /><span>${t('appearance.title')}</span>
				</button>
			</li>
			${session.value?.user && session.value.by === 'session'
				? html`<li>
						<button type="button" class="bar-link" onClick=${logout}><${Icon} name="logout" size=${22} /><span>${t('frame.logout')}</span></button>
					</li>`
				: null}
		</ul>
	</nav>`;
}

/** Few printers get another name: what asks for it is loaded then. @param {{ serial: string }} props */
function Renaming({ serial }) {
	const module = useSignal(/** @type {any} */ (null));
	useEffect(() => {
		import('./rename.js').then((loaded) => (module.value = loaded), () => closeDialog());
	}, []);
	return module.value ? html`<${module.value.RenameDialog} key=${serial} serial=${serial} />` : null;
}

function Mark() {
	return html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
		<path d="M8 5v23" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
		<path d="M11.500 6h15l-4 5.500 4 5.500h-15z" fill="currentColor" />
	</svg>`;
}

/** Says that nothing is heard, and since when; the rest of the page is grey meanwhile. */
function Connection() {
	const silence = useComputed(() => (isLive.value ? 0 : Math.floor((now.value - Date.now() + performance.now() - heardAt.value) / 1000)));
	return html`<div role="status" class="connection-room">
		${isLive.value
			? null
			: html`<p class="connection"><${Icon} name="offline" size=${18} /><span>${t('connection.lost')}</span> <span aria-hidden="true">${t('connection.since', { age: formatDuration(silence.value) })}</span></p>`}
	</div>`;
}

/** What somebody set is here, and not with him elsewhere. */
function Unkept() {
	return html`<div role="status">
		${unkept.value
			? html`<p class="notice unkept"><span>${t('settings.unkept', { why: unkept.value })}</span> <button type="button" class="button" onClick=${sendSettings}>${t('settings.again')}</button></p>`
			: null}
	</div>`;
}

function KeysDialog() {
	return html`<${Dialog} title=${t('keys.title')}>
		<dl class="keys">
			${keys.value.map(
				(key) => html`<div>
					<dt>${key.key.split(' ').map((one) => html`<kbd>${hasText(`keys.name.${one}`) ? t(`keys.name.${one}`) : one}</kbd>`)}</dt>
					<dd>${t(key.label)}</dd>
				</div>`,
			)}
		</dl>
	<//>`;
}

/** @param {{ legend: string, name: string, value: import('@preact/signals').Signal<any>, options: [string, string][] }} props */
export function Choice({ legend, name, value, options }) {
	return html`<fieldset class="choice">
		<legend>${legend}</legend>
		<div class="choice-options">
			${options.map(
				([option, label]) => html`<label class="choice-option">
					<input type="radio" name=${name} value=${option} checked=${value.value === option} onChange=${() => (value.value = option)} />
					<span>${label}</span>
				</label>`,
			)}
		</div>
	</fieldset>`;
}

function AppearanceDialog() {
	return html`<${Dialog} title=${t('appearance.title')}>
		<${Choice} legend=${t('appearance.theme')} name="theme" value=${theme} options=${['auto', 'light', 'dark'].map((one) => [one, t(`appearance.theme_${one}`)])} />
		<${Choice} legend=${t('appearance.language')} name="language" value=${wantedLanguage} options=${[['auto', t('appearance.language_auto')], ...Object.entries(languages)]} />
	<//>`;
}
