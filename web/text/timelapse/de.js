// SPDX-License-Identifier: MIT
// Of films of jobs.

/** @type {Record<string, string>} */
export const de = {
	'timelapse.none': 'Noch gibt es keinen Film. Sobald dies eingeschaltet ist, wird aus jedem Druck einer.',
	'timelapse.printer': 'Drucker',
	'timelapse.all_printers': 'Alle Drucker',
	'timelapse.mode': 'Filme von Drucken',
	'timelapse.mode_off': 'Aus',
	'timelapse.mode_layer': 'Ein Bild je Schicht',
	'timelapse.mode_interval': 'Ein Bild alle {seconds} s',
	'timelapse.light': 'Mit Licht',
	'timelapse.full': 'Der Datenträger des Gateways ist voll: Es wird nichts aufgenommen.',
	'timelapse.no_file': '(ohne Namen)',
	'timelapse.frames_one': '{number} Bild',
	'timelapse.frames_other': '{number} Bilder',
	'timelapse.recording': 'Wird aufgenommen',
	'timelapse.later': 'Der Film ist da, sobald der Druck zu Ende ist. Dies ist sein letztes Bild.',
	'timelapse.of': 'Zeitraffer von {file}',
	'timelapse.save': 'Speichern',
	'timelapse.delete': 'Löschen',
	'timelapse.sure': 'Endgültig löschen',
};
