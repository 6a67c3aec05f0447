/* SPDX-License-Identifier: MIT */
#include "gcode/internal.h"

#define SECONDS_PER_MINUTE 60
#define GCODE_M73          73
#define M_NOZZLE           104
#define M_NOZZLE_WAIT      109
#define M_BED              140
#define M_BED_WAIT         190

/* The number of a letter's word, as in "M109 S220 T0". */
static bool find_word(struct gcode_slice line, char letter, double *number)
{
	for (size_t i = 1; i < line.length && line.data[i] != ';'; i++) {
		if ((line.data[i] | ' ') == (letter | ' ') && line.data[i - 1] == ' ') {
			struct gcode_slice rest = {line.data + i + 1, line.length - i - 1};

			return gcode_take_number(&rest, number);
		}
	}
	return false;
}

static bool find_target(struct gcode_slice line, double *celsius)
{
	return (find_word(line, 'S', celsius) || find_word(line, 'R', celsius)) && *celsius > 0;
}

/* The first that is waited for; a target before it may only be that of levelling. */
void gcode_receive_command(struct gcode_reader *reader, struct gcode_slice line)
{
	struct gcode_slice rest = {line.data + 1, line.length - 1};
	double code;
	double value;
	double percent;

	if ((line.data[0] | ' ') != 'm' || !gcode_take_number(&rest, &code)) {
		return;
	}
	switch ((long)code) {
	case M_NOZZLE:
	case M_NOZZLE_WAIT:
		if (find_target(line, &value)) {
			GCODE_SET(reader, first_layer_nozzle_c, value,
				  code > M_NOZZLE ? GCODE_RANK_COMMAND : GCODE_RANK_GUESS);
		}
		break;
	case M_BED:
	case M_BED_WAIT:
		if (find_target(line, &value)) {
			GCODE_SET(reader, first_layer_bed_c, value, GCODE_RANK_COMMAND);
		}
		break;
	case GCODE_M73:
		if (find_word(line, 'P', &percent) && percent <= 0 &&
		    find_word(line, 'R', &value)) {
			GCODE_SET(reader, estimated_time_s, value * SECONDS_PER_MINUTE,
				  GCODE_RANK_COMMAND);
		}
		break;
	default:
		break;
	}
}
