// SPDX-License-Identifier: MIT
// Of messages that are shown while the page is not open: push/worker.js.

/** @type {Record<string, string>} */
export const fr = {
	'notice.finished': 'Impression terminée : {job}',
	'notice.finished_any': 'Impression terminée',
	'notice.stopped': 'Impression arrêtée : {job}',
	'notice.stopped_any': 'Impression arrêtée',
	'notice.error': 'Erreur : {reason}',
	'notice.error_any': 'L’imprimante signale une erreur',
	'notice.paused': 'Impression en pause : {job}',
	'notice.paused_any': 'Impression en pause',
	'notice.filament': 'Filament épuisé ou cassé',
	'notice.plate': 'Impression terminée. Libérez le plateau : la suivante attend',
	'notice.offline': 'L’imprimante est hors ligne',
	'notice.test': 'Cet appareil est averti de ce qui se passe',
	'notice.several_one': '{count} imprimante',
	'notice.several_other': '{count} imprimantes',
	'notice.count_finished_one': '{count} impression terminée',
	'notice.count_finished_other': '{count} impressions terminées',
	'notice.count_failed_one': '{count} échec',
	'notice.count_failed_other': '{count} échecs',
	'notice.count_paused_one': '{count} en pause',
	'notice.count_paused_other': '{count} en pause',
	'notice.count_plate_one': '{count} plateau à libérer',
	'notice.count_plate_other': '{count} plateaux à libérer',
	'notice.count_offline_one': '{count} hors ligne',
	'notice.count_offline_other': '{count} hors ligne',
};
