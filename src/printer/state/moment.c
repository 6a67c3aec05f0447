/* SPDX-License-Identifier: MIT */
#include "printer/state/moment.h"

#include "printer/state/parts.h"

#include <stdint.h>

int64_t units_time_since(int64_t now_ms, int64_t then_ms)
{
	if (then_ms < 0 && now_ms > INT64_MAX + then_ms) {
		return INT64_MAX;
	}
	if (then_ms > 0 && now_ms < INT64_MIN + then_ms) {
		return INT64_MIN;
	}
	return now_ms - then_ms;
}

int64_t moment_unix_ms(const struct printer_moment *moment, int64_t time_ms)
{
	if (time_ms == PRINTER_NEVER || moment->unix_ms == PRINTER_NEVER) {
		return PRINTER_NEVER;
	}
	return units_time_since(moment->unix_ms, units_time_since(moment->now_ms, time_ms));
}
