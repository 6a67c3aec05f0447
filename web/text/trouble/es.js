// SPDX-License-Identifier: MIT
// By its code, for the page and for its service worker.

/** @type {Record<string, string>} */
export const es = {
	'trouble.error_0xFF01030001': 'El filamento se rompió o se acabó.',
	'trouble.error_0xFF01030005': 'El archivo no llegó entero.',
	'trouble.printer_1': 'La placa de movimiento se detuvo.',
	'trouble.printer_2': 'La placa de movimiento está desconectada.',
	'trouble.printer_3': 'La boquilla no calienta como debe.',
	'trouble.printer_4': 'La cama no calienta como debe.',
	'trouble.printer_5': 'La impresión falló.',
	'trouble.printer_6': 'El filamento se acabó o se rompió.',
	'trouble.printer_7': 'La boquilla está atascada.',
	'trouble.printer_8': 'La nivelación salió mal.',
	'trouble.printer_9': 'La placa de movimiento no responde.',
	'trouble.printer_10': 'La placa de nivelación falló.',
	'trouble.printer_11': 'La boquilla está demasiado caliente.',
	'trouble.printer_12': 'La cama está demasiado caliente.',
	'trouble.printer_13': 'Un interruptor de un calentador está dañado.',
	'trouble.printer_14': 'La nivelación falló.',
	'trouble.printer_15': 'Dos interruptores de un calentador están dañados.',
	'trouble.printer_16': 'La boquilla está demasiado fría.',
	'trouble.printer_17': 'El archivo pidió esta pausa.',
	'trouble.printer_18': 'La descarga falló.',
	'trouble.printer_19': 'El archivo está dañado.',
};
