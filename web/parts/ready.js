// SPDX-License-Identifier: MIT
// What would move a view when it comes later is waited for, a moment at most: nobody waits for a gateway that is far away.

import { useEffect, useRef, useSignal } from '../html.js';

const PATIENCE_MS = 500;

/** Whether a view can be shown: it knows what it is of, or that was waited for long enough; from then on it is. @param {boolean} isKnown */
export function useReady(isKnown) {
	const isLate = useSignal(false);
	const isReady = useRef(false);
	useEffect(() => {
		const timer = setTimeout(() => (isLate.value = true), PATIENCE_MS);
		return () => clearTimeout(timer);
	}, []);
	isReady.current ||= isKnown || isLate.value;
	return isReady.current;
}
