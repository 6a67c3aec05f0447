/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_STATE_HEARD_H
#define CLI_WATCH_STATE_HEARD_H

#include "printer/state/state.h"

#include <stdbool.h>

/*
 * How much of a printer's state was heard. The answer to 1027 may come in one message or in many,
 * and nothing says which is the last.
 */

/* What its job is doing, and the temperatures where the model has them. */
bool state_has_essentials(const struct printer_state *state);

/* It prints, and its progress is not known: an M5 tells it with the next notice. */
bool state_lacks_progress(const struct printer_state *state);

/* All that an answer can hold. */
bool state_has_everything(const struct printer_state *state);

#endif
