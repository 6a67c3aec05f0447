/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * Two clocks. That on the wall is corrected now and then, by years where a machine starts without
 * one that runs on; the steady one counts since the machine was started, also while it sleeps, and
 * begins anew then, so that it means something only together with what tells starts apart.
 */
#define CLOCK_BOOT_SIZE (36 + 1) /* a UUID */

/* 2026-01-01: on the wall, a clock before that is one that was not set yet. */
#define CLOCK_FLOOR_S INT64_C(1767225600)

struct clock_reading {
	int64_t wall_s; /* Unix seconds */
	int64_t steady_s;
	char boot[CLOCK_BOOT_SIZE]; /* which start of the machine; "" where it does not tell */
};

/* For durations within one process. */
int64_t clock_steady_s(void);

void clock_read(struct clock_reading *now);

#endif
