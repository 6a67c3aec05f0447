// SPDX-License-Identifier: MIT

import { command } from './fr/command.js';
import { doctor } from './fr/doctor.js';
import { form } from './fr/form.js';
import { guard } from './fr/guard.js';
import { queue } from './fr/queue.js';

export const fr = { ...command, ...doctor, ...form, ...guard, ...queue };
