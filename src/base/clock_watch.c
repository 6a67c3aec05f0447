/* SPDX-License-Identifier: MIT */
#include "base/clock_watch.h"

void clock_watch_init(struct clock_watch *watch, const struct clock_times *now)
{
	watch->unix_offset_ms = now->unix_ms - now->steady_ms;
	watch->asleep_ms = now->steady_ms - now->awake_ms;
}

bool clock_watch_look(struct clock_watch *watch, const struct clock_times *now,
		      struct clock_change *change)
{
	struct clock_watch seen;

	clock_watch_init(&seen, now);
	int64_t stepped_ms = seen.unix_offset_ms - watch->unix_offset_ms;
	int64_t slept_ms = seen.asleep_ms - watch->asleep_ms;

	*change = (struct clock_change){0};
	if (stepped_ms > CLOCK_STEP_MS || stepped_ms < -CLOCK_STEP_MS) {
		change->stepped_ms = stepped_ms;
	}
	watch->unix_offset_ms = seen.unix_offset_ms;
	/* Kept until it counts, so that naps add up. */
	if (slept_ms > CLOCK_SLEEP_MS) {
		change->slept_ms = slept_ms;
		watch->asleep_ms = seen.asleep_ms;
	}
	return change->stepped_ms != 0 || change->slept_ms != 0;
}
