/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_MOTION_H
#define SIMULATOR_GCODE_MOTION_H

#include "simulator/gcode/line.h"
#include "simulator/machine/machine.h"
#include "simulator/printer/reply_text.h"

/*
 * G0, G1 and G28 as the motion board takes them (protocol.md 7.1, 7.4): nothing moves along an axis
 * that was not homed, no filament below the cold-extrusion limit, and the soft end stops cut what
 * lies beyond, without a word.
 */
void gcode_motion_move(struct machine *machine, const struct gcode_line *line,
		       struct reply_text *text);
void gcode_motion_home(struct machine *machine, const struct gcode_line *line,
		       struct reply_text *text);

#endif
