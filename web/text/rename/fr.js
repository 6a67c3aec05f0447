// SPDX-License-Identifier: MIT

/** @type {Record<string, string>} */
export const fr = {
	'rename.of': 'Renommer {name}',
	'rename.name': 'Nouveau nom',
	'rename.help': 'L’imprimante elle-même, la passerelle et tous ceux qui s’en servent l’affichent : 64 lettres latines au plus, moins d’autres écritures.',
	'rename.long': 'Le nom est trop long pour l’imprimante.',
};
