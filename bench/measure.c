/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <time.h>

#define SLICES   400
#define REPEATS  1000
#define NS_PER_S 1e9

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * NS_PER_S + (double)now.tv_nsec;
}

static double slice_ns(struct measured what)
{
	double start = now_ns();

	for (int i = 0; i < REPEATS; i++) {
		what.work(what.context);
	}
	return (now_ns() - start) / REPEATS;
}

double measure_ratio(struct measured work, struct measured baseline, double *work_ns)
{
	double work_least = slice_ns(work);
	double baseline_least = slice_ns(baseline);

	for (int i = 1; i < SLICES; i++) {
		double work_now = slice_ns(work);
		double baseline_now = slice_ns(baseline);

		work_least = work_now < work_least ? work_now : work_least;
		baseline_least = baseline_now < baseline_least ? baseline_now : baseline_least;
	}
	if (work_ns) {
		*work_ns = work_least;
	}
	return work_least / baseline_least;
}
