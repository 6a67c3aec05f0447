// SPDX-License-Identifier: MIT
// Drawings that only the views of a printer need.

/** @type {Record<string, string>} */
export const printerDrawings = {
	plus: 'M12 5v14M5 12h14',
	minus: 'M5 12h14',
	right: 'M9 6l6 6-6 6',
	home: 'M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6',
	send: 'M4 12h15M13 6l6 6-6 6',
	level: 'M3 17l9 4 9-4-9-4zM3 12l3-1.300M21 12l-3-1.300M12 3v9M9 6l3-3 3 3',
	chart: 'M4 4v16h16M7 15l4-5 3 3 5-7',
	console: 'M4 5h16v14H4zM7 9l3 3-3 3M12 15h5',
	messages: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
	refresh: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
	trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
	load: 'M12 3v12M7 10l5 5 5-5M5 20h14',
	unload: 'M12 15V3M7 8l5-5 5 5M5 20h14',
	table: 'M4 5h16v14H4zM4 10h16M4 15h16M10 5v14',
	lock: 'M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3',
	usb: 'M12 3v15M12 21a2 2 0 1 0 0-4 2 2 0 1 0 0 4M8 9v3l4 3M16 8v3l-4 3M9 5l3-3 3 3',
	drop: 'M12 4c4 5 6 7 6 10a6 6 0 0 1-12 0c0-3 2-5 6-10',
};
