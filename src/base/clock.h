/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The clocks, and the only place that reads them (tests/blackbox/test_clock_rule.py).
 *
 * steady  counts since the machine was started, also while it sleeps. No correction moves it, so
 *         ages and deadlines go by it. It begins anew with each start of the machine.
 * awake   likewise, but stands still while the machine sleeps, as the timers of libuv do.
 * Unix    is the one on the wall. It is corrected now and then, by years where a machine starts
 *         without a clock that runs on. It is read when something is shown or stored, or compared
 *         with a date that somebody else wrote.
 *
 * Where a system has one clock for steady and awake, sleep goes unnoticed there.
 */
#define CLOCK_BOOT_SIZE (36 + 1) /* a UUID */

/* 2026-01-01: on the wall, a clock before that is one that was not set yet. */
#define CLOCK_FLOOR_S INT64_C(1767225600)

struct clock_reading {
	int64_t wall_s; /* Unix seconds */
	int64_t steady_s;
	char boot[CLOCK_BOOT_SIZE]; /* which start of the machine; "" where that is not known */
};

int64_t clock_steady_ms(void);
int64_t clock_steady_s(void);
int64_t clock_unix_ms(void);
int64_t clock_unix_s(void);

/* For how long a piece of work took; awake, and of no other use. */
uint64_t clock_stopwatch_ns(void);

/* All of one moment. */
struct clock_times {
	int64_t steady_ms;
	int64_t awake_ms;
	int64_t unix_ms;
};

void clock_read_times(struct clock_times *now);

/* For what outlives the process: wall and steady clock, and the start that the latter counts from.
 */
void clock_read(struct clock_reading *now);

/*
 * Notices that the wall clock was set, and that the machine was asleep, by comparing what the
 * clocks say with what they said before. Pure: readings are passed in, best every second or so.
 * A clock that is corrected bit by bit (NTP, at most 0.5 ms a second) is no step.
 */
#define CLOCK_STEP_MS  1000 /* the wall clock was set where it moved by more */
#define CLOCK_SLEEP_MS 100  /* asleep: likewise. What is less is the rounding of two readings */

struct clock_watch {
	int64_t unix_offset_ms; /* Unix time less the steady clock, as last seen */
	int64_t asleep_ms;      /* steady less awake */
};

struct clock_change {
	int64_t stepped_ms; /* the wall clock was put forward by so much, or back; else 0 */
	int64_t slept_ms;   /* since the look before; else 0 */
};

void clock_watch_init(struct clock_watch *watch, const struct clock_times *now);

/* Whether there was a change since the look before. */
bool clock_watch_look(struct clock_watch *watch, const struct clock_times *now,
		      struct clock_change *change);

#endif
