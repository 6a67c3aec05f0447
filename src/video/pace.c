/* SPDX-License-Identifier: MIT */
#include "video/pace.h"
#include "video/mp4.h"

#define TICKS_PER_MS   (MP4_TIMESCALE / 1000)
#define PERIOD_FIRST   (MP4_TIMESCALE / 25)
#define PERIOD_LEAST   (MP4_TIMESCALE / 120)
#define DURATION_LEAST (MP4_TIMESCALE / 30)
#define PERIOD_MOST    (10 * (int64_t)MP4_TIMESCALE)
#define PERIODS_MANY   16 /* that a rate is taken from */
#define OUTLIER        4  /* times as long as usual; what is longer is no rate, but a gap */
#define APPROACH       8  /* of what a picture came too early or late, that part is in its time */
#define GAP            MP4_TIMESCALE

static int64_t between(int64_t least, int64_t value, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static void learn_period(struct pace *pace, uint64_t now_ms)
{
	int64_t came = (int64_t)(now_ms - pace->last_ms) * TICKS_PER_MS;
	int64_t seen = between(0, came, OUTLIER * pace->period);

	if (pace->count < PERIODS_MANY) {
		pace->count++; /* the first guess counts for one */
	}
	pace->period += (seen - pace->period) / (int64_t)pace->count;
	pace->period = between(PERIOD_LEAST, pace->period, PERIOD_MOST);
}

uint64_t pace_next(struct pace *pace, uint64_t now_ms, bool key)
{
	if (!pace->begun) {
		*pace = (struct pace){.begun = true,
				      .first_ms = now_ms,
				      .last_ms = now_ms,
				      .period = PERIOD_FIRST,
				      .count = 1,
				      .duration = PERIOD_FIRST};
		return 0;
	}
	int64_t came = (int64_t)(now_ms - pace->first_ms) * TICKS_PER_MS;
	int64_t late = came - pace->time - pace->period;

	if (key && late > GAP) {
		pace->time = came;
	} else {
		learn_period(pace, now_ms);
		late = came - pace->time - pace->period;
		pace->time += between(pace->period / 2, pace->period + late / APPROACH,
				      2 * (int64_t)pace->duration - 1);
	}
	pace->last_ms = now_ms;
	pace->duration = (uint32_t)between(DURATION_LEAST, pace->period, PERIOD_MOST);
	return (uint64_t)pace->time;
}
