/* SPDX-License-Identifier: MIT */
#include "transport/http/retry.h"

#include <string.h>

#define STATUS_TOO_MANY_REQUESTS 429
#define STATUS_SERVER_ERROR      500
#define STATUS_LAST              599

#define SECONDS_MAX              INT64_C(1000000000)
#define DATE_LENGTH              (sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1)
#define MONTH_LENGTH             3
#define SECONDS_PER_MINUTE       60
#define SECONDS_PER_HOUR         3600
#define SECONDS_PER_DAY          86400
#define EPOCH_DAYS               719468 /* from 0000-03-01 to 1970-01-01 */
#define YEAR_FIRST               1970

bool http_retry_status(long status)
{
	return status == STATUS_TOO_MANY_REQUESTS ||
	       (status >= STATUS_SERVER_ERROR && status <= STATUS_LAST);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* `digits` decimal digits, no more and no fewer. */
static bool read_number(const char *text, size_t digits, int64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < digits; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		if (*value <= SECONDS_MAX) {
			*value = *value * 10 + (text[i] - '0');
		}
	}
	return digits > 0;
}

/* 1 to 12, or 0. */
static int64_t read_month(const char *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; names[i] != '\0'; i += MONTH_LENGTH) {
		if (memcmp(text, names + i, MONTH_LENGTH) == 0) {
			return (int64_t)(i / MONTH_LENGTH) + 1;
		}
	}
	return 0;
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is the
 * last of its year. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t march_year = month <= 2 ? year - 1 : year;
	int64_t march_month = month <= 2 ? month + 9 : month - 3;
	int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;

	return march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400 +
	       day_of_year - EPOCH_DAYS;
}

static bool read_date(const char *text, int64_t *unix_s)
{
	static const char shape[] = "xxx, xx xxx xxxx xx:xx:xx GMT";
	int64_t day;
	int64_t year;
	int64_t hour;
	int64_t minute;
	int64_t second;

	for (size_t i = 0; i < DATE_LENGTH; i++) {
		if (shape[i] != 'x' && text[i] != shape[i]) {
			return false;
		}
	}
	int64_t month = read_month(text + 8);
	if (!read_number(text + 5, 2, &day) || month == 0 || !read_number(text + 12, 4, &year) ||
	    !read_number(text + 17, 2, &hour) || !read_number(text + 20, 2, &minute) ||
	    !read_number(text + 23, 2, &second)) {
		return false;
	}
	if (day < 1 || day > 31 || year < YEAR_FIRST || hour > 23 || minute > 59 || second > 60) {
		return false;
	}
	*unix_s = days_from_date(year, month, day) * SECONDS_PER_DAY + hour * SECONDS_PER_HOUR +
		  minute * SECONDS_PER_MINUTE + second;
	return true;
}

bool http_retry_after_parse(const char *text, size_t length, int64_t now_s, int64_t *seconds)
{
	int64_t number;

	while (length > 0 && is_space(text[0])) {
		text++;
		length--;
	}
	while (length > 0 && is_space(text[length - 1])) {
		length--;
	}
	if (read_number(text, length, &number)) {
		*seconds = number < SECONDS_MAX ? number : SECONDS_MAX;
		return true;
	}
	if (length != DATE_LENGTH || !read_date(text, &number)) {
		return false;
	}
	*seconds = number > now_s ? number - now_s : 0;
	return true;
}
