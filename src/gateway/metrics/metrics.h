/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_METRICS_METRICS_H
#define GATEWAY_METRICS_METRICS_H

#include "gateway/metrics/format.h"
#include "printer/command/command.h"
#include "printer/state/moment.h"
#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What /metrics answers: all printers and the gateway itself as Prometheus reads them. Pure: the
 * caller gives states, counters and the time. docs/metrics.md lists the names.
 *
 * A value that is not known has no series: never 0 in its place, never NaN. A printer that is
 * offline keeps what does not go stale: that it is known, that it is offline, and since when.
 */

/* Series of one printer, at most; a test holds the tables to it. */
#define METRICS_PRINTER_SERIES_MAX 40

/* Borrowed while metrics_write runs. No two may have the same serial. */
struct metrics_printer {
	const char *serial;
	const char *name;    /* "" where it has none */
	const char *account; /* NULL: not shown */
	bool online;
	const struct printer_state *state;
};

/* Who has a connection to the gateway. */
enum metrics_client {
	METRICS_CLIENT_HTTP,
	METRICS_CLIENT_WEBSOCKET,
	METRICS_CLIENT_EVENT_STREAM,
	METRICS_CLIENT_MOONRAKER,
	METRICS_CLIENT_OCTOPRINT,
	METRICS_CLIENTS,
};

#define METRICS_COMMAND_OUTCOMES (COMMAND_FAILED + 1)

/* Of the gateway since it started. PRINTER_NEVER where a value cannot be had. */
struct metrics_gateway {
	const char *version; /* FLAGSHIP_VERSION */
	int64_t uptime_ms;
	int64_t sessions;           /* MQTT sessions that are to be up: one a login and broker */
	int64_t sessions_connected; /* that are */
	int64_t connections[METRICS_CLIENTS];
	int64_t messages_received;
	int64_t messages_rejected; /* of those: frames and payloads that were refused */
	int64_t commands[METRICS_COMMAND_OUTCOMES];
	int64_t history_dropped; /* records that could not be kept */
	int64_t resident_bytes;
	int64_t cpu_ms; /* user and system */
	int64_t open_files;
	int64_t open_files_max;
};

/* All of it PRINTER_NEVER, and no version: a caller that does not know a value leaves it. */
void metrics_gateway_init(struct metrics_gateway *gateway);

struct metrics_input {
	const struct metrics_printer *printers;
	size_t count;
	const struct metrics_gateway *gateway; /* NULL: printers alone */
	struct printer_moment now;
};

/* Takes the next piece of the answer, some 16 KB. 0, or a negative error, which ends the writing.
 */
typedef int metrics_sink(void *context, const char *data, size_t length);

/* Writes the whole answer. Errors: MEMORY; those of the sink. */
int metrics_write(const struct metrics_input *input, enum metrics_format format, metrics_sink *sink,
		  void *context) __attribute__((warn_unused_result));

/* A sink that keeps all in one piece of memory. Zeroed at first; not NUL-terminated. */
struct metrics_buffer {
	char *data;
	size_t length;
	size_t capacity;
};

int metrics_buffer_add(void *buffer, const char *data, size_t length)
	__attribute__((warn_unused_result));
void metrics_buffer_finish(struct metrics_buffer *buffer);

#endif
