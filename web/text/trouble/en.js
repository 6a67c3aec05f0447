// SPDX-License-Identifier: MIT
// By its code, for the page and for its service worker.

/** @type {Record<string, string>} */
export const en = {
	'trouble.error_0xFF01030001': 'The filament broke or ran out.',
	'trouble.error_0xFF01030005': 'The file did not arrive whole.',
	'trouble.printer_1': 'The motion board halted.',
	'trouble.printer_2': 'The motion board is offline.',
	'trouble.printer_3': 'The nozzle does not heat as it should.',
	'trouble.printer_4': 'The bed does not heat as it should.',
	'trouble.printer_5': 'The print failed.',
	'trouble.printer_6': 'The filament ran out or broke.',
	'trouble.printer_7': 'The nozzle is blocked.',
	'trouble.printer_8': 'The levelling went wrong.',
	'trouble.printer_9': 'The motion board does not answer.',
	'trouble.printer_10': 'The levelling board failed.',
	'trouble.printer_11': 'The nozzle is too hot.',
	'trouble.printer_12': 'The bed is too hot.',
	'trouble.printer_13': 'A switch of a heater is damaged.',
	'trouble.printer_14': 'The levelling failed.',
	'trouble.printer_15': 'Two switches of a heater are damaged.',
	'trouble.printer_16': 'The nozzle is too cold.',
	'trouble.printer_17': 'The file asked for this pause.',
	'trouble.printer_18': 'The download failed.',
	'trouble.printer_19': 'The file is damaged.',
};
