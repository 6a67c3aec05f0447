// SPDX-License-Identifier: MIT
// Cards are put in another order by dragging them. A card's link fills it, and links are dragged by themselves.

const MARKS = ['is-dragged', 'drop-before', 'drop-behind'];

/** @param {Event} event */
function cardOf(event) {
	const card = event.target instanceof Element ? event.target.closest('.card') : null;
	return card instanceof HTMLElement ? card : null;
}

function unmark() {
	for (const card of document.querySelectorAll('.card')) {
		card.classList.remove(...MARKS);
	}
}

/** Whether the pointer is in the half of a card that is nearer to what follows: to the right of it, or below. @param {DragEvent} event @param {HTMLElement} card */
function isBehind(event, card) {
	const { left, top, width, height } = card.getBoundingClientRect();
	return (event.clientX - left) / width + (event.clientY - top) / height > 1;
}

/** Handlers of what holds the cards. @param {(serial: string, other: string, isBehind: boolean) => void} put */
export function dragOrder(put) {
	let dragged = '';
	return {
		/** @param {DragEvent} event */
		onDragStart(event) {
			const card = cardOf(event);
			dragged = card?.dataset.serial ?? '';
			card?.classList.add('is-dragged');
		},
		/** @param {DragEvent} event */
		onDragOver(event) {
			const card = cardOf(event);
			if (dragged && card) {
				event.preventDefault();
				unmark();
				card.classList.add(card.dataset.serial === dragged ? 'is-dragged' : isBehind(event, card) ? 'drop-behind' : 'drop-before');
			}
		},
		/** @param {DragEvent} event */
		onDrop(event) {
			const card = cardOf(event);
			if (dragged && card) {
				event.preventDefault();
				put(dragged, card.dataset.serial ?? '', isBehind(event, card));
			}
			unmark();
			dragged = '';
		},
		onDragEnd() {
			unmark();
			dragged = '';
		},
	};
}
