// SPDX-License-Identifier: MIT

/** @type {Record<string, string>} */
export const es = {
	'rename.of': 'Renombrar {name}',
	'rename.name': 'Nombre nuevo',
	'rename.help': 'Lo muestran la propia impresora, la pasarela y todos los que la usan: 64 letras latinas como máximo, menos de otras escrituras.',
	'rename.long': 'El nombre es demasiado largo para la impresora.',
};
