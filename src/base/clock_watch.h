/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_WATCH_H
#define BASE_CLOCK_WATCH_H

#include "base/clock.h"

#include <stdbool.h>

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
