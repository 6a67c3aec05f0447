/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/gcode.h"

#include <stdio.h>

void gcode_write_commands(struct json_writer *writer, bool heats)
{
	const char *name;
	const char *help;
	size_t at = 0;

	json_object_begin(writer);
	while (gcode_next_command(&at, heats, &name, &help)) {
		json_key(writer, name);
		json_object_begin(writer);
		json_member_string(writer, "help", help);
		json_object_end(writer);
	}
	json_object_end(writer);
}

void gcode_write_help(struct json_writer *writer, bool heats)
{
	const char *name;
	const char *help;
	size_t at = 0;

	json_object_begin(writer);
	while (gcode_next_command(&at, heats, &name, &help)) {
		json_member_string(writer, name, help);
	}
	json_object_end(writer);
}

size_t gcode_help_text(bool heats, char out[GCODE_HELP_SIZE])
{
	const char *name;
	const char *help;
	size_t at = 0;
	int length = snprintf(out, GCODE_HELP_SIZE, "// Available extended commands:");

	while (gcode_next_command(&at, heats, &name, &help) && length < GCODE_HELP_SIZE) {
		length += snprintf(out + length, GCODE_HELP_SIZE - (size_t)length, "\n// %-24s: %s",
				   name, help);
	}
	return length < GCODE_HELP_SIZE ? (size_t)length : GCODE_HELP_SIZE - 1;
}
