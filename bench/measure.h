/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* One piece of work, done over and over. */
struct measured {
	void (*work)(void *context);
	void *context;
};

/*
 * Runs work and baseline in turn, so that both see the same machine, MEASURE_RUNS times; returns
 * the median of the runs' ratios work / baseline. *work_ns, which may be NULL: the median time of
 * one piece of work.
 */
double measure_ratio(struct measured work, struct measured baseline, double *work_ns);

#endif
