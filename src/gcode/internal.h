/* SPDX-License-Identifier: MIT */
#ifndef GCODE_INTERNAL_H
#define GCODE_INTERNAL_H

#include "gcode/metadata.h"
#include "gcode/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Private to gcode: what lines of each kind are taken for. */

/* How good a number is, where several lines give one. */
enum gcode_rank {
	GCODE_RANK_NONE,
	GCODE_RANK_GUESS,   /* of other lines, by what they mostly mean */
	GCODE_RANK_COMMAND, /* what the printer is made to do */
	GCODE_RANK_TOLD,    /* what the slicer says of it */
	GCODE_RANK_TOTAL,   /* likewise, and it is the sum of what others say */
};

/* Takes it where no number as good was seen. */
void gcode_set_number(struct gcode_reader *reader, size_t offset, double number,
		      enum gcode_rank rank);

#define GCODE_SET(reader, member, number, rank) \
	gcode_set_number(reader, offsetof(struct gcode_metadata, member), number, rank)

/* What follows the semicolon. `start` and `end` of the whole line, in the unpacked file. */
void gcode_receive_comment(struct gcode_reader *reader, struct gcode_slice text);

/* A line that begins with G or M and a number. */
void gcode_receive_command(struct gcode_reader *reader, struct gcode_slice line);

/* Whether the comment belongs to a thumbnail. line_start and line_end in the unpacked file. */
bool gcode_receive_thumbnail(struct gcode_reader *reader, struct gcode_slice text,
			     int64_t line_end);

#endif
