/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_WAIT_CONDITION_H
#define CLI_WATCH_WAIT_CONDITION_H

#include "printer/state/event.h"
#include "printer/state/state.h"

#include <stdbool.h>
#include <stdint.h>

/* What `flagship wait` waits for. Pure: no clock, no I/O but telling of a mistake. */
enum wait_kind {
	WAIT_FINISHED,
	WAIT_STOPPED,
	WAIT_PAUSED,
	WAIT_PRINTING,
	WAIT_IDLE,
	WAIT_ERROR,
	WAIT_ONLINE,
	WAIT_OFFLINE,
	WAIT_TEMPERATURE, /* what is heated has reached its target */
	WAIT_NOZZLE,
	WAIT_BED,
	WAIT_PROGRESS,
	WAIT_LAYER,
};

enum wait_relation {
	WAIT_REACHED, /* no value: the target of the part */
	WAIT_NEAR,    /* NAME=VALUE; of progress and layers at least */
	WAIT_AT_LEAST,
	WAIT_AT_MOST,
};

struct wait_condition {
	const char *text; /* as it was typed */
	const char *name; /* "nozzle" */
	enum wait_kind kind;
	enum wait_relation relation;
	int64_t value; /* 0.01 °C, 0.01 %, layers */
};

/* What the state alone does not tell. */
struct wait_history {
	bool job_seen; /* one was under way since it is watched */
	bool finished; /* its end was reported */
	bool stopped;
	int64_t over_since_ms; /* the state says that it is over; 0: it does not */
};

enum wait_verdict {
	WAIT_OPEN,
	WAIT_HOLDS,
	WAIT_IMPOSSIBLE, /* it will not come true any more */
};

/* How long the verdict on a job may come after its end. */
#define WAIT_VERDICT_MS INT64_C(15000)

/* False, told on stderr, where it is none. */
bool wait_condition_read(const char *text, struct wait_condition *condition);

void wait_history_event(struct wait_history *history, const struct printer_event *event);
void wait_history_state(struct wait_history *history, const struct printer_state *state,
			int64_t now_ms);

/* *reason: why it is impossible, as the end of a sentence; else NULL. */
enum wait_verdict wait_condition_check(const struct wait_condition *condition,
				       const struct printer_state *state,
				       const struct wait_history *history, int64_t now_ms,
				       const char **reason);

#endif
