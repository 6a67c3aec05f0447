// SPDX-License-Identifier: MIT
// What parts/queued.js loads.

import { takeDropped } from './dropped.js';
import { Next } from './plate.js';
import { PrintDialog } from './print_dialog.js';

export { Next, PrintDialog, takeDropped };
