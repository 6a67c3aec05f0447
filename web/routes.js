// SPDX-License-Identifier: MIT
// All views: an address, and what it shows. A new view is a file in views/ and a line here; its address stands in
// src/gateway/page/page.c, too. What is loaded only when it is wanted has `load`, a module with an export `view`.

import { Fleet } from './views/fleet.js';
import { Login } from './views/login.js';
import { Setup } from './views/setup.js';

/** @type {import('./types').Route[]} */
export const routes = [
	{ path: '/', view: Fleet, title: 'fleet.title', nav: { icon: 'fleet', label: 'fleet.title', match: '/p/' } },
	{ path: '/p/:serial/:part*', load: () => import('./views/printer.js'), title: 'printer.title' },
	{ path: '/files', load: () => import('./views/files.js'), title: 'filearea.title', nav: { icon: 'files', label: 'filearea.title', match: '/files/', key: 'u' } },
	{ path: '/files/:path*', load: () => import('./views/files.js'), title: 'filearea.title' },
	{ path: '/queue', load: () => import('./views/queue.js'), title: 'queue.title', nav: { icon: 'queue', label: 'queue.nav' } },
	{ path: '/history', load: () => import('./views/history.js'), title: 'history.title', nav: { icon: 'history', label: 'history.title', match: '/timelapses' } },
	{ path: '/timelapses', load: () => import('./views/timelapses.js'), title: 'timelapse.title' },
	{ path: '/settings', load: () => import('./views/settings.js'), title: 'settings.title', nav: { icon: 'settings', label: 'settings.title', match: '/settings/' } },
	{ path: '/settings/:section', load: () => import('./views/settings.js'), title: 'settings.title' },
	{ path: '/doctor', load: () => import('./views/doctor.js'), title: 'doctor.title' },
	{ path: '/doctor/:serial', load: () => import('./views/doctor.js'), title: 'doctor.title' },
	{ path: '/cloud', load: () => import('./views/cloud.js'), title: 'cloud.title' },
	{ path: '/cloud/:step', load: () => import('./views/cloud.js'), title: 'cloud.title' },
	{ path: '/cameras', load: () => import('./views/cameras.js'), title: 'camera.title' },
	{ path: '/wall', load: () => import('./views/wall.js'), title: 'wall.title', bare: true },
	{ path: '/login', view: Login, title: 'login.title', bare: true, open: true },
	{ path: '/setup', view: Setup, title: 'setup.title', bare: true, open: true },
];
