// SPDX-License-Identifier: MIT
// By its code, for the page and for its service worker.

/** @type {Record<string, string>} */
export const de = {
	'trouble.error_0xFF01030001': 'Das Filament ist gerissen oder zu Ende.',
	'trouble.error_0xFF01030005': 'Die Datei kam nicht ganz an.',
	'trouble.printer_1': 'Die Bewegungsplatine hat angehalten.',
	'trouble.printer_2': 'Die Bewegungsplatine ist nicht erreichbar.',
	'trouble.printer_3': 'Die Düse heizt nicht, wie sie soll.',
	'trouble.printer_4': 'Das Bett heizt nicht, wie es soll.',
	'trouble.printer_5': 'Der Druck ist misslungen.',
	'trouble.printer_6': 'Das Filament ist zu Ende oder gerissen.',
	'trouble.printer_7': 'Die Düse ist verstopft.',
	'trouble.printer_8': 'Das Nivellieren lief falsch.',
	'trouble.printer_9': 'Die Bewegungsplatine antwortet nicht.',
	'trouble.printer_10': 'Die Nivellierplatine ist ausgefallen.',
	'trouble.printer_11': 'Die Düse ist zu heiß.',
	'trouble.printer_12': 'Das Bett ist zu heiß.',
	'trouble.printer_13': 'Ein Schalter einer Heizung ist beschädigt.',
	'trouble.printer_14': 'Das Nivellieren ist misslungen.',
	'trouble.printer_15': 'Zwei Schalter einer Heizung sind beschädigt.',
	'trouble.printer_16': 'Die Düse ist zu kalt.',
	'trouble.printer_17': 'Die Datei wollte diese Pause.',
	'trouble.printer_18': 'Das Herunterladen ist misslungen.',
	'trouble.printer_19': 'Die Datei ist beschädigt.',
};
