/* SPDX-License-Identifier: MIT */
#include "gcode/value.h"

#include <flagship/text.h>

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define RADIX          10.0
#define MM_PER_M       1000.0
#define SECONDS_MINUTE 60.0
#define SECONDS_HOUR   3600.0
#define SECONDS_DAY    86400.0
#define PLAIN_MAX      512 /* a line */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip(struct gcode_slice *slice, size_t count)
{
	slice->data += count;
	slice->length -= count;
}

static void skip_blanks(struct gcode_slice *slice)
{
	while (slice->length > 0 && is_blank(*slice->data)) {
		skip(slice, 1);
	}
}

struct gcode_slice gcode_slice_trim(struct gcode_slice slice)
{
	skip_blanks(&slice);
	while (slice.length > 0 && is_blank(slice.data[slice.length - 1])) {
		slice.length--;
	}
	return slice;
}

bool gcode_slice_equals(struct gcode_slice slice, const char *text)
{
	return slice.length == strlen(text) && strncasecmp(slice.data, text, slice.length) == 0;
}

bool gcode_slice_begins(struct gcode_slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.length >= length && strncasecmp(slice.data, text, length) == 0;
}

bool gcode_take_number(struct gcode_slice *slice, double *number)
{
	struct gcode_slice rest = *slice;
	double value = 0;
	double unit = 1;
	size_t digits = 0;

	for (; rest.length > 0 && is_digit(*rest.data); skip(&rest, 1), digits++) {
		value = value * RADIX + (*rest.data - '0');
		if (value > GCODE_NUMBER_MAX) {
			return false;
		}
	}
	if (rest.length > 0 && *rest.data == '.') {
		skip(&rest, 1);
		for (; rest.length > 0 && is_digit(*rest.data); skip(&rest, 1), digits++) {
			/* One division at the end: 0.45 is to be what a compiler makes of it. */
			if (unit < GCODE_NUMBER_MAX && value < GCODE_NUMBER_MAX) {
				value = value * RADIX + (*rest.data - '0');
				unit *= RADIX;
			}
		}
	}
	if (digits == 0) {
		return false;
	}
	*number = value / unit;
	*slice = rest;
	return true;
}

static bool ends_item(struct gcode_slice rest)
{
	skip_blanks(&rest);
	return rest.length == 0 || *rest.data == ',' || *rest.data == ';';
}

/* The unit in which slicers write, as a part of mm or of itself: 0 where it is none. */
static double take_factor(struct gcode_slice *slice, bool lengths)
{
	if (!lengths) {
		if (slice->length > 0 && *slice->data == 'g') {
			skip(slice, 1);
		}
		return 1;
	}
	if (gcode_slice_begins(*slice, "mm")) {
		skip(slice, 2);
		return 1;
	}
	if (gcode_slice_begins(*slice, "m")) {
		skip(slice, 1);
		return MM_PER_M;
	}
	return 1;
}

static bool sum_list(struct gcode_slice value, bool lengths, bool all, double *number)
{
	double sum = 0;
	bool more = true;

	while (more) {
		double item;

		skip_blanks(&value);
		if (!gcode_take_number(&value, &item)) {
			return false;
		}
		skip_blanks(&value);
		sum += item * take_factor(&value, lengths);
		if (!ends_item(value)) {
			return false;
		}
		skip_blanks(&value);
		more = all && value.length > 0;
		if (more) {
			skip(&value, 1);
		}
	}
	*number = sum;
	return true;
}

bool gcode_value_number(struct gcode_slice value, double *number)
{
	return sum_list(value, false, false, number);
}

bool gcode_value_sum(struct gcode_slice value, double *number)
{
	return sum_list(value, false, true, number);
}

bool gcode_value_length(struct gcode_slice value, double *number)
{
	return sum_list(value, true, true, number);
}

static double seconds_of(char unit)
{
	switch (unit) {
	case 'd':
		return SECONDS_DAY;
	case 'h':
		return SECONDS_HOUR;
	case 'm':
		return SECONDS_MINUTE;
	case 's':
		return 1;
	default:
		return 0;
	}
}

bool gcode_value_time(struct gcode_slice value, double *number)
{
	double sum = 0;

	value = gcode_slice_trim(value);
	if (value.length == 0) {
		return false;
	}
	while (value.length > 0) {
		double item;

		if (!gcode_take_number(&value, &item)) {
			return false;
		}
		double factor = value.length > 0 ? seconds_of(*value.data) : 1;
		if (factor <= 0) {
			return false;
		}
		sum += item * factor;
		skip(&value, value.length > 0 ? 1 : 0);
		skip_blanks(&value);
	}
	*number = sum;
	return true;
}

void gcode_value_text(struct gcode_slice value, char *out, size_t capacity)
{
	char plain[PLAIN_MAX];
	size_t length = 0;

	value = gcode_slice_trim(value);
	for (size_t i = 0; i < value.length && length < sizeof(plain); i++) {
		if (value.data[i] != '"') {
			plain[length++] = value.data[i];
		}
	}
	struct flagship_text text = {plain, (uint32_t)length, false};
	flagship_text_copy(text, out, capacity);
}
