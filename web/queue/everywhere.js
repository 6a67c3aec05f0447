// SPDX-License-Identifier: MIT
// What parts/queued.js loads.

import { takeDropped } from './dropped.js';
import { Next } from './plate.js';
import { PrintDialog } from './print_dialog.js';
import { clearPlate, isRead } from './store.js';

export { clearPlate, isRead, Next, PrintDialog, takeDropped };
