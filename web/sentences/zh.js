// SPDX-License-Identifier: MIT

import { command } from './zh/command.js';
import { doctor } from './zh/doctor.js';
import { form } from './zh/form.js';
import { guard } from './zh/guard.js';
import { queue } from './zh/queue.js';

export const zh = { ...command, ...doctor, ...form, ...guard, ...queue };
