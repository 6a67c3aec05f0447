/* SPDX-License-Identifier: MIT */
#include "base/time/time_text.h"

#include <string.h>
#include <time.h>

/* Times as people and programs write them. */

#define DECIMAL       10
#define NUMBER_DIGITS 12
#define MS_PER_S      INT64_C(1000)
#define MINUTE_S      INT64_C(60)
#define HOUR_S        INT64_C(3600)
#define DAY_S         INT64_C(86400)
#define WEEK_S        (7 * DAY_S)
/* Some 3,000 years: nobody means more, and a time it is added to is one still. */
#define DURATION_MAX_MS (100000000000 * MS_PER_S)
#define YEAR_FIRST      1970
#define YEAR_BASE       1900
#define MONTHS          12
#define DAYS_MAX        31
#define HOURS           24
#define SIXTY           60
#define ZONE_HOURS      14

/* The digits at *at, from `least` to `most` of them; false where there are others. */
static bool read_digits(const char **at, size_t least, size_t most, int64_t *number)
{
	size_t count = 0;

	*number = 0;
	while (count < most && **at >= '0' && **at <= '9') {
		*number = *number * DECIMAL + (*(*at)++ - '0');
		count++;
	}
	return count >= least;
}

static bool read_character(const char **at, char character)
{
	if (**at != character) {
		return false;
	}
	(*at)++;
	return true;
}

/* Two digits after `before`, less than `end`. */
static bool read_pair(const char **at, char before, int64_t end, int *number)
{
	int64_t value;

	if (!read_character(at, before) || !read_digits(at, 2, 2, &value) || value >= end) {
		return false;
	}
	*number = (int)value;
	return true;
}

static bool read_fraction(const char **at, int64_t *ms)
{
	int64_t scale = MS_PER_S;
	size_t count = 0;

	*ms = 0;
	if (!read_character(at, '.')) {
		return true;
	}
	for (; **at >= '0' && **at <= '9'; (*at)++, count++) {
		scale /= DECIMAL;
		*ms += (**at - '0') * scale;
	}
	return count > 0;
}

static bool read_zone(const char **at, bool *is_given, int64_t *offset_s)
{
	char sign = **at;
	int hours;
	int minutes;

	*is_given = true;
	*offset_s = 0;
	if (read_character(at, 'Z') || read_character(at, 'z')) {
		return true;
	}
	if (sign != '+' && sign != '-') {
		*is_given = false;
		return true;
	}
	if (!read_pair(at, sign, ZONE_HOURS + 1, &hours) || !read_pair(at, ':', SIXTY, &minutes)) {
		return false;
	}
	*offset_s = (sign == '-' ? -1 : 1) * (hours * HOUR_S + minutes * MINUTE_S);
	return true;
}

static bool read_date(const char **at, struct tm *date)
{
	int64_t year;

	if (!read_digits(at, 4, 4, &year) || year < YEAR_FIRST ||
	    !read_pair(at, '-', MONTHS + 1, &date->tm_mon) ||
	    !read_pair(at, '-', DAYS_MAX + 1, &date->tm_mday) || date->tm_mon < 1 ||
	    date->tm_mday < 1) {
		return false;
	}
	date->tm_year = (int)year - YEAR_BASE;
	date->tm_mon--;
	date->tm_isdst = -1;
	return true;
}

static bool read_clock(const char **at, struct tm *date, int64_t *ms)
{
	*ms = 0;
	if (**at != 'T' && **at != 't' && **at != ' ') {
		return true;
	}
	return read_pair(at, **at, HOURS, &date->tm_hour) &&
	       read_pair(at, ':', SIXTY, &date->tm_min) &&
	       (**at != ':' ||
		(read_pair(at, ':', SIXTY + 1, &date->tm_sec) && read_fraction(at, ms)));
}

static bool read_calendar(const char *text, bool local, int64_t *unix_ms)
{
	struct tm date = {0};
	bool is_zone_given;
	int64_t offset_s;
	int64_t ms;

	if (!read_date(&text, &date) || !read_clock(&text, &date, &ms) ||
	    !read_zone(&text, &is_zone_given, &offset_s) || *text != '\0') {
		return false;
	}
	int day = date.tm_mday;
	int64_t seconds = local && !is_zone_given ? (int64_t)mktime(&date) : (int64_t)timegm(&date);
	*unix_ms = (seconds - offset_s) * MS_PER_S + ms;
	/* The 31st of April would be the 1st of May. */
	return *unix_ms >= 0 && date.tm_mday == day;
}

static int64_t unit_of(const char *text)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"s", 1}, {"m", MINUTE_S}, {"h", HOUR_S}, {"d", DAY_S}, {"w", WEEK_S}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name) == 0) {
			return units[i].seconds;
		}
	}
	return 0;
}

static bool read_duration(const char *text, int64_t *ms)
{
	const char *at = text;
	int64_t number;

	if (!read_digits(&at, 1, NUMBER_DIGITS, &number)) {
		return false;
	}
	int64_t unit_ms = unit_of(at) * MS_PER_S;
	if (unit_ms == 0) {
		return false;
	}
	*ms = number < DURATION_MAX_MS / unit_ms ? number * unit_ms : DURATION_MAX_MS;
	return true;
}

static bool read_moment(const char *text, bool local, int64_t *unix_ms)
{
	const char *at = text;
	int64_t number;
	int64_t ms;

	if (!read_digits(&at, 1, NUMBER_DIGITS, &number)) {
		return false;
	}
	if (*at == '-') {
		return read_calendar(text, local, unix_ms);
	}
	if (!read_fraction(&at, &ms) || *at != '\0') {
		return false;
	}
	*unix_ms = number * MS_PER_S + ms;
	return true;
}

bool time_text_read(const char *text, int64_t now_ms, bool local, int64_t *unix_ms)
{
	int64_t ago_ms;

	if (!read_duration(text, &ago_ms)) {
		return read_moment(text, local, unix_ms);
	}
	*unix_ms = ago_ms < now_ms ? now_ms - ago_ms : 0;
	return true;
}

bool time_text_read_ahead(const char *text, int64_t now_ms, bool local, int64_t *unix_ms)
{
	int64_t ahead_ms;

	if (!read_duration(text, &ahead_ms)) {
		return read_moment(text, local, unix_ms);
	}
	*unix_ms = now_ms + ahead_ms;
	return true;
}
