// SPDX-License-Identifier: MIT
// All printers.

import { html, useComputed, useEffect, useSignal } from '../html.js';
import { mayManage, mayOperate } from '../api.js';
import { command } from '../actions.js';
import { hasJob, isFilamentPrinter, isPrinting, nameOf } from '../condition.js';
import { counts, filter, filters, groups, hidden, move, put, search, sections, setGroup, showsHidden, shown, size, sort, toggleHidden } from '../fleet_list.js';
import { isSettled } from '../format.js';
import { useKeys } from '../keys.js';
import { isKnown, printerOf, serials } from '../live.js';
import { closeDialog, dialog, navigate, openDialog } from '../router.js';
import { t } from '../text.js';
import { Card } from '../parts/card.js';
import { Dialog } from '../parts/dialog.js';
import { dragOrder } from '../parts/drag_order.js';
import { Field } from '../parts/field.js';
import { HoldButton } from '../parts/hold_button.js';
import { Icon } from '../parts/icon.js';

const SORTS = ['own', 'state', 'name', 'finish', 'progress'];
const MORE_CARDS = 12;
/** How much of a window each takes up, about. */
const CARD_PX = { s: 60000, m: 144000, l: 210000 };
const SIZES = /** @type {const} */ (['s', 'm', 'l']);

export function Fleet() {
	/** null while nothing is being selected. */
	const selected = useSignal(/** @type {Set<string> | null} */ (null));
	useKeys([
		{ key: '/', label: 'keys.search', run: () => document.getElementById('fleet-search')?.focus() },
		{ key: 's', label: 'keys.select', run: () => (selected.value = selected.peek() ? null : new Set()) },
		{ key: 'c', label: 'camera.title', run: () => navigate('/cameras') },
		{ key: 'j', label: 'keys.next', run: () => step(1) },
		{ key: 'k', label: 'keys.previous', run: () => step(-1) },
		{ key: 'J', label: 'fleet.move_back', run: () => moveFocused(1) },
		{ key: 'K', label: 'fleet.move_forward', run: () => moveFocused(-1) },
	]);
	const isEmpty = useComputed(() => isKnown.value && serials.value.length === 0);
	if (isEmpty.value) {
		return html`<section class="empty"><h1>${t('fleet.title')}</h1><p>${t('fleet.none')}</p>${mayManage.value ? html`<p><a class="button button-main" href="/settings/start">${t('fleet.first_steps')}</a></p>` : null}<p class="quiet"><code>flagship import</code> · <code>flagship login</code> · <code>flagship cloud init</code></p></section>`;
	}
	return html`<div class="view fleet">
		<${Head} selected=${selected} />
		<${Sections} selected=${selected} />
		${selected.value ? html`<${Bulk} selected=${selected} />` : null}
		${dialog.value.startsWith('group:') ? html`<${GroupDialog} serial=${dialog.value.slice('group:'.length)} />` : null}
	</div>`;
}

/** The focus goes from card to card. @param {number} by */
function step(by) {
	const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.card-link')]);
	const at = links.findIndex((link) => link === document.activeElement);
	links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

const dragging = dragOrder(put);

/** The card with the focus, which keeps it. @param {number} by */
function moveFocused(by) {
	const serial = document.activeElement?.closest('.card')?.getAttribute('data-serial');
	if (serial) {
		move(serial, by);
		requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(`.card[data-serial="${CSS.escape(serial)}"] .card-link`))?.focus());
	}
}

/** @param {{ selected: import('@preact/signals').Signal<Set<string> | null> }} props */
function Head({ selected }) {
	return html`<header class="view-head">
		<h1>${t('fleet.title')}</h1>
		<div class="filters" role="group" aria-label=${t('fleet.filter')}>
			${['', ...Object.keys(filters)].map(
				(name) => html`<button type="button" class="filter" aria-pressed=${filter.value === name} onClick=${() => (filter.value = name)}>
					${t(`fleet.filter_${name || 'all'}`)} <span class="filter-count">${counts.value[name]}</span>
				</button>`,
			)}
		</div>
		<div class="tools">
			<label class="tool-search"><${Icon} name="search" size=${18} /><span class="unseen">${t('fleet.search')}</span>
				<input id="fleet-search" type="search" placeholder=${t('fleet.search')} value=${search} onInput=${(/** @type {any} */ event) => (search.value = event.target.value)} />
			</label>
			<label class="tool-select"><span class="unseen">${t('fleet.sort')}</span><${Icon} name="sort" size=${18} />
				<select value=${sort} onChange=${(/** @type {any} */ event) => (sort.value = event.target.value)}>
					${SORTS.map((name) => html`<option value=${name} selected=${sort.value === name}>${t(`fleet.sort_${name}`)}</option>`)}
				</select>
			</label>
			<div class="sizes" role="group" aria-label=${t('fleet.size')}>
				${SIZES.map((name) => html`<button type="button" class="size" aria-pressed=${size.value === name} aria-label=${t(`fleet.size_${name}`)} onClick=${() => (size.value = name)}>${name.toUpperCase()}</button>`)}
			</div>
			${mayOperate.value
				? html`<button type="button" class="button" aria-pressed=${selected.value !== null} onClick=${() => (selected.value = selected.value ? null : new Set())}>
						<${Icon} name="select" size=${18} /><span>${t('fleet.select')}</span>
					</button>`
				: null}
			<a class="button tool-cameras" href="/cameras" aria-label=${t('camera.title')} title=${t('camera.title')}><${Icon} name="camera" size=${18} /></a>
			<a class="button tool-wall" href="/wall" aria-label=${t('wall.title')} title=${t('wall.title')}><${Icon} name="wall" size=${18} /></a>
			${hidden.value.length
				? html`<button type="button" class="button" aria-pressed=${showsHidden.value} onClick=${() => (showsHidden.value = !showsHidden.value)}>
						<${Icon} name="hide" size=${18} /><span>${t('fleet.hidden', { count: hidden.value.length })}</span>
					</button>`
				: null}
		</div>
	</header>`;
}

/**
 * How many cards are made: those that the window shows at once, and the others behind the first picture, while nothing else is to be done.
 * @param {number} count
 */
function useGrowing(count) {
	// Of the browser's window: to ask for the page's own has it laid out, with nothing in it yet.
	const made = useSignal(Math.max(1, Math.ceil((outerWidth * outerHeight) / CARD_PX[size.peek()])));
	useEffect(() => {
		if (!isSettled.value || made.value >= count) {
			return undefined;
		}
		const later = setTimeout(() => (made.value += MORE_CARDS), 0);
		return () => clearTimeout(later);
	}, [isSettled.value, made.value, count]);
	return made.value;
}

/** @param {{ selected: import('@preact/signals').Signal<Set<string> | null> }} props */
function Sections({ selected }) {
	const made = useGrowing(shown.value.length);
	if (isKnown.value && shown.value.length === 0) {
		return html`<p class="quiet" role="status">${t('fleet.nothing_found')}</p>`;
	}
	let before = 0;
	const rooms = sections.value.map(({ name, members }) => {
		const room = { name, members: members.slice(0, Math.max(0, made - before)) };
		before += members.length;
		return room;
	});
	const isGrouped = rooms.some(({ name }) => name);
	return html`${rooms.map(
		({ name, members }) => html`<section class="section" key=${name} aria-label=${name || t('fleet.ungrouped')}>
			${isGrouped ? html`<h2 class="section-title name">${name || t('fleet.ungrouped')}</h2>` : html`<h2 class="unseen">${t('fleet.printers')}</h2>`}
			<div class=${`cards cards-${size.value}`} ...${dragging}>${members.map((serial) => html`<${Member} key=${serial} serial=${serial} size=${size.value} selected=${selected} />`)}</div>
		</section>`,
	)}`;
}

/** @param {{ serial: string, size: string, selected: import('@preact/signals').Signal<Set<string> | null> }} props */
function Member({ serial, size: cardSize, selected }) {
	const isSelected = useComputed(() => selected.value?.has(serial) ?? false);
	const isOn = useComputed(() => selected.value !== null);
	const isHidden = useComputed(() => hidden.value.includes(serial));
	const isHeated = useComputed(() => [printerOf(serial)?.value].some((printer) => printer && isFilamentPrinter(printer)));
	const menu = [
		mayOperate.value && isHeated.value && { label: t('command.cooldown'), icon: 'cool', run: () => command(serial, { command: 'cooldown' }) },
		mayOperate.value && { label: t('command.rename'), icon: 'edit', run: () => openDialog(`rename:${serial}`) },
		{ label: t('fleet.move_forward'), icon: 'up', run: () => move(serial, -1) },
		{ label: t('fleet.move_back'), icon: 'down', run: () => move(serial, 1) },
		{ label: t('fleet.group'), icon: 'files', run: () => openDialog(`group:${serial}`) },
		{ label: t(isHidden.value ? 'fleet.show' : 'fleet.hide'), icon: 'hide', run: () => toggleHidden(serial) },
	];
	const selection = { isOn: isOn.value, isSelected: isSelected.value, toggle: () => (selected.value = toggled(selected.peek() ?? new Set(), serial)) };
	return html`<${Card} serial=${serial} size=${cardSize} menu=${menu} selection=${selection} />`;
}

/** @param {Set<string>} set @param {string} one */
function toggled(set, one) {
	const changed = new Set(set);
	if (!changed.delete(one)) {
		changed.add(one);
	}
	return changed;
}

/** What is done with several at once, those of them for which it makes sense. @param {{ selected: import('@preact/signals').Signal<Set<string> | null> }} props */
function Bulk({ selected }) {
	const chosen = [...(selected.value ?? [])].map((serial) => printerOf(serial)?.value).filter((printer) => printer !== undefined);
	const printing = chosen.filter(isPrinting);
	const working = chosen.filter(hasJob);
	const heated = chosen.filter((printer) => printer.online && isFilamentPrinter(printer));
	/** @param {import('../types').Printer[]} printers @param {string} name */
	const each = (printers, name) => printers.forEach((printer) => command(printer.serial, { command: name }));
	return html`<div class="bulk" role="region" aria-label=${t('fleet.selection')}>
		<p role="status">${t('fleet.selected', { count: chosen.length })}</p>
		<button type="button" class="button" onClick=${() => (selected.value = new Set(shown.peek()))}>${t('fleet.select_all')}</button>
		<button type="button" class="button" disabled=${!printing.length} onClick=${() => each(printing, 'pause')}><${Icon} name="pause" size=${18} /><span>${t('command.pause')}</span></button>
		<${HoldButton} label=${t('command.stop')} icon="stop" disabled=${!working.length} onConfirm=${() => each(working, 'stop')} />
		<button type="button" class="button" disabled=${!heated.length} onClick=${() => each(heated, 'cooldown')}><${Icon} name="cool" size=${18} /><span>${t('command.cooldown')}</span></button>
		<button type="button" class="button-icon" aria-label=${t('fleet.select_end')} onClick=${() => (selected.value = null)}><${Icon} name="close" /></button>
	</div>`;
}

/** @param {{ serial: string }} props */
function GroupDialog({ serial }) {
	const name = useSignal(groups.peek()[serial] ?? '');
	const known = [...new Set(Object.values(groups.value))];
	const printer = printerOf(serial)?.value;
	return html`<${Dialog} title=${t('fleet.group_of', { name: printer ? nameOf(printer) : serial })}>
		<form
			class="form"
			onSubmit=${(/** @type {Event} */ event) => {
				event.preventDefault();
				setGroup(serial, name.peek().trim());
				closeDialog();
			}}
		>
			<${Field} label=${t('fleet.group_name')} value=${name} help=${t('fleet.group_help')} />
			${known.length ? html`<div class="chips">${known.map((one) => html`<button type="button" class="filter" onClick=${() => (name.value = one)}>${one}</button>`)}</div>` : null}
			<button class="button button-main">${t('dialog.save')}</button>
		</form>
	<//>`;
}
