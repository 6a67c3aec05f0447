// SPDX-License-Identifier: MIT
// A file name that breaks where its words end.

import { html } from '../html.js';

/** @param {string} name */
export const breakable = (name) => name.split(/(?<=[_.-])/).map((word, at) => (at ? html`<wbr />${word}` : word));
