// SPDX-License-Identifier: MIT
// What the gateway wrote into the document: who asks, and the printers as they were when it answered.

/** @returns {import('./types').Start} */
function read() {
	const element = document.getElementById('start');
	try {
		return JSON.parse(element?.textContent || '{}');
	} catch {
		return {};
	}
}

export const start = read();
