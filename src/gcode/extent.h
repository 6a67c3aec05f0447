/* SPDX-License-Identifier: MIT */
#ifndef GCODE_EXTENT_H
#define GCODE_EXTENT_H

#include <stdbool.h>

/*
 * Where the moves of a file go: a box, in mm, of all positions that are known, since a file begins
 * anywhere. Of an arc its ends count. Feed it each line (gcode_line).
 */
#define GCODE_AXES 3 /* X Y Z */

struct gcode_extent {
	double min_mm[GCODE_AXES]; /* INFINITY where nothing moves */
	double max_mm[GCODE_AXES]; /* -INFINITY likewise */
	bool extrudes;             /* filament is fed in a move of X or Y */
};

struct gcode_moves {
	struct gcode_extent extent;
	double position_mm[GCODE_AXES]; /* NAN: not known */
	double filament_mm;
	double unit_mm;
	bool relative;
	bool filament_relative;
};

void gcode_moves_init(struct gcode_moves *moves);
void gcode_moves_receive(struct gcode_moves *moves, const char *line);

#endif
