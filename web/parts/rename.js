// SPDX-License-Identifier: MIT
// The dialog that gives a printer another name: loaded when it is wanted.

import { html, useComputed, useEffect, useRef, useSignal } from '../html.js';
import { actions, command } from '../actions.js';
import { nameOf } from '../condition.js';
import { printerOf } from '../live.js';
import { closeDialog } from '../router.js';
import { t } from '../text/rename/texts.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Outcome } from './outcome.js';

/** What the gateway takes. */
const BYTES_MAX = 64;

/** @param {{ serial: string }} props */
export function RenameDialog({ serial }) {
	const printer = printerOf(serial)?.value;
	return printer ? html`<${Asking} serial=${serial} before=${nameOf(printer)} />` : null;
}

/** Open until the printer took it: the outcome is shown behind it then. @param {{ serial: string, before: string }} props */
function Asking({ serial, before }) {
	const title = useRef(before);
	const since = useRef(Date.now());
	const name = useSignal(before);
	const last = useComputed(() => actions.value.find((action) => action.peek().serial === serial && action.peek().name === 'rename' && action.peek().at >= since.current));
	const state = useComputed(() => last.value?.value.state ?? '');
	const isLong = useComputed(() => new TextEncoder().encode(name.value.trim()).length > BYTES_MAX);
	useEffect(() => {
		if (state.value === 'confirmed' || state.value === 'accepted') {
			closeDialog();
		}
	}, [state.value]);
	/** @param {Event} event */
	function rename(event) {
		event.preventDefault();
		if (name.peek().trim() && !isLong.peek() && state.peek() !== 'running') {
			command(serial, { command: 'rename', name: name.peek().trim() });
		}
	}
	return html`<${Dialog} title=${t('rename.of', { name: title.current })}>
		<form class="form" onSubmit=${rename}>
			<${Field} label=${t('rename.name')} value=${name} help=${t('rename.help')} required autofocus autocomplete="off" />
			<p class="fault" role="alert">${isLong.value ? t('rename.long') : ''}</p>
			${last.value ? html`<${Outcome} key=${last.value.peek().id} action=${last.value} />` : null}
			<button class="button button-main" disabled=${isLong.value || state.value === 'running'}>${t('command.rename')}</button>
		</form>
	<//>`;
}
