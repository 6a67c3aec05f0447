// SPDX-License-Identifier: MIT
// A camera that is looked at while it is seen: a tile that is scrolled away, or in a tab behind others, costs nothing.

import { html, signal, useComputed, useEffect, useRef, useSignal } from '../html.js';
import { mayOperate, part, post } from '../api.js';
import { act, lastOf } from '../actions.js';
import { nameOf } from '../condition.js';
import { formatDuration } from '../format.js';
import { now } from '../live.js';
import { addDrawings, Icon } from '../parts/icon.js';
import { Outcome } from '../parts/outcome.js';
import { Said } from '../sentences.js';
import { t } from '../text/camera/texts.js';
import { Look } from './film.js';
import { hasFilm, sourceOf } from './source.js';

addDrawings({
	light: 'M9 18h6M10 21h4M12 3a6 6 0 0 0-4 10.500c1 1 1 1.500 1 2.500h6c0-1 0-1.500 1-2.500A6 6 0 0 0 12 3',
	small: 'M5 5h14v14H5zM9 9h6v6H9z',
	full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
});

const OLD_MS = 3000;
const LARGE_PX = 1280;
const SWITCHES = ['camera_light', 'camera_quality'];
const SECOND_MS = 1000;
const CONFLICT = 409;
const TIMED_OUT = 504;
const UNAVAILABLE = 503;
const NOT_FOUND = 404;

/** Why it is not looked at: a file goes to the printer. */
const BY_FILE = ['camera-back-after', 'camera-file-sent'];

/** Which lights were switched on from here; no printer tells it. @type {import('@preact/signals').Signal<Record<string, boolean>>} */
const lights = signal({});

/** In words, why nothing is shown. @param {import('./film.js').Shown} shown */
function why({ status, told }) {
	if (status === 0) {
		return t('camera.opening');
	}
	if (status === NOT_FOUND) {
		return t('camera.none');
	}
	if (status === CONFLICT) {
		return t(BY_FILE.includes(told?.detail_code) ? 'camera.upload' : 'camera.held');
	}
	if (status === TIMED_OUT) {
		return t('camera.dark');
	}
	return t(status === UNAVAILABLE ? 'camera.away' : 'camera.broken');
}

/** Whether an element is in sight, and its tab is in front. @param {import('preact').RefObject<Element | null>} element */
function useSight(element) {
	const isSeen = useSignal(false);
	useEffect(() => {
		let isInside = false;
		const see = () => (isSeen.value = isInside && document.visibilityState === 'visible');
		const observer = new IntersectionObserver((entries) => {
			isInside = entries[entries.length - 1].isIntersecting;
			see();
		});
		if (element.current) {
			observer.observe(element.current);
		}
		document.addEventListener('visibilitychange', see);
		return () => {
			observer.disconnect();
			document.removeEventListener('visibilitychange', see);
		};
	}, []);
	return isSeen;
}

/** @param {{ printer: import('@preact/signals').ReadonlySignal<import('../types').Printer>, serial: string }} props */
export function Camera({ printer, serial }) {
	const stage = useRef(/** @type {HTMLElement | null} */ (null));
	const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
	const image = useRef(/** @type {HTMLImageElement | null} */ (null));
	const isStill = useSignal(matchMedia('(prefers-reduced-motion: reduce)').matches);
	const view = useSignal(/** @type {Look | null} */ (null));
	const isSeen = useSight(stage);
	const isOther = sourceOf(serial) === 'url'; // which has no light
	const isFilm = hasFilm(serial);
	useEffect(() => {
		if (!isSeen.value || !video.current || !image.current) {
			return undefined;
		}
		const opened = new Look(serial, video.current, image.current, { isStill: isStill.value, hasFilm: isFilm });
		view.value = opened;
		return () => {
			view.value = null;
			opened.stop();
		};
	}, [isSeen.value, isStill.value, isFilm, serial]);
	const shown = useComputed(() => view.value?.shown.value ?? { kind: /** @type {const} */ ('none'), status: 0, told: null });
	const age = useComputed(() => {
		const at = view.value?.seenAt.value ?? 0;
		const old = at && now.value - at > OLD_MS ? Math.floor((now.value - at) / SECOND_MS) : 0;
		return old && shown.value.kind !== 'none' ? t('camera.age', { age: formatDuration(old) }) : '';
	});
	const name = nameOf(printer.value);
	const { kind } = shown.value;
	return html`<div class=${`camera is-${kind} ${age.value ? 'is-old' : ''}`} ref=${stage} data-serial=${serial}>
		<video ref=${video} muted playsinline aria-label=${t('camera.of', { name })} hidden=${kind !== 'film'}></video>
		<img ref=${image} alt=${t('camera.of', { name })} hidden=${kind !== 'picture'} />
		<div class="camera-note" role="status">
			${kind === 'none' ? html`<p key=${shown.value.status}>${why(shown.value)}</p>${shown.value.told?.detail ? html`<p class="camera-detail"><${Said} of=${shown.value.told} name="detail" /></p>` : null}` : age.value ? html`<p>${age.value}</p>` : null}
		</div>
		<${Tools} name=${name} serial=${serial} stage=${stage} isStill=${isStill} isOther=${isOther} width=${view.value?.width.value ?? 0} />
		<${Told} serial=${serial} />
	</div>`;
}

/** @param {{ name: string, serial: string, stage: import('preact').RefObject<HTMLElement | null>, isStill: import('@preact/signals').Signal<boolean>, isOther: boolean, width: number }} props */
function Tools({ name, serial, stage, isStill, isOther, width }) {
	const isLit = lights.value[serial] ?? false;
	const isFull = useSignal(false);
	useEffect(() => {
		const see = () => (isFull.value = document.fullscreenElement !== null && document.fullscreenElement === stage.current);
		document.addEventListener('fullscreenchange', see);
		return () => document.removeEventListener('fullscreenchange', see);
	}, []);

	async function light() {
		const { done } = act(serial, 'camera_light', { on: !isLit }, () => post(`/printers/${part(serial)}/camera/light`, { on: !isLit }));
		if ((await done).state === 'confirmed') {
			lights.value = { ...lights.peek(), [serial]: !isLit };
		}
	}

	const isSmall = width > 0 && width < LARGE_PX;
	const resize = () => act(serial, 'camera_quality', { quality: isSmall ? 'hd' : 'sd' }, () => post(`/printers/${part(serial)}/camera/quality`, { quality: isSmall ? 'hd' : 'sd' }));

	function fill() {
		const doing = document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen();
		doing?.catch(() => {});
	}

	return html`<div class="camera-tools" role="group" aria-label=${t('camera.of', { name })}>
		${mayOperate.value && !isOther
			? html`<${Tool} icon="light" label=${t('camera.light')} isOn=${isLit} run=${light} />
					<${Tool} icon="small" label=${t('camera.small')} isOn=${isSmall} run=${resize} />`
			: null}
		<${Tool} icon=${isStill.value ? 'resume' : 'pause'} label=${t(isStill.value ? 'camera.play' : 'camera.still')} run=${() => (isStill.value = !isStill.peek())} />
		${document.fullscreenEnabled ? html`<${Tool} icon=${isFull.value ? 'close' : 'full'} label=${t(isFull.value ? 'camera.full_end' : 'camera.full')} run=${fill} />` : null}
	</div>`;
}

/** @param {{ icon: string, label: string, isOn?: boolean, run: () => void }} props */
function Tool({ icon, label, isOn, run }) {
	return html`<button type="button" class="button-icon camera-tool" aria-label=${label} title=${label} aria-pressed=${isOn} onClick=${run}><${Icon} name=${icon} size=${18} /></button>`;
}

/** What came of light and size, where they did not do what was wanted. @param {{ serial: string }} props */
function Told({ serial }) {
	const last = lastOf(serial);
	const isOurs = last && SWITCHES.includes(last.value.name) && !['confirmed', 'running'].includes(last.value.state);
	return isOurs && last ? html`<div class="camera-told"><${Outcome} action=${last} /></div>` : null;
}
