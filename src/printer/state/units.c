/* SPDX-License-Identifier: MIT */
#include "printer/state/units.h"

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
