// SPDX-License-Identifier: MIT
// Gives the reader a file, or puts a text where he can paste it.

const KEPT_MS = 60000;

/** @param {string} name @param {string} type @param {string} text */
export function saveFile(name, type, text) {
	const address = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

/** Whether it is there now: only pages of this machine, or by TLS, may. @param {string} text */
export async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
