/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdlib.h>
#include <time.h>

#define MEASURE_RUNS    15
#define MEASURE_ROUNDS  20
#define MEASURE_REPEATS 2000
#define NS_PER_S        1e9

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * NS_PER_S + (double)now.tv_nsec;
}

static double time_repeats(struct measured what)
{
	double start = now_ns();

	for (int i = 0; i < MEASURE_REPEATS; i++) {
		what.work(what.context);
	}
	return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double values[MEASURE_RUNS])
{
	qsort(values, MEASURE_RUNS, sizeof(values[0]), compare);
	return values[MEASURE_RUNS / 2];
}

double measure_ratio(struct measured work, struct measured baseline, double *work_ns)
{
	double ratios[MEASURE_RUNS];
	double times[MEASURE_RUNS];

	for (int run = 0; run < MEASURE_RUNS; run++) {
		double work_time = 0;
		double baseline_time = 0;
		for (int round = 0; round < MEASURE_ROUNDS; round++) {
			work_time += time_repeats(work);
			baseline_time += time_repeats(baseline);
		}
		ratios[run] = work_time / baseline_time;
		times[run] = work_time / ((double)MEASURE_ROUNDS * MEASURE_REPEATS);
	}
	if (work_ns) {
		*work_ns = median(times);
	}
	return median(ratios);
}
