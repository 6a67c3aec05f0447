// SPDX-License-Identifier: MIT
// A text as a QR code: the drawing of its dark squares.

import { generate } from 'lean-qr';

/** @param {string} text */
export function drawCode(text) {
	const code = generate(text);
	let path = '';
	for (let y = 0; y < code.size; y++) {
		for (let x = 0; x < code.size; x++) {
			path += code.get(x, y) ? `M${x} ${y}h1v1h-1z` : '';
		}
	}
	return { size: code.size, path };
}
