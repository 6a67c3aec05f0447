/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_MERGE_H
#define PRINTER_MERGE_H

#include "printer/state.h"

#include <flagship/message.h>

/* One payload on its way into the state. */
struct merge {
	struct printer_state *state;
	int64_t now_ms;
	struct printer_reporter reporter;
};

/* Merges one object; types that say nothing of the state are passed over. */
void merge_message(const struct merge *merge, const struct flagship_message *message);

#endif
