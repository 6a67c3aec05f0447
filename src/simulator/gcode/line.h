/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_LINE_H
#define SIMULATOR_GCODE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GCODE_PARAMETERS_MAX 16
#define GCODE_WORD_MAX       16

struct gcode_parameter {
	char letter; /* upper case */
	bool has_value;
	double value; /* 0 where there is none */
};

/* One command: "G1 X10 Y-2.5". */
struct gcode_line {
	char word[GCODE_WORD_MAX]; /* "G1", upper case, leading zeros dropped */
	struct gcode_parameter parameters[GCODE_PARAMETERS_MAX];
	size_t count;
};

/*
 * Reads one NUL-terminated line; `;` starts a comment. False for a line that holds no command. A
 * line whose first word is no letter with a number has the word "".
 */
bool gcode_line_read(const char *text, struct gcode_line *line);

/* NULL where the command does not have it. */
const struct gcode_parameter *gcode_line_find(const struct gcode_line *line, char letter);

/* False where it is not there or has no value. */
bool gcode_line_value(const struct gcode_line *line, char letter, double *value);

#endif
