// SPDX-License-Identifier: MIT
// Which view an address shows. Each view, printer and dialog has one, so that "back" works.

import { computed, signal } from './html.js';

const place = signal(new URL(location.href));

addEventListener('popstate', () => {
	place.value = new URL(location.href);
});

/**
 * The values of a pattern's parts; null where the path is not of it.
 * @param {string} pattern @param {string} path
 * @returns {Record<string, string> | null}
 */
export function match(pattern, path) {
	const wanted = pattern.split('/');
	const given = path.split('/');
	/** @type {Record<string, string>} */
	const values = {};
	for (const [at, word] of wanted.entries()) {
		if (word.endsWith('*')) {
			values[word.slice(1, -1)] = given.slice(at).map(decode).join('/');
			return values;
		}
		if (word.startsWith(':') && given[at]) {
			values[word.slice(1)] = decode(given[at]);
		} else if (word !== given[at]) {
			return null;
		}
	}
	return wanted.length === given.length ? values : null;
}

/** @param {string} text */
function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/**
 * The first line of a table that the address is of.
 * @param {import('./types').Route[]} routes
 */
export function find(routes) {
	for (const route of routes) {
		const values = match(route.path, place.value.pathname);
		if (values) {
			return { route, values };
		}
	}
	return { route: null, values: /** @type {Record<string, string>} */ ({}) };
}

export const path = computed(() => place.value.pathname);
export const query = computed(() => place.value.searchParams);
/** What follows the # of the address. */
export const fragment = computed(() => place.value.hash.slice(1));
/** The dialog that is open, as "name" or "name:argument"; "" for none. */
export const dialog = computed(() => place.value.searchParams.get('dialog') ?? '');

/** @param {string} address @param {{ replace?: boolean }} [how] */
export function navigate(address, { replace = false } = {}) {
	const url = new URL(address, location.href);
	const isElsewhere = url.pathname !== place.peek().pathname;
	history[replace ? 'replaceState' : 'pushState']({}, '', url);
	place.value = url;
	if (isElsewhere) {
		scrollTo(0, 0);
	}
}

/** Another query, the same view. @param {Record<string, string | null>} changes @param {{ replace?: boolean }} [how] */
export function navigateQuery(changes, how) {
	const url = new URL(place.peek());
	for (const [name, value] of Object.entries(changes)) {
		if (value) {
			url.searchParams.set(name, value);
		} else {
			url.searchParams.delete(name);
		}
	}
	navigate(url.pathname + url.search + url.hash, how);
}

/** @param {string} name */
export const openDialog = (name) => navigateQuery({ dialog: name });

export function closeDialog() {
	if (dialog.peek()) {
		navigateQuery({ dialog: null }, { replace: true });
	}
}

/** Links of ours change the view without a load. */
addEventListener('click', (event) => {
	const link = event.target instanceof Element ? event.target.closest('a[href^="/"]') : null;
	if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey ||
		event.shiftKey || event.altKey || link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) {
		return;
	}
	event.preventDefault();
	navigate(link.href);
});
