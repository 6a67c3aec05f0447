// SPDX-License-Identifier: MIT
// A button with more to choose from.

import { html, useLayoutEffect, useRef, useSignal } from '../html.js';
import { Icon } from './icon.js';

const GAP = 4;

/**
 * @param {{ label: string, items: ({ label: string, icon?: string, run: () => void } | null | false)[], icon?: string, class?: string }} props
 */
export function Menu({ label, items, icon = 'more', class: extra = '' }) {
	const isOpen = useSignal(false);
	/** What many never open is made when it is. */
	const isMade = useSignal(false);
	const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	const shown = items.filter((item) => item !== null && item !== false);

	/** In the top layer, so that no card cuts it off. */
	function place() {
		const menu = list.current;
		const from = button.current?.getBoundingClientRect();
		if (menu && from) {
			const { width, height } = menu.getBoundingClientRect();
			const top = from.bottom + GAP + height > innerHeight ? from.top - GAP - height : from.bottom + GAP;
			menu.style.left = `${Math.max(GAP, Math.min(from.right - width, innerWidth - width - GAP))}px`;
			menu.style.top = `${Math.max(GAP, top)}px`;
		}
	}

	function toggle() {
		if (isMade.peek()) {
			list.current?.togglePopover();
		}
		isMade.value = true;
	}

	useLayoutEffect(() => {
		if (isMade.value) {
			list.current?.showPopover();
		}
	}, [isMade.value]);

	/** @param {any} event */
	function toggled(event) {
		isOpen.value = event.newState === 'open';
		if (isOpen.value) {
			place();
			list.current?.querySelector('button')?.focus();
		}
	}

	/** @param {KeyboardEvent} event */
	function move(event) {
		const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
		const at = buttons.findIndex((one) => one === document.activeElement);
		const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
		if (next !== undefined) {
			event.preventDefault();
			buttons[(next + buttons.length) % buttons.length]?.focus();
		} else if (event.key === 'Tab') {
			list.current?.hidePopover();
		}
	}

	return html`<span class="menu">
		<button type="button" ref=${button} class=${`button-icon ${extra}`} aria-label=${label} aria-haspopup="menu" aria-expanded=${isOpen.value} onClick=${toggle}>
			<${Icon} name=${icon} />
		</button>
		${isMade.value
			? html`<div ref=${list} popover="auto" class="menu-list" role="menu" aria-label=${label} onToggle=${toggled} onKeyDown=${move}>
					${shown.map(
						(item) => html`<button
							type="button"
							role="menuitem"
							class="menu-item"
							onClick=${() => {
								list.current?.hidePopover();
								button.current?.focus();
								item.run();
							}}
						>
							${item.icon ? html`<${Icon} name=${item.icon} size=${18} />` : null}<span>${item.label}</span>
						</button>`,
					)}
				</div>`
			: null}
	</span>`;
}
