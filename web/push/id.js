// SPDX-License-Identifier: MIT
// What the gateway calls a subscription.

const ID_DIGITS = 16;

/** @param {string} endpoint */
export async function idOf(endpoint) {
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint)));
	return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, ID_DIGITS);
}
