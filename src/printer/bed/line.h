/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_BED_LINE_H
#define PRINTER_BED_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The lines in which a printer tells the heights of its bed, one by one (printer/bed/mesh.h). */

#define BED_LINE_COLUMNS_MAX 16

struct bed_line {
	const char *text; /* not NUL-terminated */
	size_t length;    /* without the line break */
	bool terminated;  /* there is one */
};

/* The line at *cursor, which goes on behind it. False, and an empty line, at the end. */
bool bed_line_next(const char **cursor, const char *end, struct bed_line *line);

/* "Bilinear Leveling Grid:" */
bool bed_line_is_title(const struct bed_line *line);

/* The title of a finer table that the printer calculates from the first. */
bool bed_line_is_subdivided(const struct bed_line *line);

/* "echo:Bed Leveling ON", behind the table. */
bool bed_line_is_state(const struct bed_line *line);

/* "echo:busy: processing", which may stand between any two lines. */
bool bed_line_is_busy(const struct bed_line *line);

/* The numbers of the columns under the title, "0 1 2 …". False where it is anything else. */
bool bed_line_read_columns(const struct bed_line *line, size_t *columns);

/*
 * " 3 +0.120 -0.045 …": heights in mm with a sign and three decimals, in columns of one width; or
 * "BL-Grid-3 0.12 -0.045 …", with any blanks and decimals.
 */
struct bed_row {
	bool named;  /* BL-Grid */
	bool uneven; /* its heights differ in their decimals: some may be missing */
	size_t y;
	size_t count; /* columns */
	int32_t micrometres[BED_LINE_COLUMNS_MAX];
	bool empty[BED_LINE_COLUMNS_MAX]; /* "=====" or NAN in its place: never probed */
};

/* A line without a break may end in the middle of a height, which does not count then. False where
 * it is not a row, or columns differ in width. */
bool bed_line_read_row(const struct bed_line *line, struct bed_row *row);

/* Whether it begins as row y does. */
bool bed_line_begins_row(const struct bed_line *line, size_t y);

/* "echo:  G29 W I4 J6 Z-0.17000": one point. */
struct bed_point {
	size_t x;
	size_t y;
	int32_t micrometres; /* rounded */
};

bool bed_line_read_point(const struct bed_line *line, struct bed_point *point);
bool bed_line_begins_point(const struct bed_line *line, size_t x, size_t y);

/* The heading of what follows the last point in M503: "; Endstop adjustment:". */
bool bed_line_is_after_points(const struct bed_line *line);

#endif
