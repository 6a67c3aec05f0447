// SPDX-License-Identifier: MIT
// What components are written with. Text that is put into html`` becomes a text node, whatever is in it.

import htm from 'htm';
import { h } from 'preact';

export { Fragment, render } from 'preact';
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';

export const html = htm.bind(h);
