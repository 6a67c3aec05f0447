// SPDX-License-Identifier: MIT
// What parts/queued.js loads.

import { takeDropped } from './dropped.js';
import { Next } from './plate.js';
import { PrintDialog } from './print_dialog.js';
import { isRead } from './store.js';

export { isRead, Next, PrintDialog, takeDropped };
