/* SPDX-License-Identifier: MIT */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/client.h"
#include "cli/connection.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * What the commands share that talk to a printer: a loop with a client, timers, and a clean end on
 * Ctrl-C. It lasts until live_stop.
 */
#define LIVE_TIMERS 4

struct live_options {
	struct connection_options connection;
	struct key_options key;
};

#define LIVE_OPTIONS_DEFAULT                             \
	{                                                \
		.connection = CONNECTION_OPTIONS_DEFAULT \
	}

struct live_handlers {
	/* The loop is about to run: start timers here; may be NULL. */
	void (*on_start)(void *context);
	void (*on_ready)(void *context);
	void (*on_payload)(void *context, enum flagship_topic_kind kind, const uint8_t *plaintext,
			   size_t length);
	/* May be NULL. */
	void (*on_lost)(void *context);
	/* It ends: close handles of your own here; may be NULL. */
	void (*on_stop)(void *context);
};

struct live {
	uv_loop_t loop;
	struct connection connection;
	struct client *client; /* NULL before it was made and after it is gone */
	const struct live_handlers *handlers;
	void *context;
	int interrupt_status; /* what Ctrl-C ends with */
	bool ready;           /* subscribed once */
	bool stopping;
	int status;

	uv_signal_t signals[2];
	uv_timer_t timers[LIVE_TIMERS];
	void (*timer_callbacks[LIVE_TIMERS])(void *context);
};

/*
 * Connects and runs until it is stopped. live: zeroed but for interrupt_status. Returns the exit
 * status given to live_stop, or another one after trouble that was told.
 */
int live_run(struct live *live, const struct live_options *options,
	     const struct live_handlers *handlers, void *context);

/* The first call decides the exit status. */
void live_stop(struct live *live, int status);

/* Calls back after so many milliseconds, then every `repeat_ms` unless that is 0; replaces what the
 * timer was set to. */
void live_timer_start(struct live *live, unsigned int index, int64_t after_ms, int64_t repeat_ms,
		      void (*callback)(void *context));
void live_timer_stop(struct live *live, unsigned int index);

/* Unix milliseconds. */
int64_t live_now_ms(void);

/* Milliseconds of a clock that never steps. */
int64_t live_monotonic_ms(const struct live *live);

/* Asks the printer for all it knows (1027). */
bool live_send_status_query(struct live *live);

/*
 * Says why nothing usable was heard for waited_ms, and what to check. Returns CLI_NO_ANSWER;
 * CLI_FAILED where messages came that the key does not fit; CLI_CANNOT_CONNECT.
 */
int live_explain_silence(const struct live *live, int64_t waited_ms);

#endif
