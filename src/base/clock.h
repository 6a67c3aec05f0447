/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

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

#endif
