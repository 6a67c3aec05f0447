// SPDX-License-Identifier: MIT
// The gateway's file area: what is in it, and what can be done with it.

import { ask, get, part, post, session, tellDetail } from '../api.js';

/**
 * @typedef {object} Metadata
 * @property {string | null} slicer
 * @property {string | null} slicer_version
 * @property {string | null} machine
 * @property {string | null} filament_type
 * @property {string | null} filament_name
 * @property {number | null} estimated_time_s
 * @property {number | null} filament_mm
 * @property {number | null} filament_g
 * @property {number | null} layer_count
 * @property {number | null} layer_height_mm
 * @property {number | null} object_height_mm
 * @property {number | null} nozzle_diameter_mm
 * @property {number | null} nozzle_c
 * @property {number | null} bed_c
 * @property {boolean} compressed
 * @property {boolean} [archived] of an .acode, whose G-code is the part that is named
 * @property {number} [content_start]
 * @property {number} [content_size]
 * @property {{ picture: string, width: number, height: number }[]} thumbnails
 */

/** @typedef {{ path: string, type: 'file' | 'folder', size: number, modified_at: string | null, sha256: string | null, metadata: Metadata | null }} Entry */
/** @typedef {{ used: number, free: number, files: Entry[] }} Area */

export const loadArea = () => get('/files');

/** Files alone, the newest first. @param {number} count */
export const loadNewest = (count) => get(`/files?newest=${count}`);

/** Of a file, in an address. @param {string} path */
export const addressOf = (path) => path.split('/').map(part).join('/');

/** @param {string} path @param {string} to @param {'move' | 'copy'} action */
export const relocate = (path, to, action) => post(`/files/${addressOf(path)}`, { action, to });

/** @param {string} path */
export const makeFolder = (path) => post(`/files/${addressOf(path)}`, { action: 'make-folder' });

/** @param {Entry} entry */
export const remove = (entry) => ask('DELETE', `/files/${addressOf(entry.path)}${entry.type === 'folder' ? '?recursive=true' : ''}`);

/** What shows it best; "" where nothing does. @param {Entry} entry @param {boolean} [isLarge] */
export function pictureOf(entry, isLarge = false) {
	const pictures = (entry.metadata?.thumbnails ?? []).map(({ picture, width }, index) => ({ picture, width, index })).filter(({ picture }) => picture !== 'qoi');
	pictures.sort((a, b) => (isLarge ? b.width - a.width : Math.abs(a.width - 96) - Math.abs(b.width - 96)));
	return pictures.length ? `/api/v1/thumbnails/${pictures[0].index}/${addressOf(entry.path)}` : '';
}

/** @param {string} path */
export const baseOf = (path) => path.slice(path.lastIndexOf('/') + 1);
/** "" is the top. @param {string} path */
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
/** @param {string} folder @param {string} name */
export const within = (folder, name) => (folder ? `${folder}/${name}` : name);

/**
 * Sends a file, and tells how much of it is sent, of 100.
 * @param {File} file @param {string} path @param {boolean} replaces @param {(percent: number) => void} onProgress
 * @returns {Promise<import('../types').Answer>}
 */
export function upload(file, path, replaces, onProgress) {
	return new Promise((resolve) => {
		const request = new XMLHttpRequest();
		const end = () => {
			let data = null;
			try {
				data = JSON.parse(request.responseText);
			} catch {
				// no answer, or none of ours
			}
			tellDetail(data).then((detail) => resolve({ ok: request.status >= 200 && request.status < 300, status: request.status, data, detail }));
		};
		request.upload.onprogress = (event) => onProgress(event.total ? (100 * event.loaded) / event.total : 0);
		request.onload = end;
		request.onerror = end;
		request.open('PUT', `/api/v1/files/${addressOf(path)}`);
		request.setRequestHeader('Content-Type', 'application/octet-stream');
		if (!replaces) {
			request.setRequestHeader('If-None-Match', '*');
		}
		const csrf = session.peek()?.csrf;
		if (csrf) {
			request.setRequestHeader('X-CSRF-Token', csrf);
		}
		request.send(file);
	});
}
