/* SPDX-License-Identifier: MIT */
#include "cli/output/time_text.h"

#include <stdio.h>
#include <time.h>

#define MS_PER_S  1000
#define YEAR_BASE 1900
#define YEAR_MAX  9999

const char *time_text_write(int64_t unix_ms, char out[TIME_TEXT_MAX])
{
	struct tm utc;
	time_t seconds = (time_t)(unix_ms / MS_PER_S);

	if (unix_ms < 0 || gmtime_r(&seconds, &utc) == NULL || utc.tm_year > YEAR_MAX - YEAR_BASE) {
		return NULL;
	}
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + YEAR_BASE,
		 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
		 (int)(unix_ms % MS_PER_S));
	return out;
}
