/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_DRAW_H
#define CLI_TOP_DRAW_H

#include "cli/top/line.h"
#include "cli/top/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What lines are drawn for. */
struct top_view {
	size_t width; /* columns of the terminal */
	size_t height;
	struct printer_moment now;
	bool ascii;
	bool live; /* else once, as plain text: without what tells of keys and of the past */
};

#define TOP_COLUMNS_MAX 15 /* kinds of columns */

struct top_column {
	unsigned char kind; /* private to draw.c */
	size_t width;
};

/* The columns that there is room for. */
struct top_layout {
	struct top_column columns[TOP_COLUMNS_MAX];
	size_t count;
};

void top_layout_init(struct top_layout *layout, const struct top_view *view);

void top_draw_headings(const struct top_layout *layout, const struct top_view *view,
		       struct top_line *line);
void top_draw_row(const struct top_layout *layout, const struct top_view *view,
		  const struct top_row *row, bool selected, struct top_line *line);

/* What stands in the columns of `flagship top`. */
struct top_cell {
	enum output_style style;
	char text[PRINTER_TEXT_MAX];
};

/* The course of a temperature, as wide as `width`. */
void top_cell_spark(struct top_cell *cell, const struct top_row *row,
		    const struct top_history *history, size_t width, bool ascii);

#define TOP_TIME_MAX 24

/* "1h05m", "5m36s", "36s", "2d03h": at most six columns up to 99 days. */
const char *top_format_left(int64_t seconds, char out[TOP_TIME_MAX]);

/* "now", "12s", "5m", "3h", "2d": at most four columns up to 999 days. */
const char *top_format_age(int64_t milliseconds, char out[TOP_TIME_MAX]);

#endif
