/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_LEVEL_MAP_PRINT_H
#define CLI_GCODE_LEVEL_MAP_PRINT_H

#include "cli/output/output.h"
#include "printer/bed/heard.h"
#include "printer/bed/mesh.h"

#include <stddef.h>

/* The bed as people see it who stand before the printer: the back at the top. Heights that are not
 * known are shown as "?". label: of the printer. */
void level_map_print_page(const struct output *output, const struct bed_mesh *mesh,
			  const char *label);

/* One line for each row from the front to the back, mm from left to right; nothing between two
 * commas where a height is not known. */
void level_map_print_csv(const struct bed_mesh *mesh, FILE *out);

/* What makes one line of JSON. */
struct level_map_line {
	const struct bed_mesh *mesh;
	const struct bed_heard *heard;
	const char *serial;
	const char *name;   /* or NULL */
	const char *detail; /* what went wrong, or NULL */
};

int level_map_print_json(const struct level_map_line *line, FILE *out);

/* What was heard and not understood, a line each, on stderr. label: of the printer. */
void level_map_print_heard(const struct bed_heard *heard, const char *label);

/* Which points are not known though the printer may know them, as "x 3, y 0; x 4, y 0", or the
 * first of them and how many more. */
#define LEVEL_MAP_UNKNOWN_MAX 256
const char *level_map_name_unknown(const struct bed_mesh *mesh, char out[LEVEL_MAP_UNKNOWN_MAX]);

#endif
