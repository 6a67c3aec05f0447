// SPDX-License-Identifier: MIT

import { command } from './es/command.js';
import { doctor } from './es/doctor.js';
import { form } from './es/form.js';
import { guard } from './es/guard.js';
import { queue } from './es/queue.js';

export const es = { ...command, ...doctor, ...form, ...guard, ...queue };
