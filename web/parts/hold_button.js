// SPDX-License-Identifier: MIT
// For what cannot be undone: it is done when it was held for a moment. From the keyboard, and for assistive programs, the first
// press asks and the second one, within seconds, does it.

import { html, useRef, useSignal } from '../html.js';
import { t } from '../text.js';
import { Icon } from './icon.js';

const HOLD_MS = 800;
const ASK_MS = 4000;

/** @param {{ label: string, icon: string, onConfirm: () => void, disabled?: boolean, short?: boolean, hint?: string, class?: string }} props hint: how it is done, and what it does, where its label does not say it all */
export function HoldButton({ label, icon, onConfirm, disabled = false, short = false, hint = '', class: extra = '' }) {
	const holding = useSignal(false);
	const asking = useSignal(false);
	const timer = useRef(0);
	const askedTimer = useRef(0);
	const held = useRef(false);

	function release() {
		clearTimeout(timer.current);
		holding.value = false;
	}

	function press(/** @type {PointerEvent} */ event) {
		if (event.button !== 0 || disabled) {
			return;
		}
		held.current = false;
		holding.value = true;
		timer.current = setTimeout(() => {
			held.current = true;
			release();
			asking.value = false;
			onConfirm();
		}, HOLD_MS);
	}

	/** A click is what a keyboard makes, and a pointer that was not held: it tells how. */
	function click() {
		if (held.current) {
			held.current = false;
		} else if (asking.value) {
			asking.value = false;
			onConfirm();
		} else {
			asking.value = true;
			clearTimeout(askedTimer.current); // of an earlier question, which was answered
			askedTimer.current = setTimeout(() => (asking.value = false), ASK_MS);
		}
	}

	const text = asking.value ? t('hold.again', { action: label }) : label;
	return html`<button
		type="button"
		class=${`button button-hold ${holding.value ? 'is-held' : ''} ${asking.value ? 'is-asking' : ''} ${extra}`}
		disabled=${disabled}
		title=${hint || t('hold.how', { action: label })}
		aria-label=${text}
		onPointerDown=${press}
		onPointerUp=${release}
		onPointerLeave=${release}
		onPointerCancel=${release}
		onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}
		onClick=${click}
	>
		<${Icon} name=${icon} size=${18} />${short && !asking.value ? null : html`<span>${text}</span>`}
	</button>`;
}
