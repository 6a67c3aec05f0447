// SPDX-License-Identifier: MIT
// Of messages that are shown while the page is not open: push/worker.js.

/** @type {Record<string, string>} */
export const de = {
	'notice.finished': 'Druck fertig: {job}',
	'notice.finished_any': 'Druck fertig',
	'notice.stopped': 'Druck abgebrochen: {job}',
	'notice.stopped_any': 'Druck abgebrochen',
	'notice.error': 'Fehler: {reason}',
	'notice.error_any': 'Der Drucker meldet einen Fehler',
	'notice.paused': 'Druck angehalten: {job}',
	'notice.paused_any': 'Druck angehalten',
	'notice.filament': 'Filament zu Ende oder gerissen',
	'notice.plate': 'Druck fertig. Platte räumen: der nächste wartet',
	'notice.offline': 'Der Drucker ist nicht erreichbar',
	'notice.test': 'Dieses Gerät erfährt, was geschieht',
	'notice.several_one': '{count} Drucker',
	'notice.several_other': '{count} Drucker',
	'notice.count_finished_one': '{count} Druck fertig',
	'notice.count_finished_other': '{count} Drucke fertig',
	'notice.count_failed_one': '{count} fehlgeschlagen',
	'notice.count_failed_other': '{count} fehlgeschlagen',
	'notice.count_paused_one': '{count} angehalten',
	'notice.count_paused_other': '{count} angehalten',
	'notice.count_plate_one': '{count} Platte zu räumen',
	'notice.count_plate_other': '{count} Platten zu räumen',
	'notice.count_offline_one': '{count} nicht erreichbar',
	'notice.count_offline_other': '{count} nicht erreichbar',
};
