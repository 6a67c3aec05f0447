// SPDX-License-Identifier: MIT
// Names in the order in which people look for them: numbers by their value, letters big or small.

const PLAIN = /^[a-z\d ]*$/i;
const RUNS = /\d+|\D/g;

/** As a collator has them, of names that need none: it takes a browser longer to load than all else here. @param {string} a @param {string} b */
function comparePlain(a, b) {
	const [ours, theirs] = [a, b].map((name) => name.toLowerCase().match(RUNS) ?? []);
	const at = ours.findIndex((run, index) => run !== theirs[index]);
	if (at < 0 || theirs[at] === undefined) {
		return ours.length - theirs.length;
	}
	return Number(ours[at]) - Number(theirs[at]) || (ours[at] < theirs[at] ? -1 : 1);
}

/**
 * What compares two of these names: one way for all of them, or they would have no order.
 * @param {string[]} names @param {() => Intl.Collator} collator
 * @returns {(a: string, b: string) => number}
 */
export const orderOf = (names, collator) => (names.every((name) => PLAIN.test(name)) ? comparePlain : collator().compare);
