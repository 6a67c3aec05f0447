/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_MOMENT_H
#define PRINTER_STATE_MOMENT_H

#include <stdint.h>

/* now_ms - then_ms, without overflow. */
static inline int64_t units_time_since(int64_t now_ms, int64_t then_ms)
{
	if (then_ms < 0 && now_ms > INT64_MAX + then_ms) {
		return INT64_MAX;
	}
	if (then_ms > 0 && now_ms < INT64_MIN + then_ms) {
		return INT64_MIN;
	}
	return now_ms - then_ms;
}

/*
 * A state counts on the clock of whoever feeds it: a steady one, so that a wall clock that is set
 * makes no age wrong, or that of a recording. Here the wall clock comes in, where times are shown.
 */
struct printer_moment {
	int64_t now_ms;  /* on the state's clock */
	int64_t unix_ms; /* the same moment as Unix time; PRINTER_NEVER where that is not known */
};

/* A time of the state as Unix time; PRINTER_NEVER where it has none. */
int64_t moment_unix_ms(const struct printer_moment *moment, int64_t time_ms);

#endif
