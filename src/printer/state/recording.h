/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_RECORDING_H
#define PRINTER_STATE_RECORDING_H

#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A recording of what a printer sent: lines of JSON, each an object or an array of them, as in a
 * payload. `_t` in an object, or in the first of an array, is the time in seconds; other keys that
 * begin with an underscore are the recorder's own, and so is a line with `_event` or without any
 * commandType. A line without `_t` has the time of the one before it.
 */

/* What a recording tells of the time. */
struct recording {
	int64_t now_ms;
	bool timed;    /* a `_t` was seen */
	bool absolute; /* the last one was Unix time */
};

/* One line, read. */
struct recording_line {
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count; /* 0: nothing for a printer's state */
	bool has_time;
	int64_t time_ms;
	size_t error_offset; /* after an error: the byte of the line that it is about */
};

/*
 * Reads one line, with or without its newline; messages point into it. An empty line is nothing.
 * Errors: those of flagship_payload_read.
 */
int recording_read(struct recording_line *read, const char *line, size_t length);

void recording_init(struct recording *recording);

/*
 * Reads one line and merges it into the state; tells offline where the times of an M5C say so.
 * *error_offset is set after an error. Errors: as recording_read, after which nothing has changed
 * but state->malformed.
 */
int recording_feed(struct recording *recording, struct printer_state *state, const char *line,
		   size_t length, printer_event_handler *handler, void *context,
		   size_t *error_offset);

#endif
