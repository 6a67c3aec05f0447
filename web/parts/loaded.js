// SPDX-License-Identifier: MIT
// Parts of the page that are loaded when they are wanted, and once more when the gateway is back that was not there.

import { useEffect, useSignal } from '../html.js';
import { returns } from '../live.js';

/**
 * Null until it is there.
 * @param {() => Promise<any>} load @param {boolean} [isWanted]
 * @returns {{ module: any, failed: boolean }}
 */
export function useLoaded(load, isWanted = true) {
	const module = useSignal(/** @type {any} */ (null));
	const failed = useSignal(false);
	useEffect(() => {
		if (isWanted && !module.peek()) {
			load().then((loaded) => (module.value = loaded), () => (failed.value = true));
		}
	}, [isWanted, returns.value]);
	return { module: module.value, failed: failed.value && !module.value };
}
