// SPDX-License-Identifier: MIT
// Texts of a part that is loaded when it is wanted: they come with it.

import { addTexts } from '../../text.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { zh } from './zh.js';

addTexts({ de, en, es, fr, zh });

export { t } from '../../text.js';
