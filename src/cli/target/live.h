/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_LIVE_H
#define CLI_TARGET_LIVE_H

#include "cli/target/targets.h"
#include "fleet/fleet.h"
#include "fleet/service.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * What the commands share that talk to printers: a loop with a fleet of the targets, timers, and a
 * clean end on Ctrl-C. Trouble is reported on stderr with the printer's name. It lasts until
 * live_stop.
 */
#define LIVE_TIMERS 4

/* Any may be NULL but on_ready. */
struct live_handlers {
	/* The loop is about to run: start timers here. */
	void (*on_start)(void *context);
	/* Subscribed: what is sent from now on can be answered. Again after each reconnection. */
	void (*on_ready)(void *context, struct fleet_printer *printer);
	/* Well-formed, and merged into the printer's state. */
	void (*on_payload)(void *context, struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload);
	/* Its t_ms is Unix time. */
	void (*on_printer_event)(void *context, struct fleet_printer *printer,
				 const struct printer_event *event);
	void (*on_reply)(void *context, struct fleet_printer *printer, uint64_t command,
			 const struct flagship_message *message);
	void (*on_done)(void *context, struct fleet_printer *printer,
			const struct command_report *report);
	/* The connection of a printer was lost and is being made again. */
	void (*on_lost)(void *context, struct fleet_printer *printer);
	/* The broker has taken all messages to it. */
	void (*on_acknowledged)(void *context, struct fleet_printer *printer);
	/*
	 * This printer cannot be reached, which was reported. Where it is NULL the command ends
	 * with `status`; else when this was so for every printer.
	 */
	void (*on_failed)(void *context, struct fleet_printer *printer, int status);
	/* Ctrl-C: true where it means something else than the end. NULL: it is the end. */
	bool (*on_interrupt)(void *context);
	/* It ends: close handles of your own here. */
	void (*on_stop)(void *context);
};

struct live {
	uv_loop_t loop;
	struct targets *targets;
	struct fleet *fleet;
	struct service *commands; /* the way in for commands */
	const struct live_handlers *handlers;
	void *context;
	int interrupt_status; /* what Ctrl-C ends with; 130 is usual for none of its own */
	/* The messages of printers themselves are wanted, and so that a gateway has them asked. */
	bool wants_messages;
	bool stopping;
	bool interrupted; /* by Ctrl-C or SIGTERM */
	int status;
	/* Private from here on. */
	struct fleet_listener listener;
	struct live_printer *printers;
	uv_signal_t signals[2];
	uv_timer_t timers[LIVE_TIMERS];
	void (*timer_callbacks[LIVE_TIMERS])(void *context);
};

/*
 * Connects and runs until it is stopped. live: zeroed but for interrupt_status and wants_messages.
 * Returns the exit status given to live_stop, or another one after trouble that was reported.
 */
int live_run(struct live *live, struct targets *targets, const struct live_handlers *handlers,
	     void *context);

/* The first call decides the exit status. */
void live_stop(struct live *live, int status);

/* Has the printer do this; its end is reported by on_done. Where there is no memory, which is
 * reported, it is the end of all. */
void live_command(struct live *live, struct fleet_printer *printer,
		  const struct command_request *request);

/* The target that this printer was made from. */
const struct target *live_target(const struct fleet_printer *printer);

/* Its name and serial number, for people: "Left (AK7…)", or the serial number alone. */
const char *live_label(const struct fleet_printer *printer);

/* Calls back after so many milliseconds, then every `repeat_ms` unless that is 0; replaces what the
 * timer was set to. */
void live_timer_start(struct live *live, unsigned int index, int64_t after_ms, int64_t repeat_ms,
		      void (*callback)(void *context));
void live_timer_stop(struct live *live, unsigned int index);

/* Now, on the clock of the states and commands and as Unix time. */
struct printer_moment live_moment(void);

/* Milliseconds of a clock that never steps, for how long something took; it stands still while the
 * machine sleeps. */
int64_t live_monotonic_ms(const struct live *live);

/* What such a status of a command means, in words. */
const char *live_name_failure(int status);

/*
 * Reports why nothing usable was received of the printer for waited_ms, and what to check. Returns
 * CLI_NO_ANSWER; CLI_FAILED where messages came that the key does not fit; CLI_CANNOT_CONNECT.
 */
int live_explain_silence(const struct live *live, const struct fleet_printer *printer,
			 int64_t waited_ms);

#endif
