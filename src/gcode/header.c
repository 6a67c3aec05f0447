/* SPDX-License-Identifier: MIT */
#include "gcode/header.h"

#include <math.h>
#include <stdio.h>

/* Some 30 years; a number that is larger is none that a slicer means. */
#define HEADER_NUMBER_MAX 1e9

static size_t add_number(char *out, size_t capacity, const char *name, double number)
{
	if (!(number >= 1 && number <= HEADER_NUMBER_MAX)) {
		return 0;
	}
	return (size_t)snprintf(out, capacity, ";%s:%.0f\n", name, ceil(number));
}

size_t gcode_header_write(const struct gcode_metadata *metadata, char out[GCODE_HEADER_MAX])
{
	size_t length = 0;

	out[0] = '\0';
	if (!metadata->tells_time) {
		length = add_number(out, GCODE_HEADER_MAX, "TIME", metadata->estimated_time_s);
	}
	if (!metadata->tells_layers) {
		length += add_number(out + length, GCODE_HEADER_MAX - length, "LAYER_COUNT",
				     metadata->layer_count);
	}
	return length;
}
