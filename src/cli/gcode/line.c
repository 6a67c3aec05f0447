/* SPDX-License-Identifier: MIT */
#include "cli/gcode/line.h"

#include <stdbool.h>
#include <string.h>

static bool gcode_line_is_space(char character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

int gcode_line_clean(const char *text, size_t length, char out[GCODE_LINE_MAX])
{
	const char *comment = memchr(text, ';', length);
	size_t start = 0;
	size_t end = comment != NULL ? (size_t)(comment - text) : length;

	out[0] = '\0';
	while (start < end && gcode_line_is_space(text[start])) {
		start++;
	}
	while (end > start && gcode_line_is_space(text[end - 1])) {
		end--;
	}
	if (end - start >= GCODE_LINE_MAX || memchr(text + start, '\n', end - start) != NULL ||
	    memchr(text + start, '\r', end - start) != NULL ||
	    memchr(text + start, '\0', end - start) != NULL) {
		return -1;
	}
	memcpy(out, text + start, end - start);
	out[end - start] = '\0';
	for (char *tab = out; (tab = strchr(tab, '\t')) != NULL;) {
		*tab = ' '; /* a control character to the guards, white space to people */
	}
	return 0;
}
