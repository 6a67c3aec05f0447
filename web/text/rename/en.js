// SPDX-License-Identifier: MIT

/** @type {Record<string, string>} */
export const en = {
	'rename.of': 'Rename {name}',
	'rename.name': 'New name',
	'rename.help': 'The printer itself, the gateway and all who use it show it: 64 letters of the Latin alphabet at most, fewer of others.',
	'rename.long': 'The name is too long for the printer.',
};
