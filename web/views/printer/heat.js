// SPDX-License-Identifier: MIT
// How warm nozzle and bed are to be, and what they are for filaments of a kind.

import { html, useComputed, useId, useSignal } from '../../html.js';
import { mayOperate } from '../../api.js';
import { command } from '../../actions.js';
import { formatCelsius, formatWhole } from '../../format.js';
import { closeDialog, dialog, openDialog } from '../../router.js';
import { shared } from '../../shared.js';
import { t } from '../../text.js';
import { Dialog } from '../../parts/dialog.js';
import { Icon } from '../../parts/icon.js';
import { Panel } from './panel.js';

/** @typedef {import('@preact/signals').ReadonlySignal<import('../../types').Printer>} PrinterSignal */
/** @typedef {{ name: string, nozzle_c: number, bed_c: number }} Preset */

const COMMANDS = ['nozzle', 'bed', 'cooldown'];
const TARGET_MAX_C = 320;
const NEAR_C = 5;

/** @type {Preset[]} */
const usual = [
	{ name: 'PLA', nozzle_c: 210, bed_c: 60 },
	{ name: 'PETG', nozzle_c: 240, bed_c: 75 },
	{ name: 'ABS', nozzle_c: 245, bed_c: 95 },
	{ name: 'TPU', nozzle_c: 225, bed_c: 45 },
];

/** @type {import('@preact/signals').Signal<Preset[]>} */
export const presets = shared('presets', usual);

/** @param {{ printer: PrinterSignal, serial: string }} props */
export function Heat({ printer, serial }) {
	const isOn = useComputed(() => printer.value.online);
	const tools = mayOperate.value ? html`<button type="button" class="button-icon" aria-label=${t('heat.edit')} title=${t('heat.edit')} onClick=${() => openDialog('presets')}><${Icon} name="settings" size=${18} /></button>` : null;
	return html`<${Panel} title=${t('heat.title')} serial=${serial} commands=${COMMANDS} most=${2} tools=${tools}>
		<${Heater} printer=${printer} serial=${serial} part="nozzle" />
		<${Heater} printer=${printer} serial=${serial} part="bed" />
		${mayOperate.value
			? html`<div class="presets" role="group" aria-label=${t('heat.presets')}>
					${presets.value.map(
						(preset) => html`<button type="button" class="preset" disabled=${!isOn.value} onClick=${() => apply(serial, preset)}>
							<span class="preset-name name">${preset.name}</span> <span class="preset-heat">${formatWhole(preset.nozzle_c)} · ${formatWhole(preset.bed_c)}</span>
						</button>`,
					)}
					<button type="button" class="preset preset-off" disabled=${!isOn.value} onClick=${() => command(serial, { command: 'cooldown' })}><${Icon} name="cool" size=${16} /><span>${t('command.cooldown')}</span></button>
				</div>`
			: null}
		${dialog.value === 'presets' ? html`<${PresetsDialog} />` : null}
	<//>`;
}

/** @param {string} serial @param {Preset} preset */
function apply(serial, preset) {
	command(serial, { command: 'bed', target_c: preset.bed_c });
	command(serial, { command: 'nozzle', target_c: preset.nozzle_c });
}

/** @param {{ printer: PrinterSignal, serial: string, part: 'nozzle' | 'bed' }} props */
function Heater({ printer, serial, part }) {
	const id = useId();
	const draft = useSignal(/** @type {string | null} */ (null));
	const current = useComputed(() => formatWhole(rounded(printer.value[part]?.current_c)));
	const target = useComputed(() => printer.value[part]?.target_c ?? null);
	const state = useComputed(() => {
		const is = printer.value[part]?.current_c ?? 0;
		return `heat heat-${part} ${target.value ? (Math.abs(is - target.value) > NEAR_C ? 'is-heating' : 'is-hot') : ''}`;
	});
	const shown = useComputed(() => draft.value ?? (target.value ? String(Math.round(target.value)) : ''));
	const isOn = useComputed(() => printer.value.online);

	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		const wanted = Number(draft.peek() ?? target.peek() ?? 0);
		await command(serial, { command: part, target_c: wanted }).done;
		draft.value = null;
	}

	return html`<div class=${state}>
		<p class="heat-name"><${Icon} name=${part} size=${18} /><span id=${id}>${t(`part.${part}`)}</span></p>
		<p class="heat-now"><span class="heat-value">${current}</span><span class="heat-unit">°C</span></p>
		${mayOperate.value
			? html`<form class="heat-form" onSubmit=${submit}>
					<label><span class="unseen">${t('heat.target', { part: t(`part.${part}`) })}</span>
						<input type="number" inputmode="numeric" min="0" max=${TARGET_MAX_C} step="1" required placeholder=${t('heat.off')} value=${shown} disabled=${!isOn.value} onInput=${(/** @type {any} */ event) => (draft.value = event.target.value)} />
					</label>
					<button class="button" aria-describedby=${id} disabled=${!isOn.value}>${t('heat.set')}</button>
				</form>`
			: html`<p class="heat-form quiet">${target.value ? `→ ${formatCelsius(target.value)}` : t('heat.off')}</p>`}
	</div>`;
}

/** @param {number | null | undefined} value */
const rounded = (value) => (value === null || value === undefined ? value : Math.round(value));

// --- own ones ---

function PresetsDialog() {
	const edited = useSignal(presets.peek().map((preset) => ({ ...preset })));

	/** @param {number} at @param {Partial<Preset>} changed */
	function change(at, changed) {
		edited.value = edited.peek().map((preset, place) => (place === at ? { ...preset, ...changed } : preset));
	}

	/** @param {Event} event */
	function save(event) {
		event.preventDefault();
		presets.value = edited.peek().filter((preset) => preset.name.trim());
		closeDialog();
	}

	return html`<${Dialog} title=${t('heat.presets')}>
		<form class="form" onSubmit=${save}>
			<p class="quiet">${t('heat.kept')}</p>
			<table class="values presets-table">
				<thead><tr><th scope="col">${t('heat.name')}</th><th scope="col">${t('part.nozzle')} °C</th><th scope="col">${t('part.bed')} °C</th><th><span class="unseen">${t('heat.remove')}</span></th></tr></thead>
				<tbody>
					${edited.value.map(
						(preset, at) => html`<tr>
							<td><input type="text" required maxlength="24" aria-label=${t('heat.name')} value=${preset.name} onInput=${(/** @type {any} */ event) => change(at, { name: event.target.value })} /></td>
							<td><input type="number" required min="0" max=${TARGET_MAX_C} aria-label=${t('part.nozzle')} value=${preset.nozzle_c} onInput=${(/** @type {any} */ event) => change(at, { nozzle_c: Number(event.target.value) })} /></td>
							<td><input type="number" required min="0" max=${TARGET_MAX_C} aria-label=${t('part.bed')} value=${preset.bed_c} onInput=${(/** @type {any} */ event) => change(at, { bed_c: Number(event.target.value) })} /></td>
							<td><button type="button" class="button-icon" aria-label=${`${t('heat.remove')} ${preset.name}`} onClick=${() => (edited.value = edited.peek().filter((_, place) => place !== at))}><${Icon} name="trash" size=${18} /></button></td>
						</tr>`,
					)}
				</tbody>
			</table>
			<div class="row">
				<button type="button" class="button" onClick=${() => (edited.value = [...edited.peek(), { name: '', nozzle_c: 210, bed_c: 60 }])}><${Icon} name="plus" size=${18} /><span>${t('heat.add')}</span></button>
				<button type="button" class="button" onClick=${() => (edited.value = usual.map((preset) => ({ ...preset })))}>${t('heat.usual')}</button>
				<button class="button button-main">${t('dialog.save')}</button>
			</div>
		</form>
	<//>`;
}
