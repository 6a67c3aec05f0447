/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_MERGE_H
#define PRINTER_STATE_MERGE_H

#include "printer/state/state.h"

#include <flagship/message.h>

/* subType of 1000 (protocol.md 3.1 and 3.8). */
#define SUB_TYPE_JOB_STATE 1
#define SUB_TYPE_BOARD     2
#define SUB_TYPE_AI        3

/* One payload on its way into the state. */
struct merge {
	struct printer_state *state;
	int64_t now_ms;
	struct printer_reporter reporter;
};

/* Merges one object; types that say nothing of the state are passed over. */
void merge_message(const struct merge *merge, const struct flagship_message *message);

#endif
