// SPDX-License-Identifier: MIT
// How much filament: lengths in metres, whatever the printer counts in.

import { formatNumber, NOTHING } from '../../format.js';

const MM_PER_M = 1000;
const FINE_MAX = 100; // from here on a decimal says nothing

/** @param {number} value */
const amount = (value) => formatNumber(value, value < FINE_MAX ? 1 : 0);

/** @param {number | null | undefined} used @param {string | null | undefined} unit @param {number | null} [estimated] of all of it */
export function filamentText(used, unit, estimated) {
	if (used === null || used === undefined) {
		return NOTHING;
	}
	const share = unit === 'mm' ? MM_PER_M : 1;
	const whole = estimated ? ` / ${amount(estimated / share)}` : '';
	return `${amount(used / share)}${whole} ${unit === 'mm' ? 'm' : (unit ?? '')}`.trim();
}
