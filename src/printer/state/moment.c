/* SPDX-License-Identifier: MIT */
#include "printer/state/moment.h"

#include "printer/state/parts.h"

#include <stdint.h>

int64_t moment_unix_ms(const struct printer_moment *moment, int64_t time_ms)
{
	if (time_ms == PRINTER_NEVER || moment->unix_ms == PRINTER_NEVER) {
		return PRINTER_NEVER;
	}
	return units_time_since(moment->unix_ms, units_time_since(moment->now_ms, time_ms));
}
