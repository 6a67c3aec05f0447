// SPDX-License-Identifier: MIT
// What the gateway says, in the language of the reader: beside a sentence NAME of it stand NAME_code and NAME_arguments, and
// sentences/ has a text for each code. English is the gateway's own, and is shown as it is where there is no text.

import { html, signal, useEffect } from './html.js';
import { followDetail } from './api.js';
import { formatBare, formatDate } from './format.js';
import { language } from './text.js';

/** @typedef {{ text: string, code?: string, arguments?: Record<string, any> }} Sentence */

/** What a sentence begins with, where it is a word and no name of a program, a file or an address. */
const FIRST_WORD = /^(?!flagship\b)\p{Ll}+(?=[\s,:;’]|$)/u;
/** As the gateway writes a moment into a sentence. */
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/;

/** Texts come when a language wants them: none of the first view does. @type {Record<string, () => Promise<Record<string, string>>>} */
const loaders = {
	de: () => import('./sentences/de.js').then((module) => module.de),
	es: () => import('./sentences/es.js').then((module) => module.es),
	fr: () => import('./sentences/fr.js').then((module) => module.fr),
	zh: () => import('./sentences/zh.js').then((module) => module.zh),
};

/** Of those languages that came yet. @type {import('@preact/signals').Signal<Record<string, Record<string, string>>>} */
const tables = signal({});
/** @type {Record<string, Promise<void>>} */
const coming = {};

/** Once the texts of this language are there, or do not come. @returns {Promise<void>} */
function loadSentences() {
	const name = language.peek();
	return loaders[name] ? (coming[name] ??= loaders[name]().then(
		(table) => {
			tables.value = { ...tables.peek(), [name]: table };
		},
		() => {
			tables.value = { ...tables.peek(), [name]: {} };
			delete coming[name]; // it is tried again with the next sentence
		},
	)) : Promise.resolve();
}

/** Whether its texts are there, or will not come: till then nothing is shown. */
const isThere = () => !loaders[language.value] || language.value in tables.value;

/** @param {any} value of an argument */
function wordOf(value) {
	return typeof value === 'number' ? formatBare(value) : typeof value === 'string' ? momentOf(value) : textOf(value);
}

/** @param {string} text */
const momentOf = (text) => (MOMENT.test(text) ? formatDate(text.replace(' ', 'T').replace(' UTC', 'Z')) : text);

/** @param {Sentence} sentence @returns {string | null} null: it is not known */
function translated({ code, arguments: values = {} }) {
	const text = code && tables.value[language.value]?.[code];
	return text ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? wordOf(values[name]) : whole)) : null;
}

/** @param {Sentence} sentence @returns {string} */
const textOf = (sentence) => translated(sentence) ?? momentOf(sentence.text);

/** One that stands alone begins with a capital letter; the gateway's are parts of others, too. @param {string} text */
const begun = (text) => text.replace(FIRST_WORD, (word) => word[0].toLocaleUpperCase(language.value) + word.slice(1));

/** @param {any} data of an answer @param {string} name of its member @returns {Sentence | null} */
const sentenceOf = (data, name) => (data?.[name] ? { text: String(data[name]), code: data[`${name}_code`], arguments: data[`${name}_arguments`] } : null);

/** As a text; "" where there is none. @param {any} data @param {string} name of the member */
export function said(data, name) {
	const sentence = sentenceOf(data, name);
	return sentence && isThere() ? begun(textOf(sentence)) : '';
}

/** The same, marked as English where it is. @param {{ of: any, name: string, isWithin?: boolean }} props isWithin: it goes on from what stands before it */
export function Said({ of: data, name, isWithin = false }) {
	const sentence = sentenceOf(data, name);
	const text = sentence && translated(sentence);
	useEffect(() => {
		loadSentences();
	}, [language.value]);
	const shown = isWithin ? String : begun;
	return text ? shown(text) : sentence && isThere() ? html`<span lang="en">${shown(momentOf(sentence.text))}</span>` : null;
}

followDetail(async (data) => {
	await loadSentences();
	return said(data, 'detail');
});
