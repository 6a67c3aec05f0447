// SPDX-License-Identifier: MIT
// The page: whoever asks is known, or logs in; then the view of the address, in the frame that all of them share.

import { html, render, useComputed } from './html.js';
import { session, setupIsOpen } from './api.js';
import { isSettled } from './format.js';
import { begin, follow } from './live.js';
import { find } from './router.js';
import { routes } from './routes.js';
import { followSettings } from './shared.js';
import { t } from './text.js';
import { Frame } from './parts/frame.js';
import { useLoaded } from './parts/loaded.js';
import { followTitle } from './title.js';
import { Login } from './views/login.js';
import { Missing } from './views/missing.js';

/** A view that is loaded when it is wanted. @param {{ route: import('./types').Route, values: Record<string, string> }} props */
function Loaded({ route, values }) {
	const { module, failed } = useLoaded(/** @type {() => Promise<any>} */ (route.load));
	if (failed) {
		return html`<p class="notice notice-bad" role="alert">${t('page.not_loaded')}</p>`;
	}
	return module ? html`<${module.view} ...${values} />` : html`<div class="loading" aria-busy="true"></div>`;
}

function App() {
	const found = useComputed(() => find(routes));
	const { route, values } = found.value;
	if (!session.value && !(route?.open && (route.path !== '/setup' || setupIsOpen.value))) {
		return html`<${Login} />`;
	}
	const view = !route ? html`<${Missing} />` : route.load ? html`<${Loaded} key=${route.path} route=${route} values=${values} />` : html`<${route.view} ...${values} />`;
	return route?.bare ? view : html`<${Frame} routes=${routes} route=${route}>${view}<//>`;
}

/** What else may be wanted is there before it is, once the first view stands. */
function loadTheRest() {
	for (const route of routes) {
		route.load?.().catch(() => {});
	}
}

/** What may come a moment behind the first view: times of day, the tab, and what changes from now on. */
function settle() {
	isSettled.value = true;
	followSettings();
	follow();
	followTitle(() => find(routes));
	(window.requestIdleCallback ?? setTimeout)(loadTheRest);
}

const UNSEEN_MS = 500;

/** Once what was rendered is on the screen; a tab that nobody sees is never drawn. @param {() => void} run */
function afterPaint(run) {
	let isOver = false;
	const once = () => {
		if (!isOver) {
			isOver = true;
			run();
		}
	};
	requestAnimationFrame(() => setTimeout(once));
	setTimeout(once, document.hidden ? 0 : UNSEEN_MS);
}

begin();
const page = document.getElementById('page');
if (page) {
	page.textContent = '';
	render(html`<${App} />`, page);
	performance.mark('usable'); // bench/page.py
}
afterPaint(settle);
