/* SPDX-License-Identifier: MIT */
#ifndef GCODE_VALUE_H
#define GCODE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Values as slicers write them. None depends on the locale. Negative numbers are none of ours. */

struct gcode_slice {
	const char *data;
	size_t length;
};

struct gcode_slice gcode_slice_trim(struct gcode_slice slice);

/* Case does not matter. */
bool gcode_slice_equals(struct gcode_slice slice, const char *text);
bool gcode_slice_begins(struct gcode_slice slice, const char *text);

/* Takes "12", "0.2" or ".5" off the front. Up to GCODE_NUMBER_MAX. */
#define GCODE_NUMBER_MAX 1e12
bool gcode_take_number(struct gcode_slice *slice, double *number);

/* A number, or the first of a list; none where it is a percentage. */
bool gcode_value_number(struct gcode_slice value, double *number);

/* The sum of "1.2, 3" or "1.2;3". */
bool gcode_value_sum(struct gcode_slice value, double *number);

/* The sum of "1.5m, 2m" or "1500mm" or "1500", in mm. */
bool gcode_value_length(struct gcode_slice value, double *number);

/* "1d 2h 3m 4s", "4s" or "240", in seconds. */
bool gcode_value_time(struct gcode_slice value, double *number);

/* Copies text without quotes, cut at a character, always NUL-terminated, as valid UTF-8. */
void gcode_value_text(struct gcode_slice value, char *out, size_t capacity);

#endif
