/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_KLIPPER_GCODE_H
#define GATEWAY_KLIPPER_GCODE_H

#include "base/json/writer.h"
#include "printer/command/command.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What pages for Klipper send as G-code, as commands of ours, which are guarded, awaited and
 * confirmed: Klipper's own words (SDCARD_PRINT_FILE, SET_HEATER_TEMPERATURE), and codes that stand
 * for one of them (M104, G28). Other codes go to the printer as they are, by the guard's rules;
 * what no printer of this kind knows is refused. Pure.
 */
#define GCODE_LINE_SIZE   256
#define GCODE_TEXT_SIZE   512
#define GCODE_SAVED_MAX   8
#define GCODE_NAME_SIZE   40
#define GCODE_REASON_SIZE 256

/* How moves are read, as clients asked for it (G90, G91, M82, M83). */
struct gcode_modes {
	bool relative_moves;
	bool relative_extrude;
	struct {
		char name[GCODE_NAME_SIZE];
		bool relative_moves;
		bool relative_extrude;
	} saved[GCODE_SAVED_MAX]; /* SAVE_GCODE_STATE */
	size_t saved_count;
};

enum gcode_kind {
	GCODE_NOTHING,   /* it was done by having been read: a mode, a comment */
	GCODE_COMMAND,   /* request */
	GCODE_EMERGENCY, /* M112 */
	GCODE_START,     /* of the file that text names */
	GCODE_HELP,      /* the list of commands is asked for */
	GCODE_MESSAGE,   /* text is to be shown, "": none */
	GCODE_PLATE,     /* is clear: the queue may go on */
	GCODE_REFUSED,   /* reason says why, for people */
};

struct gcode_action {
	enum gcode_kind kind;
	struct command_request request; /* its text is `text` */
	char text[GCODE_TEXT_SIZE];
	char reason[GCODE_REASON_SIZE];
};

/* One line, without its end. */
void gcode_read_line(const char *line, size_t length, struct gcode_modes *modes,
		     struct gcode_action *action);

/* What is known by name, one after the other from 0 on. heats: it has nozzle, bed and axes. */
bool gcode_next_command(size_t *at, bool heats, const char **name, const char **help);

/* {"PAUSE":{"help":"…"},…} */
void gcode_write_commands(struct json_writer *writer, bool heats);
/* {"PAUSE":"…"} */
void gcode_write_help(struct json_writer *writer, bool heats);

#define GCODE_HELP_SIZE 2048

/* As HELP answers: a line each. Returns the bytes without the NUL. */
size_t gcode_help_text(bool heats, char out[GCODE_HELP_SIZE]);

#endif
