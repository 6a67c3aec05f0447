// SPDX-License-Identifier: MIT
// Texts for people, in the language that they read. A key is in all of text/ or in none: tests/page holds that.

import { computed, effect } from './html.js';
import { shared } from './shared.js';
import { de } from './text/de.js';
import { en } from './text/en.js';
import { es } from './text/es.js';
import { fr } from './text/fr.js';
import { zh } from './text/zh.js';

/** @type {Record<string, () => Record<string, string>>} */
const makers = { en, de, fr, es, zh };
/** Of the languages that were wanted yet: most never are. @type {Record<string, Record<string, string>>} */
const texts = {};

/** @param {string} name of a language */
const tableOf = (name) => (texts[name] ??= makers[name]());

/** As their readers call them. @type {Record<string, string>} */
export const languages = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', zh: '中文' };

/** "auto": the first that the browser asks for. */
export const wantedLanguage = shared('language', 'auto');

export const language = computed(() => {
	const wanted = wantedLanguage.value === 'auto' ? navigator.languages : [wantedLanguage.value];
	return wanted.map((name) => name.toLowerCase().split('-')[0]).find((name) => makers[name]) ?? 'en';
});

/** With the region that the browser names, for numbers and times; the language decides. */
export const locale = computed(() => navigator.languages.find((name) => name.toLowerCase().split('-')[0] === language.value) ?? language.value);

const plural = computed(() => new Intl.PluralRules(language.value));

/**
 * A text. "{name}" in it becomes a value; where there is a `count`, the keys end in _one and _other.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values) {
	const table = tableOf(language.value);
	const form = values && 'count' in values ? `${key}_${plural.value.select(Number(values.count))}` : key;
	const text = table[form] ?? table[`${key}_other`] ?? tableOf('en')[form] ?? tableOf('en')[`${key}_other`] ?? key;
	return values ? text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)) : text;
}

/**
 * What a part of the page brings along that is loaded only when it is wanted: text/AREA/texts.js.
 * @param {Record<string, Record<string, string>>} added by language
 */
export function addTexts(added) {
	for (const [name, table] of Object.entries(added)) {
		Object.assign(tableOf(name), table);
	}
}

/** Whether there is a text of this name. @param {string} key */
export const hasText = (key) => key in tableOf('en');

/** What a printer calls something, as it stands in a key. @param {string} name */
export const keyOf = (name) => name.replace(/\W/g, '_');

/** @template {string | null} T @param {string} key @param {T} otherwise what is said where there is no text */
export const textOr = (key, otherwise) => (hasText(key) ? t(key) : otherwise);

effect(() => {
	document.documentElement.lang = language.value;
});
