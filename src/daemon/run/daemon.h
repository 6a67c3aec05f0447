/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_DAEMON_H
#define DAEMON_RUN_DAEMON_H

#include "daemon/log/log.h"
#include "daemon/run/notify.h"
#include "daemon/run/parent.h"

#include <stdbool.h>
#include <uv.h>

/*
 * The skeleton of a server: one loop, the signals that end it or have it read its settings again,
 * and parts that end one after the other, the last one that was added first, within a deadline.
 */
struct daemon;

struct daemon_part {
	const char *name; /* for the log */
	/* Begins to end it; daemon_part_ended is due once, from inside it or later. */
	void (*stop)(void *context);
	void *context;
	bool outlasts; /* waited for beyond the deadline: a child, which would stay behind */
	struct daemon_part *next;
	bool ended;
};

struct daemon_options {
	struct log *log;
	const char *name;              /* of the server, as a part of the log */
	unsigned int stop_ms;          /* the deadline; 0: 2000 */
	void (*reload)(void *context); /* SIGHUP; NULL: it is ignored */
	void *context;
};

#define DAEMON_SIGNALS 3

struct daemon {
	uv_loop_t loop;
	struct daemon_options options;
	uv_signal_t signals[DAEMON_SIGNALS];
	uv_timer_t deadline;
	uv_timer_t log_timer;
	uv_timer_t watchdog;
	uv_timer_t started;
	struct notify notify;
	struct parent parent;
	uv_work_t first_work;
	struct daemon_part *parts; /* the last added first */
	bool stopping;
	bool broken_off;
	int status;
};

/* SIGINT, SIGTERM and SIGHUP are caught, SIGPIPE is ignored. Errors: MEMORY. */
int daemon_init(struct daemon *daemon, const struct daemon_options *options);

/* Everything runs: told to the service manager, with a line for people, which has no line break,
 * and to the program that started this one. */
void daemon_ready(struct daemon *daemon, const char *status);

/* A part that runs from now on; the caller's memory until it has ended. */
void daemon_add(struct daemon *daemon, struct daemon_part *part);
void daemon_part_ended(struct daemon *daemon, struct daemon_part *part);

/* Ends the parts, and then daemon_run, with this status. Only the first call counts. */
void daemon_stop(struct daemon *daemon, int status);

/* The same where this process goes on as another program: the service manager, which would kill
 * after a while what said that it ends, hears nothing of it. */
void daemon_stop_to_begin_anew(struct daemon *daemon);

/* Runs until everything has ended or the deadline is over; then a thread may still be at work that
 * cannot be ended (a name server that does not answer), and the process is to be left by _exit.
 * Returns the status of daemon_stop. */
int daemon_run(struct daemon *daemon, bool *broken_off);

/* Once daemon_run has returned, and nothing was broken off. The signals that end a server are
 * ignored from now on. */
void daemon_finish(struct daemon *daemon);

#endif
