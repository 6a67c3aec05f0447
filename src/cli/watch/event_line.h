/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_EVENT_LINE_H
#define CLI_WATCH_EVENT_LINE_H

#include "cli/watch/exec_queue.h"
#include "printer/state/event.h"
#include "printer/state/state.h"

#include <stddef.h>

/* An event of a printer that is watched right now, as a line of JSON and as variables. */

#define EVENT_LINE_MAX (PRINTER_EVENT_JSON_MAX + 4096)

/* What is in an event beside the event itself. */
struct event_source {
	const struct printer_state *state;
	const char *name; /* of the printer, or NULL */
};

/*
 * The line of `flagship replay --events` and, at its end, "happened_at" (RFC 3339), "serial" and
 * "printer_name". No newline. EVENT_LINE_MAX bytes always suffice. Errors: BUFFER.
 */
int event_line_write(const struct printer_event *event, const struct event_source *source,
		     char *out, size_t capacity);

/* Runs the queue's command with the event in its environment (man page: EXEC). json: its line. */
void event_line_exec(struct exec_queue *queue, const struct printer_event *event,
		     const struct event_source *source, const char *json);

/* The variables that every --exec has. name: FLAGSHIP_EVENT; time_ms: Unix. */
void event_exec_state(struct exec_queue *queue, const char *name, int64_t time_ms,
		      const struct event_source *source, const char *json);

#endif
