/* SPDX-License-Identifier: MIT */
#ifndef FLEET_LOOP_CLOCK_H
#define FLEET_LOOP_CLOCK_H

#include "base/clock.h"

#include <stdint.h>
#include <uv.h>

#define LOOP_CLOCK_LONG_AGO_MS (INT64_MIN / 2)

/*
 * The steady clock (base/clock.h) as it stood when the present turn of a loop began: libuv's, whose
 * timers stand still while the machine sleeps, and the time that it slept.
 */
struct loop_clock {
	uv_loop_t *loop;
	struct clock_watch watch;
	struct clock_change change; /* not taken yet */
	int64_t offset_ms;          /* the steady clock less the loop's */
	int64_t woke_ms;            /* when the last sleep was noticed; long ago where none was */
	uint64_t looked_ms;         /* the turn in which the clocks were read last */
};

void loop_clock_init(struct loop_clock *clock, uv_loop_t *loop);

/* What loop_clock_now_ms does in a new turn: reads the clocks. */
void loop_clock_look(struct loop_clock *clock, uint64_t turn_ms);

/* The clocks are read once a turn; each message asks. */
static inline int64_t loop_clock_now_ms(struct loop_clock *clock)
{
	uint64_t turn_ms = uv_now(clock->loop);

	if (turn_ms != clock->looked_ms) {
		loop_clock_look(clock, turn_ms);
	}
	return (int64_t)turn_ms + clock->offset_ms;
}

/* Whether the wall clock was set, or the machine was asleep, since this was last asked. */
bool loop_clock_take_change(struct loop_clock *clock, struct clock_change *change);

#endif
