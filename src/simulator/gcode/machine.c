/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/machine.h"

#include "simulator/gcode/packet.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* What a printer tells of itself, each line ended. */

void gcode_report_temperatures(const struct machine *machine, struct reply_text *text); /* M105 */
void gcode_report_position(const struct machine *machine, struct reply_text *text);     /* M114 */
void gcode_report_firmware(const struct machine *machine, struct reply_text *text);     /* M115 */
void gcode_report_endstops(const struct machine *machine, struct reply_text *text);     /* M119 */
void gcode_report_mesh(const struct machine *machine, struct reply_text *text);         /* M420 V */
void gcode_report_settings(const struct machine *machine, struct reply_text *text);     /* M503 */

void gcode_report_busy(struct reply_text *text); /* inside a long reply */

#define CENTI_REAL       100.0
#define HOMING_S         8.0
#define LEAST_MOVE_S     0.01
#define USUAL_FEED_MM_S  50.0
#define SECONDS_A_MINUTE 60.0

static const char letters[MACHINE_AXES] = {'X', 'Y', 'Z', 'E'};

/* "echo:Home XY First", where it is so. */
static bool must_home(const struct machine *machine, const struct gcode_line *line,
		      struct reply_text *text)
{
	bool must = false;

	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		if (!gcode_line_find(line, letters[axis]) || machine->homed[axis]) {
			continue;
		}
		reply_text_add(text, "%s%c", must ? "" : "echo:Home ", letters[axis]);
		must = true;
	}
	if (must) {
		reply_text_add(text, " First\n");
	}
	return must;
}

static double soft_end_stop(const struct machine *machine, size_t axis, double to_mm)
{
	if (axis == MACHINE_E) {
		return to_mm;
	}
	return fmin(fmax(to_mm, machine->model->range_mm[axis][0]),
		    machine->model->range_mm[axis][1]);
}

/* How far it goes, in mm. */
static double move_axis(struct machine *machine, size_t axis, double value, struct reply_text *text)
{
	double from_mm = machine->position_mm[axis];
	double base_mm = machine->relative ? from_mm : machine->origin_mm[axis];
	double to_mm = soft_end_stop(machine, axis, base_mm + value);

	if (axis == MACHINE_E && to_mm != from_mm &&
	    machine->nozzle.temperature_c < machine->model->cold_extrusion_c) {
		reply_text_add(text, "echo: cold extrusion prevented\n");
		return 0;
	}
	machine->position_mm[axis] = to_mm;
	return fabs(to_mm - from_mm);
}

/*
 * G0, G1 and G28 as the motion board takes them (protocol.md 7.1, 7.4): nothing moves along an axis
 * that was not homed, no filament below the cold-extrusion limit, and the soft end stops cut what
 * lies beyond, without a word.
 */
static void gcode_motion_move(struct machine *machine, const struct gcode_line *line,
			      struct reply_text *text)
{
	double feed_mm_s = USUAL_FEED_MM_S;
	double feed_mm_min;
	double way_mm = 0;

	if (must_home(machine, line, text)) {
		return;
	}
	if (gcode_line_value(line, 'F', &feed_mm_min) && feed_mm_min > 0) {
		feed_mm_s = feed_mm_min / SECONDS_A_MINUTE;
	}
	for (size_t axis = 0; axis < MACHINE_AXES; axis++) {
		double value;
		if (gcode_line_value(line, letters[axis], &value)) {
			way_mm += move_axis(machine, axis, value, text);
		}
	}
	if (way_mm > 0) {
		machine_queue_move(machine, fmax(way_mm / feed_mm_s, LEAST_MOVE_S));
	}
}

static void home_named_axes(struct machine *machine, const struct gcode_line *line)
{
	bool all = !gcode_line_find(line, 'X') && !gcode_line_find(line, 'Y') &&
		   !gcode_line_find(line, 'Z');

	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		if (all || gcode_line_find(line, letters[axis])) {
			machine_home_axis(machine, axis);
		}
	}
	machine_queue_move(machine, HOMING_S);
}

#define STEPS_PER_MM       128
#define Z_STEPS_PER_MM     400
#define HEATER_POWER_SCALE 127

void gcode_report_temperatures(const struct machine *machine, struct reply_text *text)
{
	const struct thermal *nozzle = &machine->nozzle;
	const struct thermal *bed = &machine->bed;

	reply_text_add(text, "T:%.2f /%.2f B:%.2f /%.2f @:%d B@:%d\n",
		       (double)nozzle->reading_centi_c / CENTI_REAL, nozzle->target_c,
		       (double)bed->reading_centi_c / CENTI_REAL, bed->target_c,
		       (int)lround(nozzle->power * HEATER_POWER_SCALE),
		       (int)lround(bed->power * HEATER_POWER_SCALE));
}

void gcode_report_busy(struct reply_text *text)
{
	reply_text_add(text, "echo:busy: processing\n");
}

void gcode_report_position(const struct machine *machine, struct reply_text *text)
{
	const double *mm = machine->position_mm;
	const double *origin = machine->origin_mm;

	reply_text_add(text, "X:%.2f Y:%.2f Z:%.2f E:%.2f Count X:%ld Y:%ld Z:%ld\n",
		       mm[MACHINE_X] - origin[MACHINE_X], mm[MACHINE_Y] - origin[MACHINE_Y],
		       mm[MACHINE_Z] - origin[MACHINE_Z], mm[MACHINE_E] - origin[MACHINE_E],
		       lround(mm[MACHINE_X] * STEPS_PER_MM), lround(mm[MACHINE_Y] * STEPS_PER_MM),
		       lround(mm[MACHINE_Z] * Z_STEPS_PER_MM));
}

void gcode_report_firmware(const struct machine *machine, struct reply_text *text)
{
	static const char *const capabilities[] = {
		"SERIAL_XON_XOFF:0",  "BINARY_FILE_TRANSFER:0",
		"EEPROM:1",           "VOLUMETRIC:1",
		"AUTOREPORT_POS:0",   "AUTOREPORT_TEMP:1",
		"PROGRESS:0",         "PRINT_JOB:1",
		"AUTOLEVEL:1",        "RUNOUT:0",
		"Z_PROBE:1",          "LEVELING_DATA:1",
		"BUILD_PERCENT:0",    "SOFTWARE_POWER:0",
		"TOGGLE_LIGHTS:0",    "CASE_LIGHT_BRIGHTNESS:0",
		"EMERGENCY_PARSER:1", "HOST_ACTION_COMMANDS:0",
		"PROMPT_SUPPORT:0",   "SDCARD:0",
		"MULTI_VOLUME:0",     "MOTION_MODES:0",
		"BABYSTEPPING:1",     "CHAMBER_TEMPERATURE:0",
	};

	reply_text_add(
		text,
		"FIRMWARE_NAME:Marlin %s (simulated) SOURCE_CODE_URL:github.com/MarlinFirmware"
		"/Marlin PROTOCOL_VERSION:1.0 MACHINE_TYPE:3D Printer EXTRUDER_COUNT:1 "
		"UUID:%s\n",
		machine->model->firmware, machine->uuid);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		reply_text_add(text, "Cap:%s\n", capabilities[i]);
	}
}

void gcode_report_endstops(const struct machine *machine, struct reply_text *text)
{
	static const char *const names[] = {"x_min", "y_min", "z_min"};

	reply_text_add(text, "Reporting endstop status\n");
	for (size_t axis = 0; axis < sizeof(names) / sizeof(names[0]); axis++) {
		bool hit = machine->homed[axis] && machine->position_mm[axis] <= 0;
		reply_text_add(text, "%s: %s\n", names[axis], hit ? "TRIGGERED" : "open");
	}
	reply_text_add(text, "z2_min: open\nz_probe: open\n");
}

void gcode_report_mesh(const struct machine *machine, struct reply_text *text)
{
	for (size_t y = 0; y < MACHINE_MESH_SIZE; y++) {
		reply_text_add(text, "BL-Grid-%zu", y);
		for (size_t x = 0; x < MACHINE_MESH_SIZE; x++) {
			reply_text_add(text, " %.3f", machine->mesh_mm[y][x]);
		}
		reply_text_add(text, "\n");
	}
}

static void report_mesh_as_commands(const struct machine *machine, struct reply_text *text)
{
	reply_text_add(text, "echo:; Auto Bed Leveling:\necho:  M420 S%d Z10.00\n",
		       machine->levelled ? 1 : 0);
	for (size_t y = 0; y < MACHINE_MESH_SIZE; y++) {
		for (size_t x = 0; x < MACHINE_MESH_SIZE; x++) {
			reply_text_add(text, "echo:  G29 W I%zu J%zu Z%.5f\n", x, y,
				       machine->mesh_mm[y][x]);
		}
	}
}

void gcode_report_settings(const struct machine *machine, struct reply_text *text)
{
	reply_text_add(text,
		       "echo:; Linear Units:\necho:  G21\n"
		       "echo:; Temperature Units:\necho:  M149 C\n"
		       "echo:; Steps per unit:\n"
		       "echo:  M92 X%d.00 Y%d.00 Z%d.00 E382.00\n",
		       STEPS_PER_MM, STEPS_PER_MM, Z_STEPS_PER_MM);
	reply_text_add(text,
		       "echo:; Max feedrates (units/s):\n"
		       "echo:  M203 X%lld.00 Y%lld.00 Z20.00 E80.00\n"
		       "echo:; Acceleration (units/s2):\n"
		       "echo:  M204 P2500.00 R2500.00 T2500.00\n",
		       (long long)machine->model->max_speed_mm_s,
		       (long long)machine->model->max_speed_mm_s);
	report_mesh_as_commands(machine, text);
	reply_text_add(text, "echo:; Endstop adjustment:\necho:  M666 Z0.00\n"
			     "echo:; PID settings:\necho:  M301 P25.33 I3.52 D45.60\n"
			     "echo:  M304 P61.74 I11.97 D212.38\n"
			     "echo:; Controller Fan:\necho:  M710 S255 I0 A1 D60\n");
	reply_text_add(text, "echo:; Z-Probe Offset (mm):\necho:  M851 X0 Y0 Z%.2f\n",
		       (double)machine->z_offset_centi_mm / CENTI_REAL);
	reply_text_add(text, "echo:; Stepper driver current:\n"
			     "echo:  M906 X1050 Y1500 Z800\necho:  M906 I1 Z800\n"
			     "echo:  M906 T0 E800\n"
			     "echo:; Hybrid Threshold:\necho:  M913 X333 Y333 Z282\n"
			     "echo:  M913 I1 Z282\necho:  M913 T0 E0\n");
}

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

static void report_temperatures(struct machine *machine, const struct gcode_line *line,
				struct reply_text *text)
{
	(void)line;
	gcode_report_temperatures(machine, text);
}

static void report_position(struct machine *machine, const struct gcode_line *line,
			    struct reply_text *text)
{
	(void)line;
	gcode_report_position(machine, text);
}

static void report_firmware(struct machine *machine, const struct gcode_line *line,
			    struct reply_text *text)
{
	(void)line;
	gcode_report_firmware(machine, text);
}

static void report_endstops(struct machine *machine, const struct gcode_line *line,
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
			       (double)machine->z_offset_centi_mm / CENTI_REAL);
		return;
	}
	delta_mm = clamp(delta_mm, -BABYSTEP_LIMIT_MM, BABYSTEP_LIMIT_MM);
	machine_set_z_offset(machine, machine->z_offset_centi_mm + lround(delta_mm * CENTI_REAL));
}

/* What takes long says so in between, before its answer. */
static void home_axes(struct machine *machine, const struct gcode_line *line,
		      struct reply_text *text)
{
	gcode_report_busy(text);
	home_named_axes(machine, line);
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

static void report_settings(struct machine *machine, const struct gcode_line *line,
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
	{"M105", report_temperatures, false},
	{"M106", ignore, false},
	{"M107", ignore, false},
	{"M109", set_nozzle_and_wait, false},
	{"M114", report_position, false},
	{"M115", report_firmware, false},
	{"M117", ignore, false},
	{"M119", report_endstops, false},
	{"M140", set_bed, false},
	{"M190", set_bed_and_wait, false},
	{"M220", set_feed, false},
	{"M290", babystep, false},
	{"M400", ignore, false},
	{"M420", use_mesh, false},
	{"M503", report_settings, false},
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
static bool report_text(const char *line, const struct gcode_line *command, struct reply_text *text)
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
	if (report_text(line, &command, text)) {
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
