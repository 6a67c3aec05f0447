/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/gcode.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CENTI_REAL  100.0
#define PERCENT     100.0
#define FAN_FULL    255.0
#define S_PER_MIN   60.0
#define VALUE_MAX   1e6
#define LETTERS     26
#define AXES        3
#define NUMBER_SIZE 32

/* A line in parts: "G1 X10 F600" in letters, "PAUSE A=1" in words. */
struct line {
	char text[GCODE_LINE_SIZE]; /* without comment and blanks around it */
	char name[GCODE_NAME_SIZE]; /* in capitals */
	const char *rest;           /* behind the name */
	double values[LETTERS];     /* of letters; NAN: not there, or without a number */
	bool there[LETTERS];
	bool plain; /* all of the rest are letters with or without a number */
};

static void refuse(struct gcode_action *action, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(struct gcode_action *action, const char *format, ...)
{
	va_list arguments;

	action->kind = GCODE_REFUSED;
	va_start(arguments, format);
	vsnprintf(action->reason, sizeof(action->reason), format, arguments);
	va_end(arguments);
}

/* --- reading --- */

static size_t skip_blanks(const char *text)
{
	return strspn(text, " \t");
}

static bool read_number(const char *text, size_t length, double *value)
{
	char copy[NUMBER_SIZE];
	char *end;

	if (length == 0 || length >= sizeof(copy) || strspn(text, "+-.0123456789") < length) {
		return false;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	*value = strtod(copy, &end);
	return *end == '\0' && fabs(*value) <= VALUE_MAX;
}

/* "X10", "X 10" is two words; letters alone count as there. */
static void read_letters(struct line *line)
{
	const char *at = line->rest;

	for (size_t i = 0; i < LETTERS; i++) {
		line->values[i] = NAN;
	}
	line->plain = true;
	while (*(at += skip_blanks(at)) != '\0') {
		size_t length = strcspn(at, " \t");
		int letter = toupper((unsigned char)*at) - 'A';
		double value = NAN;

		if (letter < 0 || letter >= LETTERS || line->there[letter] ||
		    (length > 1 && !read_number(at + 1, length - 1, &value))) {
			line->plain = false;
			return;
		}
		line->there[letter] = true;
		line->values[letter] = value;
		at += length;
	}
}

/* Whether only these letters stand there. */
static bool has_only(const struct line *line, const char *letters)
{
	for (size_t i = 0; line->plain && i < LETTERS; i++) {
		if (line->there[i] && !strchr(letters, (int)('A' + i))) {
			return false;
		}
	}
	return line->plain;
}

static double value_of(const struct line *line, char letter)
{
	return line->values[letter - 'A'];
}

/* NAME=value or NAME="va lue" behind a word. False where it is not there, or does not fit. */
static bool find_value(const struct line *line, const char *name, char *out, size_t capacity)
{
	const char *at = line->rest;
	size_t name_length = strlen(name);

	while (*(at += skip_blanks(at)) != '\0') {
		const char *sign = at + strcspn(at, "= \t");
		bool right = *sign == '=' && (size_t)(sign - at) == name_length &&
			     strncasecmp(at, name, name_length) == 0;
		const char *value = *sign == '=' ? sign + 1 : sign;
		bool quoted = *value == '"' || *value == '\'';
		const char quote[] = {*value, '\0'};

		value += quoted;
		size_t length = strcspn(value, quoted ? quote : " \t");

		if (right) {
			snprintf(out, capacity, "%.*s", (int)length, value);
			return length < capacity;
		}
		at = value + length + (quoted && value[length] != '\0');
	}
	return false;
}

static bool find_number(const struct line *line, const char *name, double *value)
{
	char text[NUMBER_SIZE];

	return find_value(line, name, text, sizeof(text)) && read_number(text, strlen(text), value);
}

/* False where it is too long. */
static bool split(const char *text, size_t length, struct line *line)
{
	const char *comment = memchr(text, ';', length);

	length = comment ? (size_t)(comment - text) : length;
	while (length > 0 && isspace((unsigned char)text[length - 1])) {
		length--;
	}
	while (length > 0 && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	*line = (struct line){0};
	if (length >= sizeof(line->text)) {
		return false;
	}
	memcpy(line->text, text, length);
	line->text[length] = '\0';
	size_t name = strcspn(line->text, " \t");
	if (name >= sizeof(line->name)) {
		name = 0; /* of no command */
	}
	for (size_t i = 0; i < name; i++) {
		line->name[i] = (char)toupper((unsigned char)line->text[i]);
	}
	line->rest = line->text + name;
	read_letters(line);
	return true;
}

/* --- commands --- */

static void ask(struct gcode_action *action, enum command_kind kind, double value)
{
	action->kind = GCODE_COMMAND;
	action->request = (struct command_request){.kind = kind, .value = llround(value)};
}

/* To the printer as it is. */
static void pass(const struct line *line, struct gcode_action *action)
{
	ask(action, COMMAND_GCODE, 0);
	snprintf(action->text, sizeof(action->text), "%s", line->text);
}

static void read_pause(const struct line *line, struct gcode_modes *modes,
		       struct gcode_action *action)
{
	(void)line;
	(void)modes;
	ask(action, COMMAND_PAUSE, 0);
}

static void read_resume(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	(void)line;
	(void)modes;
	ask(action, COMMAND_RESUME, 0);
}

static void read_cancel(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	(void)line;
	(void)modes;
	ask(action, COMMAND_STOP, 0);
}

static void read_start(const struct line *line, struct gcode_modes *modes,
		       struct gcode_action *action)
{
	(void)modes;
	action->kind = GCODE_START;
	if (!find_value(line, "FILENAME", action->text, sizeof(action->text)) ||
	    action->text[0] == '\0') {
		refuse(action, "SDCARD_PRINT_FILE needs FILENAME=…");
	}
}

static void read_heater(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	char heater[GCODE_NAME_SIZE];
	double target = 0;
	bool has_target = find_number(line, "TARGET", &target);
	char text[GCODE_LINE_SIZE];

	(void)modes;
	if (!find_value(line, "HEATER", heater, sizeof(heater)) ||
	    (!has_target && find_value(line, "TARGET", text, sizeof(text)))) {
		refuse(action, "SET_HEATER_TEMPERATURE needs HEATER=extruder or HEATER=heater_bed, "
			       "and TARGET=… in °C");
	} else if (strcmp(heater, "extruder") == 0) {
		ask(action, COMMAND_NOZZLE_TARGET, target * CENTI_REAL);
	} else if (strcmp(heater, "heater_bed") == 0) {
		ask(action, COMMAND_BED_TARGET, target * CENTI_REAL);
	} else {
		refuse(action, "there is no heater '%.40s': it has extruder and heater_bed",
		       heater);
	}
}

static void read_cooldown(const struct line *line, struct gcode_modes *modes,
			  struct gcode_action *action)
{
	(void)line;
	(void)modes;
	ask(action, COMMAND_COOLDOWN, 0);
}

static void read_level(const struct line *line, struct gcode_modes *modes,
		       struct gcode_action *action)
{
	(void)line;
	(void)modes;
	ask(action, COMMAND_LEVEL, 0);
}

static void read_fan(const struct line *line, struct gcode_modes *modes,
		     struct gcode_action *action)
{
	char fan[GCODE_NAME_SIZE];
	double speed;

	(void)modes;
	if (!find_value(line, "FAN", fan, sizeof(fan)) || strcmp(fan, "fan") != 0 ||
	    !find_number(line, "SPEED", &speed) || speed < 0 || speed > 1) {
		refuse(action, "SET_FAN_SPEED needs FAN=fan and SPEED=0…1");
		return;
	}
	ask(action, COMMAND_FAN, speed * PERCENT);
}

static void read_offset(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	double z;
	bool relative = find_number(line, "Z_ADJUST", &z);

	(void)modes;
	if (!relative && !find_number(line, "Z", &z)) {
		refuse(action, "of SET_GCODE_OFFSET there is Z=… and Z_ADJUST=… here, in mm");
		return;
	}
	ask(action, COMMAND_Z_OFFSET, z * CENTI_REAL);
	action->request.relative = relative;
}

static void read_emergency(const struct line *line, struct gcode_modes *modes,
			   struct gcode_action *action)
{
	(void)line;
	(void)modes;
	action->kind = GCODE_EMERGENCY;
}

static void read_message(const struct line *line, struct gcode_modes *modes,
			 struct gcode_action *action)
{
	(void)modes;
	action->kind = GCODE_MESSAGE;
	snprintf(action->text, sizeof(action->text), "%s", line->rest + skip_blanks(line->rest));
}

static void read_display(const struct line *line, struct gcode_modes *modes,
			 struct gcode_action *action)
{
	(void)modes;
	action->kind = GCODE_MESSAGE;
	if (!find_value(line, "MSG", action->text, sizeof(action->text))) {
		action->text[0] = '\0';
	}
}

/* --- modes: the printer is not asked, since each move says itself how it is meant --- */

static void read_absolute(const struct line *line, struct gcode_modes *modes,
			  struct gcode_action *action)
{
	(void)action;
	modes->relative_moves = line->name[2] == '1';
}

static void read_extruder(const struct line *line, struct gcode_modes *modes,
			  struct gcode_action *action)
{
	(void)action;
	modes->relative_extrude = line->name[2] == '3';
}

static void read_save(const struct line *line, struct gcode_modes *modes,
		      struct gcode_action *action)
{
	char name[GCODE_NAME_SIZE];
	size_t at = 0;

	if (!find_value(line, "NAME", name, sizeof(name))) {
		snprintf(name, sizeof(name), "default");
	}
	while (at < modes->saved_count && strcmp(modes->saved[at].name, name) != 0) {
		at++;
	}
	if (at == GCODE_SAVED_MAX) {
		refuse(action, "more than %d states are saved", GCODE_SAVED_MAX);
		return;
	}
	modes->saved_count = at < modes->saved_count ? modes->saved_count : at + 1;
	memcpy(modes->saved[at].name, name, sizeof(name));
	modes->saved[at].relative_moves = modes->relative_moves;
	modes->saved[at].relative_extrude = modes->relative_extrude;
}

static void read_restore(const struct line *line, struct gcode_modes *modes,
			 struct gcode_action *action)
{
	char name[GCODE_NAME_SIZE];

	if (!find_value(line, "NAME", name, sizeof(name))) {
		snprintf(name, sizeof(name), "default");
	}
	for (size_t i = 0; i < modes->saved_count; i++) {
		if (strcmp(modes->saved[i].name, name) == 0) {
			modes->relative_moves = modes->saved[i].relative_moves;
			modes->relative_extrude = modes->saved[i].relative_extrude;
			return;
		}
	}
	refuse(action, "there is no saved state '%s'", name);
}

/* --- codes --- */

static void read_target(const struct line *line, struct gcode_action *action,
			enum command_kind kind)
{
	if (has_only(line, "ST") && isfinite(value_of(line, 'S')) && !(value_of(line, 'T') > 0)) {
		ask(action, kind, value_of(line, 'S') * CENTI_REAL);
	} else {
		pass(line, action);
	}
}

static void read_nozzle(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	(void)modes;
	read_target(line, action, COMMAND_NOZZLE_TARGET);
}

static void read_bed(const struct line *line, struct gcode_modes *modes,
		     struct gcode_action *action)
{
	(void)modes;
	read_target(line, action, COMMAND_BED_TARGET);
}

static void read_blower(const struct line *line, struct gcode_modes *modes,
			struct gcode_action *action)
{
	double speed = line->there['S' - 'A'] ? value_of(line, 'S') : FAN_FULL;
	bool off = strcmp(line->name, "M107") == 0;

	(void)modes;
	if (!has_only(line, off ? "" : "S") || (!off && !(speed >= 0 && speed <= FAN_FULL))) {
		pass(line, action);
		return;
	}
	ask(action, COMMAND_FAN, off ? 0 : speed * PERCENT / FAN_FULL);
}

static void read_home(const struct line *line, struct gcode_modes *modes,
		      struct gcode_action *action)
{
	int axes = 0;

	(void)modes;
	for (int i = 0; i < AXES; i++) {
		axes |= line->there['X' - 'A' + i] << i;
	}
	if (has_only(line, "XYZ")) {
		ask(action, COMMAND_HOME, axes ? axes : COMMAND_AXES_ALL);
	} else {
		pass(line, action);
	}
}

static void read_extrusion(const struct line *line, const struct gcode_modes *modes,
			   struct gcode_action *action)
{
	if (!modes->relative_extrude) {
		refuse(action, "where the extruder stands is not known: M83 first, so that E is "
			       "how much");
	} else if (!isfinite(value_of(line, 'E'))) {
		refuse(action, "%.40s: E has no length", line->text);
	} else {
		ask(action, COMMAND_EXTRUDE, 0);
		action->request.distance_mm = value_of(line, 'E');
	}
}

static void read_move(const struct line *line, struct gcode_modes *modes,
		      struct gcode_action *action)
{
	bool moves = line->there['X' - 'A'] || line->there['Y' - 'A'] || line->there['Z' - 'A'];
	bool extrudes = line->there['E' - 'A'];
	double feed = value_of(line, 'F') / S_PER_MIN;

	if (!has_only(line, "XYZEF")) {
		pass(line, action);
		return;
	}
	if (moves && extrudes) {
		refuse(action, "a move that extrudes belongs in a file: send them apart");
		return;
	}
	if (!moves && !extrudes) {
		return;
	}
	if (extrudes) {
		read_extrusion(line, modes, action);
	} else {
		ask(action, COMMAND_MOVE, 0);
		for (int i = 0; i < AXES; i++) {
			action->request.position_mm[i] = line->values['X' - 'A' + i];
		}
		action->request.relative = modes->relative_moves;
	}
	action->request.feed_mm_s = feed > 0 ? feed : 0;
}

static void read_help(const struct line *line, struct gcode_modes *modes,
		      struct gcode_action *action)
{
	(void)line;
	(void)modes;
	action->kind = GCODE_HELP;
}

static void read_plate(const struct line *line, struct gcode_modes *modes,
		       struct gcode_action *action)
{
	(void)line;
	(void)modes;
	action->kind = GCODE_PLATE;
}

/* --- the table --- */

struct known {
	const char *name;
	void (*read)(const struct line *line, struct gcode_modes *modes,
		     struct gcode_action *action);
	const char *help; /* NULL: a code, which no list shows */
	bool heats;       /* only where there are nozzle, bed and axes */
};

static const struct known known[] = {
	{"SDCARD_PRINT_FILE", read_start, "Starts a file that lies on the printer", false},
	{"PAUSE", read_pause, "Pauses the job", false},
	{"RESUME", read_resume, "Resumes the job", false},
	{"CANCEL_PRINT", read_cancel, "Stops the job", false},
	{"PLATE_CLEAR", read_plate, "Says that the plate is clear: the queue goes on", false},
	{"SET_HEATER_TEMPERATURE", read_heater, "Sets the target of extruder or heater_bed", true},
	{"TURN_OFF_HEATERS", read_cooldown, "Sets both targets to 0", true},
	{"BED_MESH_CALIBRATE", read_level, "Has the printer level its bed", true},
	{"SET_FAN_SPEED", read_fan, "Sets the part fan", true},
	{"SET_GCODE_OFFSET", read_offset, "Sets the Z offset", true},
	{"SET_DISPLAY_TEXT", read_display, "Shows a text on pages, not on the printer", false},
	{"SAVE_GCODE_STATE", read_save, "Keeps how moves are read", true},
	{"RESTORE_GCODE_STATE", read_restore, "Reads moves as was kept", true},
	{"HELP", read_help, "Lists these commands", false},
	{"M112", read_emergency, "Stops the job, then heaters off", false},
	{"M24", read_resume, NULL, false},
	{"M25", read_pause, NULL, false},
	{"M104", read_nozzle, NULL, true},
	{"M140", read_bed, NULL, true},
	{"M106", read_blower, NULL, true},
	{"M107", read_blower, NULL, true},
	{"M117", read_message, NULL, false},
	{"G28", read_home, NULL, true},
	{"G29", read_level, NULL, true},
	{"G0", read_move, NULL, true},
	{"G1", read_move, NULL, true},
	{"G90", read_absolute, NULL, true},
	{"G91", read_absolute, NULL, true},
	{"M82", read_extruder, NULL, true},
	{"M83", read_extruder, NULL, true},
};

/* Words that pages send, and that nothing here stands for. */
static const struct {
	const char *name;
	const char *reason;
} refused[] = {
	{"FIRMWARE_RESTART", "a printer cannot be restarted from here: switch it off and on"},
	{"RESTART", "a printer cannot be restarted from here: switch it off and on"},
	{"SAVE_CONFIG", "the printer keeps its settings itself"},
	{"SDCARD_RESET_FILE", "what it shows of its last job is kept by the printer itself"},
	{"Z_OFFSET_APPLY_PROBE", "the printer keeps its Z offset itself"},
	{"Z_OFFSET_APPLY_ENDSTOP", "the printer keeps its Z offset itself"},
};

static bool is_code(const char *name)
{
	return (name[0] == 'G' || name[0] == 'M' || name[0] == 'T') && name[1] != '\0' &&
	       name[1 + strspn(name + 1, "0123456789.")] == '\0';
}

static void refuse_unknown(const struct line *line, struct gcode_action *action)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (strcmp(refused[i].name, line->name) == 0) {
			refuse(action, "%s: %s", line->name, refused[i].reason);
			return;
		}
	}
	refuse(action, "Unknown command: \"%.60s\"", line->text);
}

void gcode_read_line(const char *text, size_t length, struct gcode_modes *modes,
		     struct gcode_action *action)
{
	struct line line;

	*action = (struct gcode_action){.kind = GCODE_NOTHING};
	if (!split(text, length, &line)) {
		refuse(action, "a line of G-code has at most %d characters", GCODE_LINE_SIZE - 1);
		return;
	}
	if (line.text[0] == '\0') {
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, line.name) == 0) {
			known[i].read(&line, modes, action);
			return;
		}
	}
	if (is_code(line.name)) {
		pass(&line, action);
	} else {
		refuse_unknown(&line, action);
	}
}

bool gcode_next_command(size_t *at, bool heats, const char **name, const char **help)
{
	while (*at < sizeof(known) / sizeof(known[0])) {
		const struct known *item = &known[(*at)++];

		if (item->help && (heats || !item->heats)) {
			*name = item->name;
			*help = item->help;
			return true;
		}
	}
	return false;
}
