// SPDX-License-Identifier: MIT
// Moves and filament by hand. What would harm the printer or its job is greyed, with why, and the way to do it nevertheless.

import { html, useComputed, useEffect, useSignal } from '../../html.js';
import { command } from '../../actions.js';
import { hasJob } from '../../condition.js';
import { formatCelsius, formatNumber } from '../../format.js';
import { shared } from '../../shared.js';
import { t } from '../../text.js';
import { Icon } from '../../parts/icon.js';
import { Barrier, isBarred, useGuard } from './guard.js';
import { presets } from './heat.js';
import { Panel, Segments } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {import('@preact/signals').Signal<import('./guard.js').Verdict>} VerdictSignal */

const STEPS_MM = [0.1, 1, 10, 50];
const Z_STEP_MAX_MM = 10;
const FEED_XY_MM_S = 100;
const FEED_Z_MM_S = 10;
const LENGTHS_MM = [5, 25, 50, 100];
const FEED_FILAMENT_MM_S = 4;

const step = shared('move_step', 10);
const length = shared('filament_length', 50);

/** Whether it may be done, be it by force; what was allowed ends where the reason is another one. @param {VerdictSignal} verdict */
function useForce(verdict) {
	const forced = useSignal(false);
	const reason = useComputed(() => verdict.value.reason);
	useEffect(() => {
		forced.value = false;
	}, [reason.value]);
	const may = useComputed(() => !isBarred(verdict.value) || (forced.value && verdict.value.verdict === 'needs force'));
	const more = useComputed(() => (forced.value ? { force: true } : {}));
	return { forced, may, more };
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Motion({ printer, serial }) {
	const moves = useGuard(printer, { command: 'move', x_mm: 1, relative: true });
	const homes = useGuard(printer, { command: 'home', axes: 'xy' });
	const homesZ = useGuard(printer, { command: 'home', axes: 'z' });
	const move = useForce(moves);
	const home = useForce(homes);
	const homeZ = useForce(homesZ);
	const isOn = useComputed(() => printer.value.online);

	/** @param {'x' | 'y' | 'z'} axis @param {number} direction */
	function go(axis, direction) {
		const far = axis === 'z' ? Math.min(step.peek(), Z_STEP_MAX_MM) : step.peek();
		command(serial, { command: 'move', [`${axis}_mm`]: direction * far, relative: true, feed_mm_s: axis === 'z' ? FEED_Z_MM_S : FEED_XY_MM_S, ...move.more.peek() });
	}

	/** @param {string} axes @param {{ more: import('@preact/signals').ReadonlySignal<object> }} how */
	const toEnds = (axes, how) => command(serial, { command: 'home', axes, ...how.more.peek() });
	const canMove = isOn.value && move.may.value;
	const canHome = isOn.value && home.may.value;
	const canHomeZ = isOn.value && homeZ.may.value;
	const all = [move.forced, home.forced, homeZ.forced];
	const isWhole = [moves, homes, homesZ].every((verdict) => verdict.value.verdict === 'needs force') && hasJob(printer.value);
	return html`<${Panel} title=${t('motion.title')} serial=${serial} commands=${['move', 'home']} class="motion">
		<${Segments} legend=${t('motion.step')} seen value=${step} options=${STEPS_MM.map((mm) => [mm, `${formatNumber(mm)} mm`])} />
		<div class="pad" role="group" aria-label=${t('motion.title')}>
			<${Way} class="pad-n" icon="up" label="Y+" disabled=${!canMove} onClick=${() => go('y', 1)} />
			<${Way} class="pad-w" icon="left" label="X−" disabled=${!canMove} onClick=${() => go('x', -1)} />
			<${Way} class="pad-o" icon="home" label=${t('motion.home_xy')} disabled=${!canHome} onClick=${() => toEnds('xy', home)} />
			<${Way} class="pad-e" icon="right" label="X+" disabled=${!canMove} onClick=${() => go('x', 1)} />
			<${Way} class="pad-s" icon="down" label="Y−" disabled=${!canMove} onClick=${() => go('y', -1)} />
			<${Way} class="pad-up" icon="up" label="Z+" disabled=${!canMove} onClick=${() => go('z', 1)} />
			<${Way} class="pad-z" icon="home" label=${t('motion.home_z')} disabled=${!canHomeZ} onClick=${() => toEnds('z', homeZ)} />
			<${Way} class="pad-down" icon="down" label="Z−" disabled=${!canMove} onClick=${() => go('z', -1)} />
		</div>
		<div class="row">
			<button type="button" class="button" disabled=${!(canHome && canHomeZ)} onClick=${() => toEnds('xyz', homeZ)}><${Icon} name="home" size=${18} /><span>${t('motion.home_all')}</span></button>
		</div>
		${isWhole
			? html`<${Barrier} verdict=${moves.value} what=${t('motion.barred')} forced=${together(all)} />`
			: html`<${Barrier} verdict=${moves.value} what=${t('motion.barred_move')} forced=${move.forced} />
					<${Barrier} verdict=${homes.value} what=${t('motion.barred_home_xy')} forced=${home.forced} />
					<${Barrier} verdict=${homesZ.value} what=${t('motion.barred_home_z')} forced=${homeZ.forced} />`}
	<//>`;
}

/** One switch for several. @param {import('@preact/signals').Signal<boolean>[]} switches */
function together(switches) {
	return {
		get value() {
			return switches.every((one) => one.value);
		},
		set value(isOn) {
			switches.forEach((one) => (one.value = isOn));
		},
	};
}

/** @param {{ icon: string, label: string, class: string, disabled: boolean, onClick: () => void }} props */
function Way({ icon, label, class: place, disabled, onClick }) {
	return html`<button type="button" class=${`button pad-key ${place}`} aria-label=${label} title=${label} disabled=${disabled} onClick=${onClick}>
		<${Icon} name=${icon} size=${18} /><span class="pad-label" aria-hidden="true">${label.length > 2 ? '' : label}</span>
	</button>`;
}

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Filament({ printer, serial }) {
	const feeds = useGuard(printer, { command: 'extrude', length_mm: 5 });
	const feed = useForce(feeds);
	const isOn = useComputed(() => printer.value.online);
	const warm = useComputed(() => formatCelsius(printer.value.nozzle?.current_c));
	const names = useComputed(() => printer.value.filament?.join(', ') ?? '');
	const canFeed = isOn.value && feed.may.value;

	/** @param {number} direction */
	const run = (direction) => command(serial, { command: 'extrude', length_mm: direction * length.peek(), feed_mm_s: FEED_FILAMENT_MM_S, ...feed.more.peek() });
	return html`<${Panel} title=${t('filament.title')} serial=${serial} commands=${['extrude']}>
		${names.value ? html`<p class="quiet name">${names}</p>` : null}
		<div class="filament-heat">
			<p class="slider-head"><span>${t('filament.heat')}</span> <span>${warm}</span></p>
			<div class="steps" role="group" aria-label=${t('filament.heat')}>
				${presets.value.slice(0, 4).map((preset) => html`<button type="button" class="button" disabled=${!isOn.value} onClick=${() => command(serial, { command: 'nozzle', target_c: preset.nozzle_c })}><span class="name">${preset.name}</span></button>`)}
			</div>
		</div>
		<${Segments} legend=${t('filament.length')} seen value=${length} options=${LENGTHS_MM.map((mm) => [mm, `${formatNumber(mm)} mm`])} />
		<div class="row row-even">
			<button type="button" class="button" disabled=${!canFeed} onClick=${() => run(1)}><${Icon} name="load" size=${18} /><span>${t('filament.load')}</span></button>
			<button type="button" class="button" disabled=${!canFeed} onClick=${() => run(-1)}><${Icon} name="unload" size=${18} /><span>${t('filament.unload')}</span></button>
		</div>
		<${Barrier} verdict=${feeds.value} what=${t('filament.barred')} forced=${feed.forced} />
	<//>`;
}
