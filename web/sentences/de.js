// SPDX-License-Identifier: MIT

import { command } from './de/command.js';
import { doctor } from './de/doctor.js';
import { form } from './de/form.js';
import { guard } from './de/guard.js';
import { queue } from './de/queue.js';

export const de = { ...command, ...doctor, ...form, ...guard, ...queue };
