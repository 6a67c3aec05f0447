/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/machine.h"

#include "simulator/gcode/motion.h"
#include "simulator/gcode/packet.h"
#include "simulator/gcode/report.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define CENTI             100
#define FAN_FULL          255
#define FEED_LEAST        10
#define FEED_MOST         999
#define BABYSTEP_LIMIT_MM 2.0 /* of one M290 (protocol.md 3, 1021) */

static const char axis_letters[MACHINE_AXES] = {'X', 'Y', 'Z', 'E'};

struct gcode_handler {
	const char *word;
	void (*run)(struct machine *machine, const struct gcode_line *line,
		    struct reply_text *text);
	bool m5c_only;
};

static double clamp(double value, double low, double high)
{
	return fmin(fmax(value, low), high);
}

static void set_nozzle(struct machine *machine, const struct gcode_line *line,
		       struct reply_text *text)
{
	double target_c;

	(void)text;
	if (gcode_line_value(line, 'S', &target_c) || gcode_line_value(line, 'R', &target_c)) {
		thermal_set_target(&machine->nozzle, target_c);
	}
}

static void set_bed(struct machine *machine, const struct gcode_line *line, struct reply_text *text)
{
	double target_c;

	(void)text;
	if (gcode_line_value(line, 'S', &target_c) || gcode_line_value(line, 'R', &target_c)) {
		thermal_set_target(&machine->bed, target_c);
	}
}

/* The real printer answers the waiting commands when they are queued, too. */
static void set_nozzle_and_wait(struct machine *machine, const struct gcode_line *line,
				struct reply_text *text)
{
	set_nozzle(machine, line, text);
	gcode_report_busy(text);
	gcode_report_temperatures(machine, text);
}

static void set_bed_and_wait(struct machine *machine, const struct gcode_line *line,
			     struct reply_text *text)
{
	set_bed(machine, line, text);
	gcode_report_busy(text);
	gcode_report_temperatures(machine, text);
}

static void tell_temperatures(struct machine *machine, const struct gcode_line *line,
			      struct reply_text *text)
{
	(void)line;
	gcode_report_temperatures(machine, text);
}

static void set_fan(struct machine *machine, const struct gcode_line *line, struct reply_text *text)
{
	double speed = FAN_FULL;

	(void)text;
	(void)gcode_line_value(line, 'S', &speed);
	machine->gcode_fan = lround(clamp(speed, 0, FAN_FULL));
}

static void stop_fan(struct machine *machine, const struct gcode_line *line,
		     struct reply_text *text)
{
	(void)line;
	(void)text;
	machine->gcode_fan = 0;
}

static void tell_position(struct machine *machine, const struct gcode_line *line,
			  struct reply_text *text)
{
	(void)line;
	gcode_report_position(machine, text);
}

static void tell_firmware(struct machine *machine, const struct gcode_line *line,
			  struct reply_text *text)
{
	(void)line;
	gcode_report_firmware(machine, text);
}

static void tell_endstops(struct machine *machine, const struct gcode_line *line,
			  struct reply_text *text)
{
	(void)line;
	gcode_report_endstops(machine, text);
}

static void set_feed(struct machine *machine, const struct gcode_line *line,
		     struct reply_text *text)
{
	double percent;

	if (!gcode_line_value(line, 'S', &percent)) {
		reply_text_add(text, "FR:%lld%%\n", (long long)machine->feed_percent);
		return;
	}
	machine->feed_percent = lround(clamp(percent, FEED_LEAST, FEED_MOST));
}

static void babystep(struct machine *machine, const struct gcode_line *line,
		     struct reply_text *text)
{
	double delta_mm;

	if (!gcode_line_value(line, 'Z', &delta_mm)) {
		reply_text_add(text, "echo:Z Offset %.2f\n",
			       (double)machine->z_offset_centi_mm / CENTI);
		return;
	}
	delta_mm = clamp(delta_mm, -BABYSTEP_LIMIT_MM, BABYSTEP_LIMIT_MM);
	machine_set_z_offset(machine, machine->z_offset_centi_mm + lround(delta_mm * CENTI));
}

/* What takes long says so in between, before its answer. */
static void home_axes(struct machine *machine, const struct gcode_line *line,
		      struct reply_text *text)
{
	gcode_report_busy(text);
	gcode_motion_home(machine, line, text);
}

static void use_mesh(struct machine *machine, const struct gcode_line *line,
		     struct reply_text *text)
{
	if (gcode_line_find(line, 'V')) {
		gcode_report_mesh(machine, text);
	}
	reply_text_add(text, "echo:Bed Leveling %s\necho:Fade Height 10.00\n",
		       machine->levelled ? "ON" : "OFF");
}

static void tell_settings(struct machine *machine, const struct gcode_line *line,
			  struct reply_text *text)
{
	(void)line;
	gcode_report_settings(machine, text);
}

static void use_absolute(struct machine *machine, const struct gcode_line *line,
			 struct reply_text *text)
{
	(void)line;
	(void)text;
	machine->relative = false;
}

static void use_relative(struct machine *machine, const struct gcode_line *line,
			 struct reply_text *text)
{
	(void)line;
	(void)text;
	machine->relative = true;
}

static void set_position(struct machine *machine, const struct gcode_line *line,
			 struct reply_text *text)
{
	(void)text;
	for (size_t axis = 0; axis < MACHINE_AXES; axis++) {
		double value;
		if (gcode_line_value(line, axis_letters[axis], &value)) {
			machine->origin_mm[axis] = machine->position_mm[axis] - value;
		} else if (line->count == 0) {
			machine->origin_mm[axis] = machine->position_mm[axis];
		}
	}
}

static void set_light(struct machine *machine, const struct gcode_line *line,
		      struct reply_text *text)
{
	double on;

	/* The first of its parameters counts (protocol.md 7.3), and what it tells is what was
	 * asked. */
	for (const char *letter = "MWCS"; *letter != '\0'; letter++) {
		if (gcode_line_value(line, *letter, &on)) {
			machine->light = *letter == 'S' ? on > 0 : machine->light;
			reply_text_add(text, "echo:M3012 %c%d\n", *letter, (int)on);
			return;
		}
	}
}

/* Taken, with nothing that could be seen. */
static void ignore(struct machine *machine, const struct gcode_line *line, struct reply_text *text)
{
	(void)machine;
	(void)line;
	(void)text;
}

static void request_abort(struct machine *machine, const struct gcode_line *line,
			  struct reply_text *text)
{
	(void)line;
	(void)text;
	machine->abort_requested = true;
}

static const struct gcode_handler handlers[] = {
	{"G0", gcode_motion_move, false},
	{"G1", gcode_motion_move, false},
	{"G28", home_axes, false},
	{"G90", use_absolute, false},
	{"G91", use_relative, false},
	{"G92", set_position, false},
	{"M82", ignore, false},
	{"M83", ignore, false},
	{"M84", ignore, false},
	{"M104", set_nozzle, false},
	{"M105", tell_temperatures, false},
	{"M106", set_fan, false},
	{"M107", stop_fan, false},
	{"M109", set_nozzle_and_wait, false},
	{"M114", tell_position, false},
	{"M115", tell_firmware, false},
	{"M117", ignore, false},
	{"M119", tell_endstops, false},
	{"M140", set_bed, false},
	{"M190", set_bed_and_wait, false},
	{"M220", set_feed, false},
	{"M290", babystep, false},
	{"M400", ignore, false},
	{"M420", use_mesh, false},
	{"M503", tell_settings, false},
	{"M2024", request_abort, true},
	{"M3012", set_light, true},
};

static const struct gcode_handler *find_handler(const struct machine *machine, const char *word)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		bool known = !handlers[i].m5c_only || machine->model->id == FLAGSHIP_MODEL_M5C;
		if (known && strcmp(handlers[i].word, word) == 0) {
			return &handlers[i];
		}
	}
	return NULL;
}

/* What follows the code is printed as it is, behind parameters of its own (Marlin; protocol.md 3.3,
 * 3.5). True where the line is M118. */
static bool tell_text(const char *line, const struct gcode_line *command, struct reply_text *text)
{
	bool echoes = false;

	if (strcmp(command->word, "M118") != 0) {
		return false;
	}
	line += strspn(line, " ");
	line += strcspn(line, " ");
	line += strspn(line, " ");
	while ((strncmp(line, "A1", 2) == 0 || strncmp(line, "E1", 2) == 0 ||
		(line[0] == 'P' && isdigit((unsigned char)line[1])))) {
		echoes = echoes || line[0] == 'E';
		line += 2;
		line += strspn(line, " ");
	}
	reply_text_add(text, "%s%s\n", echoes ? "echo:" : "", line);
	return true;
}

static void run_command(struct machine *machine, const char *line, struct reply_text *text,
			char word[GCODE_WORD_MAX])
{
	struct gcode_line command;

	word[0] = '\0';
	if (!gcode_line_read(line, &command)) {
		return;
	}
	memcpy(word, command.word, GCODE_WORD_MAX);
	if (tell_text(line, &command, text)) {
		return;
	}
	const struct gcode_handler *handler = find_handler(machine, command.word);
	if (handler) {
		handler->run(machine, &command, text);
		return;
	}
	size_t length = strcspn(line, ";\r\n");
	while (length > 0 && line[length - 1] == ' ') {
		length--;
	}
	reply_text_add(text, "echo:Unknown command: \"%.*s\"\n", (int)length, line);
}

void gcode_machine_run(struct machine *machine, const char *line, struct reply_text *text,
		       char word[GCODE_WORD_MAX])
{
	struct gcode_packet packet;
	char command[GCODE_PACKET_COMMAND_MAX];
	char other[GCODE_WORD_MAX] = "";
	bool is_first = true;

	reply_text_init(text);
	word[0] = '\0';
	gcode_packet_init(&packet, line);
	while (gcode_packet_next(&packet, command)) {
		run_command(machine, command, text, is_first ? word : other);
		is_first = false;
	}
}
