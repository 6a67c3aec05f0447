// SPDX-License-Identifier: MIT
// Drawings of one line width, in the colour of the text beside them.

import { html } from '../html.js';

/** @type {Record<string, string>} */
const drawings = {
	fleet: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
	printer: 'M4 20h16M5 20V4h14v16M9 4v5h6V4M12 9v2M8 16h8',
	files: 'M6 3h8l4 4v14H6zM14 3v4h4',
	queue: 'M4 6h16M4 12h10M4 18h10M17 13l4 3.5-4 3.5z',
	history: 'M12 7v5l3 2M4 12a8 8 0 1 0 2.5-5.8L4 8M4 4v4h4',
	settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
	doctor: 'M3 12h4l2-6 4 12 2-6h6',
	activity: 'M5 6h14M5 12h14M5 18h9',
	search: 'M11 4a7 7 0 1 0 0 14 7 7 0 1 0 0-14M16 16l4 4',
	sort: 'M7 5v14M7 19l-3-3M7 19l3-3M14 6h6M14 12h5M14 18h3',
	more: 'M12 6h.01M12 12h.01M12 18h.01',
	pause: 'M9 6v12M15 6v12',
	resume: 'M8 5l11 7-11 7z',
	stop: 'M7 7h10v10H7z',
	cool: 'M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M12 6l-2-2M12 6l2-2M12 18l-2 2M12 18l2 2',
	nozzle: 'M8 4h8v6l-3 4h-2l-3-4zM12 14v5M10 20h4',
	bed: 'M4 16h16M7 16v3M17 16v3M8 11c0-2 2-2 2-4M13 11c0-2 2-2 2-4',
	layers: 'M12 4l9 5-9 5-9-5zM4 14l8 5 8-5',
	clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 1 0 0-16M12 8v4l3 2',
	warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
	error: 'M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM12 8v5M12 16h.01',
	offline: 'M4 4l16 16M9 16.5a4.5 4.5 0 0 1 5.5-.6M6 13a9 9 0 0 1 4-2.3M3 9.500a14 14 0 0 1 5-3.100M13 6a14 14 0 0 1 8 3.500M15.500 11.500a9 9 0 0 1 2.500 1.500M12 20h.01',
	check: 'M5 13l4 4L19 7',
	close: 'M6 6l12 12M18 6L6 18',
	chevron: 'M9 6l6 6-6 6',
	left: 'M15 6l-6 6 6 6',
	up: 'M6 15l6-6 6 6',
	down: 'M6 9l6 6 6-6',
	keyboard: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
	user: 'M12 4a4 4 0 1 0 0 8 4 4 0 1 0 0-8M5 20c1-4 4-5 7-5s6 1 7 5',
	theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
	language: 'M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18M3 12h18M12 3c-5 6-5 12 0 18M12 3c5 6 5 12 0 18',
	hide: 'M4 4l16 16M9.900 6a9 9 0 0 1 11 6 10 10 0 0 1-2.300 3.600M6.500 7.500A10 10 0 0 0 3 12a9 9 0 0 0 12 5.500',
	select: 'M4 4h16v16H4zM8 12l3 3 5-6',
	wall: 'M3 5h18v11H3zM9 20h6M12 16v4',
	camera: 'M3 7h4l2-3h6l2 3h4v12H3zM12 9a4 4 0 1 0 0 8 4 4 0 1 0 0-8',
	logout: 'M14 4h5v16h-5M4 12h10M11 8l4 4-4 4',
	download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
	upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
	folder: 'M3 6h6l2 3h10v10H3z',
	add: 'M12 5v14M5 12h14',
	minus: 'M5 12h14',
	remove: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13',
	edit: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
	key: 'M15 4a5 5 0 1 0 0 10 5 5 0 1 0 0-10M11.5 12.5L4 20M6 18l2 2M9 15l2 2',
	copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
	account: 'M4 7h16v11H4zM4 8l8 6 8-6',
	again: 'M20 12a8 8 0 1 1-2.5-5.8L20 8M20 4v4h-4',
	bell: 'M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20h4',
	info: 'M12 4a8 8 0 1 0 0 16 8 8 0 1 0 0-16M12 11v5M12 8h.01',
	drag: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
};

/** Drawings of a view that is loaded when it is wanted. @param {Record<string, string>} more */
export const addDrawings = (more) => Object.assign(drawings, more);

/** A new drawing is a line of `drawings`. @param {{ name: string, size?: number }} props */
export function Icon({ name, size = 20 }) {
	return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true">
		<path d=${drawings[name] ?? ''} />
	</svg>`;
}
