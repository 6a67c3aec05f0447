// SPDX-License-Identifier: MIT
// By its code, for the page and for its service worker.

/** @type {Record<string, string>} */
export const fr = {
	'trouble.error_0xFF01030001': 'Le filament a cassé ou est épuisé.',
	'trouble.error_0xFF01030005': 'Le fichier n\'est pas arrivé entier.',
	'trouble.printer_1': 'La carte de mouvement s\'est arrêtée.',
	'trouble.printer_2': 'La carte de mouvement est hors ligne.',
	'trouble.printer_3': 'La buse ne chauffe pas comme il faut.',
	'trouble.printer_4': 'Le plateau ne chauffe pas comme il faut.',
	'trouble.printer_5': 'L\'impression a échoué.',
	'trouble.printer_6': 'Le filament est épuisé ou a cassé.',
	'trouble.printer_7': 'La buse est bouchée.',
	'trouble.printer_8': 'Le nivellement s\'est mal passé.',
	'trouble.printer_9': 'La carte de mouvement ne répond pas.',
	'trouble.printer_10': 'La carte de nivellement est en panne.',
	'trouble.printer_11': 'La buse est trop chaude.',
	'trouble.printer_12': 'Le plateau est trop chaud.',
	'trouble.printer_13': 'Un commutateur de chauffe est endommagé.',
	'trouble.printer_14': 'Le nivellement a échoué.',
	'trouble.printer_15': 'Deux commutateurs de chauffe sont endommagés.',
	'trouble.printer_16': 'La buse est trop froide.',
	'trouble.printer_17': 'Le fichier a demandé cette pause.',
	'trouble.printer_18': 'Le téléchargement a échoué.',
	'trouble.printer_19': 'Le fichier est endommagé.',
};
