/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_PACKET_H
#define SIMULATOR_GCODE_PACKET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What becomes of a line on its way to the motion board, where the printer's module neither escapes
 * nor strips anything (protocol.md 3.5, 7.1; the worst of what is possible). The module wraps it as
 * `@line*CRC`, and the board takes packets apart: @ begins one, a comma stands between commands, *
 * ends it; ^ in front of a command becomes M; the `#M…` parts of a G line run as commands of their
 * own, with A B C D for X Y Z E. A line break ends a command, too.
 */
#define GCODE_PACKET_COMMAND_MAX 1024

struct gcode_packet {
	const char *cursor;
	const char *end; /* of the command whose parts are under way */
	bool is_motion;  /* it is a G line */
};

void gcode_packet_init(struct gcode_packet *packet, const char *line);

/* The next command that runs, without blanks around it. False where there is none left. */
bool gcode_packet_next(struct gcode_packet *packet, char out[GCODE_PACKET_COMMAND_MAX]);

#endif
