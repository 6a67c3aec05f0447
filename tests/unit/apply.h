/* SPDX-License-Identifier: MIT */
/* A state that took a plaintext, as the fleet reads and merges it. */
#ifndef FLAGSHIP_TEST_APPLY_H
#define FLAGSHIP_TEST_APPLY_H

#include "printer/state/state.h"

#include <string.h>

/* Read to its end before anything is merged. Errors: those of flagship_payload_read. */
static inline int apply_json(struct printer_state *state, const char *json, int64_t now_ms,
			     printer_event_handler *handler, void *context)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(json, strlen(json), messages,
					  FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count);

	if (!error) {
		printer_state_merge(state, messages, count, now_ms, handler, context);
	}
	return error;
}

#endif
