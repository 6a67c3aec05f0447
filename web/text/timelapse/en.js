// SPDX-License-Identifier: MIT
// Of films of jobs.

/** @type {Record<string, string>} */
export const en = {
	'timelapse.none': 'There is no film yet. Once this is switched on, each job becomes one.',
	'timelapse.printer': 'Printer',
	'timelapse.all_printers': 'All printers',
	'timelapse.mode': 'Films of jobs',
	'timelapse.mode_off': 'Off',
	'timelapse.mode_layer': 'A picture a layer',
	'timelapse.mode_interval': 'A picture each {seconds} s',
	'timelapse.light': 'With light',
	'timelapse.full': 'The disk of the gateway is full: nothing is recorded.',
	'timelapse.no_file': '(no name)',
	'timelapse.frames_one': '{number} picture',
	'timelapse.frames_other': '{number} pictures',
	'timelapse.recording': 'Is being recorded',
	'timelapse.later': 'The film is there once the job has ended. This is its last picture.',
	'timelapse.of': 'Time-lapse of {file}',
	'timelapse.save': 'Save',
	'timelapse.delete': 'Delete',
	'timelapse.sure': 'Delete for good',
};
