// SPDX-License-Identifier: MIT
// Films of jobs: each with its last picture; played, saved, deleted. And whether there are to be any.

import { html, useEffect, useRef, useSignal } from '../html.js';
import { ask, get, mayManage, mayOperate } from '../api.js';
import { formatBytes, formatDate, formatWhole } from '../format.js';
import { everyPrinter, onMessage, returns } from '../live.js';
import { nameOf } from '../condition.js';
import { closeDialog, dialog, navigateQuery, openDialog, query } from '../router.js';
import { t } from '../text/timelapse/texts.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';

const AGAIN_MS = 8000; // after a job ended: the film is made meanwhile
const MODES = ['off', 'layer', 'interval'];

/**
 * @typedef {object} Film
 * @property {number} id
 * @property {string} printer
 * @property {string | null} printer_name
 * @property {string | null} file
 * @property {string} outcome
 * @property {boolean} done
 * @property {string | null} begun_at
 * @property {number} frames
 * @property {number} bytes
 */

/** @param {Film} film */
const fileText = (film) => film.file || t('timelapse.no_file');

/** @param {Film} film @param {string} what */
const addressOf = (film, what) => `/api/v1/timelapses/${film.id}/${what}`;

/** The films of the address, and again when a job ends. @param {string} printer */
function useFilms(printer) {
	const films = useSignal(/** @type {Film[] | null} */ (null));
	const problem = useSignal('');
	const again = useSignal(0);
	const before = useRef(printer);
	useEffect(() => {
		if (before.current !== printer) {
			before.current = printer;
			films.value = null; // of another one
		}
		let isOver = false;
		let timer = 0;
		const load = async () => {
			const answer = await get(`/timelapses?limit=1000${printer ? `&printer=${encodeURIComponent(printer)}` : ''}`);
			if (!isOver) {
				films.value = answer.ok ? answer.data : (films.peek() ?? []);
				problem.value = answer.ok ? '' : answer.status === 0 ? t('connection.lost') : answer.detail;
			}
		};
		const stop = onMessage((message) => {
			if (message.type === 'event' && String(message.event.event).startsWith('job_')) {
				clearTimeout(timer);
				timer = setTimeout(load, AGAIN_MS);
			}
		});
		load();
		return () => {
			isOver = true;
			clearTimeout(timer);
			stop();
		};
	}, [printer, again.value, returns.value]);
	return { films, problem, reload: () => (again.value += 1) };
}

function Timelapses() {
	const printer = query.value.get('printer') ?? '';
	const { films, problem, reload } = useFilms(printer);
	const shown = films.value ?? [];
	const opened = dialog.value.startsWith('film:') ? shown.find((film) => film.id === Number(dialog.value.slice('film:'.length))) : undefined;
	return html`<div class="view timelapses" aria-busy=${films.value === null}>
		<header class="view-head">
			<a class="back" href="/history"><${Icon} name="left" size=${18} /><span>${t('history.title')}</span></a>
			<h1>${t('timelapse.title')}</h1>
			<div class="tools">
				<label class="tool-select"><span class="unseen">${t('timelapse.printer')}</span><${Icon} name="printer" size=${18} />
					<select onChange=${(/** @type {any} */ event) => navigateQuery({ printer: event.target.value || null }, { replace: true })}>
						<option value="" selected=${!printer}>${t('timelapse.all_printers')}</option>
						${everyPrinter.value.map((one) => html`<option value=${one.serial} selected=${printer === one.serial}>${nameOf(one)}</option>`)}
					</select>
				</label>
				${printer ? html`<${Mode} key=${printer} path=${`/printers/${encodeURIComponent(printer)}/timelapse`} may=${mayOperate.value} />` : html`<${Mode} key="" path="/timelapse" may=${mayManage.value} />`}
			</div>
		</header>
		${problem.value ? html`<p class="notice notice-bad" role="alert">${problem.value}</p>` : null}
		${films.value !== null && !shown.length && !problem.value ? html`<p class="nothing quiet" role="status">${t('timelapse.none')}</p>` : null}
		<ul class="films">${shown.map((film) => html`<${One} key=${film.id} film=${film} />`)}</ul>
		${opened ? html`<${Shown} film=${opened} onGone=${reload} />` : null}
	</div>`;
}

/** Whether jobs are filmed from now on. @param {{ path: string, may: boolean }} props */
function Mode({ path, may }) {
	const settings = useSignal(/** @type {any} */ (null));
	const fault = useSignal('');
	useEffect(() => {
		get(path).then((answer) => {
			settings.value = answer.ok ? answer.data : null;
		});
	}, [path, returns.value]);
	/** @param {object} change */
	async function set(change) {
		const answer = await ask('PATCH', path, change);
		fault.value = answer.ok ? '' : answer.detail || t('connection.lost');
		settings.value = answer.ok ? answer.data : { ...settings.peek() };
	}
	if (!settings.value) {
		return null;
	}
	const isOff = settings.value.mode === 'off';
	return html`<label class="tool-select"><span class="unseen">${t('timelapse.mode')}</span><${Icon} name="camera" size=${18} />
			<select disabled=${!may} onChange=${(/** @type {any} */ event) => set({ mode: event.target.value })}>
				${MODES.map((mode) => html`<option value=${mode} selected=${settings.value.mode === mode}>${t(`timelapse.mode_${mode}`, { seconds: settings.value.interval_s })}</option>`)}
			</select>
		</label>
		<button type="button" class="button" aria-pressed=${settings.value.light} disabled=${!may || isOff} onClick=${() => set({ light: !settings.value.light })}>${t('timelapse.light')}</button>
		<p class="fault" role="alert">${fault.value || (settings.value.disk_full ? t('timelapse.full') : '')}</p>`;
}

/** @param {{ film: Film }} props */
function One({ film }) {
	return html`<li>
		<button type="button" class="film" onClick=${() => openDialog(`film:${film.id}`)}>
			<img src=${addressOf(film, 'poster.jpg')} alt="" width="320" height="180" loading="lazy" />
			<span class="film-file name">${fileText(film)}</span>
			<span class="film-more quiet"><span class="name">${film.printer_name || film.printer}</span> · ${formatDate(film.begun_at)}</span>
			<span class="film-more quiet">${film.done ? t('timelapse.frames', { count: film.frames, number: formatWhole(film.frames) }) : t('timelapse.recording')} · ${formatBytes(film.bytes)}</span>
		</button>
	</li>`;
}

/** @param {{ film: Film, onGone: () => void }} props */
function Shown({ film, onGone }) {
	const isAsked = useSignal(false);
	const fault = useSignal('');
	async function remove() {
		const answer = await ask('DELETE', `/timelapses/${film.id}`);
		if (answer.ok) {
			closeDialog();
			onGone();
		} else {
			fault.value = answer.detail || t('connection.lost');
		}
	}
	return html`<${Dialog} title=${fileText(film)} wide>
		${film.done
			? html`<video class="film-player" src=${addressOf(film, 'film.mp4')} poster=${addressOf(film, 'poster.jpg')} controls playsinline loop muted aria-label=${t('timelapse.of', { file: fileText(film) })}></video>`
			: html`<img class="film-player" src=${addressOf(film, 'poster.jpg')} alt=${t('timelapse.of', { file: fileText(film) })} /><p class="quiet">${t('timelapse.later')}</p>`}
		<p class="quiet"><span class="name">${film.printer_name || film.printer}</span> · ${formatDate(film.begun_at)} · ${t('timelapse.frames', { count: film.frames, number: formatWhole(film.frames) })} · ${formatBytes(film.bytes)}</p>
		<p class="fault" role="alert">${fault}</p>
		${film.done
			? html`<p class="dialog-foot">
					<a class="button" href=${`${addressOf(film, 'film.mp4')}?download=1`} download><${Icon} name="download" size=${18} /><span>${t('timelapse.save')}</span></a>
					${mayOperate.value ? html`<button type="button" class="button button-bad" onClick=${() => (isAsked.value ? remove() : (isAsked.value = true))}><${Icon} name="remove" size=${18} /><span>${t(isAsked.value ? 'timelapse.sure' : 'timelapse.delete')}</span></button>` : null}
				</p>`
			: null}
	<//>`;
}

export { Timelapses as view };
