// SPDX-License-Identifier: MIT
// Of messages that are shown while the page is not open: push/worker.js.

/** @type {Record<string, string>} */
export const en = {
	'notice.finished': 'Print finished: {job}',
	'notice.finished_any': 'Print finished',
	'notice.stopped': 'Print stopped: {job}',
	'notice.stopped_any': 'Print stopped',
	'notice.error': 'Error: {reason}',
	'notice.error_any': 'The printer reports an error',
	'notice.paused': 'Print paused: {job}',
	'notice.paused_any': 'Print paused',
	'notice.filament': 'Filament ran out or broke',
	'notice.plate': 'Print finished. Clear the plate: the next one waits',
	'notice.offline': 'The printer is offline',
	'notice.test': 'This device is told what happens',
	'notice.several_one': '{count} printer',
	'notice.several_other': '{count} printers',
	'notice.count_finished_one': '{count} print finished',
	'notice.count_finished_other': '{count} prints finished',
	'notice.count_failed_one': '{count} failed',
	'notice.count_failed_other': '{count} failed',
	'notice.count_paused_one': '{count} paused',
	'notice.count_paused_other': '{count} paused',
	'notice.count_plate_one': '{count} plate to clear',
	'notice.count_plate_other': '{count} plates to clear',
	'notice.count_offline_one': '{count} offline',
	'notice.count_offline_other': '{count} offline',
};
