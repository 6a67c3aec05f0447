// SPDX-License-Identifier: MIT

/** @type {Record<string, string>} */
export const de = {
	'rename.of': '{name} umbenennen',
	'rename.name': 'Neuer Name',
	'rename.help': 'Der Drucker selbst, das Gateway und alle, die es benutzen, zeigen ihn: höchstens 64 lateinische Buchstaben, von anderen weniger.',
	'rename.long': 'Der Name ist zu lang für den Drucker.',
};
