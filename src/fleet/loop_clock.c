/* SPDX-License-Identifier: MIT */
#include "fleet/loop_clock.h"

#define NS_PER_MS UINT64_C(1000000)

static void synchronise(struct loop_clock *clock, const struct clock_times *now)
{
	clock->offset_ms = now->steady_ms - (int64_t)(uv_hrtime() / NS_PER_MS);
}

void loop_clock_init(struct loop_clock *clock, uv_loop_t *loop)
{
	struct clock_times now;

	*clock = (struct loop_clock){.loop = loop, .woke_ms = LOOP_CLOCK_LONG_AGO_MS};
	uv_update_time(loop);
	clock->looked_ms = uv_now(loop);
	clock_read_times(&now);
	clock_watch_init(&clock->watch, &now);
	synchronise(clock, &now);
}

void loop_clock_look(struct loop_clock *clock, uint64_t turn_ms)
{
	struct clock_times now;
	struct clock_change change;

	clock->looked_ms = turn_ms;
	clock_read_times(&now);
	if (!clock_watch_look(&clock->watch, &now, &change)) {
		return;
	}
	clock->change.stepped_ms += change.stepped_ms;
	clock->change.slept_ms += change.slept_ms;
	if (change.slept_ms > 0) {
		synchronise(clock, &now);
		clock->woke_ms = now.steady_ms;
	}
}

bool loop_clock_take_change(struct loop_clock *clock, struct clock_change *change)
{
	(void)loop_clock_now_ms(clock);
	*change = clock->change;
	clock->change = (struct clock_change){0};
	return change->stepped_ms != 0 || change->slept_ms != 0;
}
