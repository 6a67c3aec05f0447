// SPDX-License-Identifier: MIT
// Settings of who may come, and what this is.

import { html, useEffect, useSignal } from '../html.js';
import { ask, mayManage, version } from '../api.js';
import { formatWhole, NOTHING } from '../format.js';
import { Choice } from '../parts/frame.js';
import { Field } from '../parts/field.js';
import { theme } from '../shared.js';
import { languages, wantedLanguage } from '../text.js';
import { t } from '../text/manage/texts.js';
import { Came, Section, useAsked, useDoing } from './asked.js';

const LISTS = ['names', 'trusted_networks', 'cors_origins'];
const TIMES = ['session_idle_s', 'session_max_s'];
const HOUR_S = 3600;
/** As vendor/vendor.json has them. */
const LIBRARIES = ['preact 11.2.0', '@preact/signals 2.11.4', 'htm 3.1.1', 'uPlot 1.6.32', 'lean-qr 2.7.4'];

export function GatewaySettings() {
	const asked = useAsked('/settings');
	return html`<${Section} title=${t('manage.gateway')} help=${t('manage.gateway_help')}>
		<${Came} doing=${{ fault: asked.fault, done: { value: '' } }} />
		${asked.data.value ? html`<${SettingsForm} settings=${asked.data.value} />` : null}
	<//>`;
}

/** @param {{ settings: Record<string, any> }} props */
function SettingsForm({ settings }) {
	const values = useSignal(/** @type {Record<string, string>} */ ({}));
	const doing = useDoing();
	const shown = (/** @type {string} */ name) => values.value[name] ?? (TIMES.includes(name) ? String(settings[name] / HOUR_S) : settings[name]);
	/** @param {string} name */
	const bound = (name) => ({
		get value() {
			return shown(name);
		},
		set value(text) {
			values.value = { ...values.peek(), [name]: text };
		},
	});
	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const body = Object.fromEntries(Object.entries(values.peek()).map(([name, text]) => [name, TIMES.includes(name) ? Math.round(Number(text) * HOUR_S) : text]));
		await doing.run(() => ask('PATCH', '/settings', body), t('manage.saved'));
	}
	return html`<form class="form sheet way narrow-form" onSubmit=${submit}>
		${LISTS.map((name) => html`<${Plain} key=${name} label=${t(`manage.${name}`)} help=${t(`manage.${name}_help`)} bound=${bound(name)} />`)}
		${TIMES.map((name) => html`<${Plain} key=${name} label=${t(`manage.${name}`)} type="number" bound=${bound(name)} />`)}
		<${Came} doing=${doing} />
		<button class="button button-main" disabled=${doing.busy}>${t('dialog.save')}</button>
	</form>`;
}

/** @param {{ label: string, help?: string, type?: string, bound: { value: string } }} props */
function Plain({ label, help = '', type = 'text', bound }) {
	const value = useSignal(bound.value);
	useEffect(() => {
		if (value.value !== bound.value) {
			bound.value = value.value;
		}
	}, [value.value]);
	return html`<${Field} label=${label} help=${help} type=${type} value=${value} autocomplete="off" />`;
}

export function Appearance() {
	return html`<${Section} title=${t('appearance.title')} help=${t('manage.appearance_help')}>
		<${Choice} legend=${t('appearance.theme')} name="theme-here" value=${theme} options=${['auto', 'light', 'dark'].map((one) => [one, t(`appearance.theme_${one}`)])} />
		<${Choice} legend=${t('appearance.language')} name="language-here" value=${wantedLanguage} options=${[['auto', t('appearance.language_auto')], ...Object.entries(languages)]} />
	<//>`;
}

export function About() {
	const told = useAsked('/version');
	const health = useAsked('/health');
	/** Each has its line from the beginning. @type {[string, string][]} */
	const facts = [
		['manage.version', version],
		['manage.api_version', told.data.value?.api ?? NOTHING],
		['manage.about_printers', !health.data.value ? NOTHING : `${formatWhole(health.data.value.online)} / ${formatWhole(health.data.value.printers)}`],
		['manage.about_accounts', health.data.value ? formatWhole(health.data.value.accounts) : NOTHING],
		['manage.licence', 'MIT'],
		['manage.libraries', LIBRARIES.join(', ')],
	];
	return html`<${Section} title=${t('manage.about')} help=${t('manage.about_help')}>
		<dl class="details sheet way">${facts.map(([label, value]) => html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>`)}</dl>
		<p class="buttons"><a class="button" href="/api/v1/openapi.json" target="_blank" rel="noopener">OpenAPI</a>${mayManage.value ? html`<a class="button" href="/settings/backup">${t('manage.backup')}</a>` : null}</p>
	<//>`;
}
