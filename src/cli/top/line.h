/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_LINE_H
#define CLI_TOP_LINE_H

#include "cli/output/output.h"

#include <stdbool.h>
#include <stddef.h>

#define TOP_LINE_MAX       2048 /* bytes; a terminal is never so wide */
#define TOP_LINE_SPANS_MAX 48

/* A part of a line in one style. */
struct top_span {
	enum output_style style;
	size_t start; /* byte of the text */
	size_t length;
};

/* A line of the screen as it is built from left to right, never wider than it may be. */
struct top_line {
	char text[TOP_LINE_MAX]; /* NUL-terminated UTF-8 */
	size_t length;
	size_t columns;     /* that are filled */
	size_t columns_max; /* that there are */
	bool ascii;         /* nothing else can be shown */
	bool reversed;      /* the whole line stands out */
	struct top_span spans[TOP_LINE_SPANS_MAX];
	size_t span_count;
};

void top_line_begin(struct top_line *line, size_t columns_max, bool ascii);

/* As much as there is room for. */
void top_line_add(struct top_line *line, enum output_style style, const char *text);

/* In so many columns, filled up with spaces: on the right, or on the left of what is right-aligned.
 */
void top_line_cell(struct top_line *line, enum output_style style, const char *text, size_t columns,
		   bool right_aligned);

/* Spaces up to this column. */
void top_line_fill(struct top_line *line, size_t column);

#endif
