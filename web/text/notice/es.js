// SPDX-License-Identifier: MIT
// Of messages that are shown while the page is not open: push/worker.js.

/** @type {Record<string, string>} */
export const es = {
	'notice.finished': 'Impresión terminada: {job}',
	'notice.finished_any': 'Impresión terminada',
	'notice.stopped': 'Impresión detenida: {job}',
	'notice.stopped_any': 'Impresión detenida',
	'notice.error': 'Error: {reason}',
	'notice.error_any': 'La impresora avisa de un error',
	'notice.paused': 'Impresión en pausa: {job}',
	'notice.paused_any': 'Impresión en pausa',
	'notice.filament': 'Filamento agotado o roto',
	'notice.plate': 'Impresión terminada. Despeje la placa: la siguiente espera',
	'notice.offline': 'La impresora no está en línea',
	'notice.test': 'Este dispositivo recibe avisos',
	'notice.several_one': '{count} impresora',
	'notice.several_other': '{count} impresoras',
	'notice.count_finished_one': '{count} impresión terminada',
	'notice.count_finished_other': '{count} impresiones terminadas',
	'notice.count_failed_one': '{count} fallida',
	'notice.count_failed_other': '{count} fallidas',
	'notice.count_paused_one': '{count} en pausa',
	'notice.count_paused_other': '{count} en pausa',
	'notice.count_plate_one': '{count} placa por despejar',
	'notice.count_plate_other': '{count} placas por despejar',
	'notice.count_offline_one': '{count} sin conexión',
	'notice.count_offline_other': '{count} sin conexión',
};
