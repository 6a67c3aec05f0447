/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* One piece of work, done over and over. */
struct measured {
	void (*work)(void *context);
	void *context;
};

/*
 * Runs slices of work and of baseline in turn and returns the ratio of the least that a piece of
 * each took: what more it took at other times was the machine's doing. *work_ns, which may be NULL:
 * of work, nanoseconds.
 */
double measure_ratio(struct measured work, struct measured baseline, double *work_ns);

#endif
