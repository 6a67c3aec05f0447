/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"
#include "cli/control/value.h"
#include "cli/gcode/level_map.h"
#include "cli/kit/cli.h"

#include <math.h>
#include <string.h>

/* home, move, extrude, retract, z-offset: what moves. */

#define MOTION_POSITION_MAX_MM 10000.0
#define MOTION_DISTANCE_MIN_MM 0.01
#define MOTION_DISTANCE_MAX_MM 200.0
#define MOTION_Z_OFFSET_MAX_MM 10.0
#define MOTION_CENTI           100.0
#define MOTION_FEED_MAX_MM_S   500
#define MOTION_AXES            3
#define MOTION_STAYS           "-"

struct motion_options {
	double feed_mm_s;
	bool relative;
};

#define MOTION_FEED                                                                      \
	{                                                                                \
		.name = "feed", .kind = OPTIONS_REAL, .value = "MM/S", .minimum = 0,     \
		.maximum = MOTION_FEED_MAX_MM_S,                                         \
		.help = "how fast, in millimetres a second; by default a careful speed", \
		.offset = offsetof(struct motion_options, feed_mm_s)                     \
	}

static const struct options_option motion_table[] = {
	MOTION_FEED,
	{.name = "relative",
	 .kind = OPTIONS_FLAG,
	 .help = "the numbers are distances from where it is now",
	 .offset = offsetof(struct motion_options, relative)},
};

static const struct options_option feed_table[] = {MOTION_FEED};

static const struct options_option z_offset_table[] = {
	{.name = "relative",
	 .kind = OPTIONS_FLAG,
	 .help = "MM is what is added to the offset that there is",
	 .offset = offsetof(struct motion_options, relative)},
};

static const struct options_group motion_group = OPTIONS_GROUP("Movement", motion_table);
static const struct options_group feed_group = OPTIONS_GROUP("Movement", feed_table);
static const struct options_group z_offset_group = OPTIONS_GROUP("Movement", z_offset_table);

static int home_read_axes(int argc, char **argv, int64_t *axes)
{
	static const char *const names[] = {"x", "y", "z", "all", NULL};
	static const int64_t values[] = {COMMAND_AXIS_X, COMMAND_AXIS_Y, COMMAND_AXIS_Z,
					 COMMAND_AXES_ALL};
	size_t index;

	*axes = argc == 0 ? COMMAND_AXES_ALL : 0;
	for (int i = 0; i < argc; i++) {
		int result = control_read_choice("home", argv[i], names, &index);

		if (result != OPTIONS_RUN) {
			return result;
		}
		*axes |= values[index];
	}
	return OPTIONS_RUN;
}

static int home_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN) {
		result = home_read_axes(argc, argv, &control.request.value);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_HOME;
	return control_run(&control);
}

static int move_read_position(char **argv, double position_mm[MOTION_AXES])
{
	static const char *const names[MOTION_AXES] = {"X", "Y", "Z"};
	size_t stays = 0;

	for (size_t i = 0; i < MOTION_AXES; i++) {
		int result = OPTIONS_RUN;

		if (strcmp(argv[i], MOTION_STAYS) == 0) {
			position_mm[i] = NAN;
			stays++;
		} else {
			result = control_read_real(names[i], argv[i], -MOTION_POSITION_MAX_MM,
						   MOTION_POSITION_MAX_MM, &position_mm[i]);
		}
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	if (stays == MOTION_AXES) {
		return control_lacks("move", "a position for one axis at least");
	}
	return OPTIONS_RUN;
}

static int move_run(const struct cli_command *command, int argc, char **argv)
{
	struct motion_options options = {0};
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, &options);

	if (result == OPTIONS_RUN && argc < MOTION_AXES) {
		result = control_lacks(command->name, "X, Y and Z in millimetres, - for an axis "
						      "that stays");
	}
	if (result == OPTIONS_RUN) {
		result = move_read_position(argv, control.request.position_mm);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_MOVE;
	control.request.relative = options.relative;
	control.request.feed_mm_s = options.feed_mm_s;
	return control_run(&control);
}

static int filament_run(const struct cli_command *command, int argc, char **argv, double sign)
{
	struct motion_options options = {0};
	struct control control = CONTROL_DEFAULT;
	double distance_mm = 0;
	int result = control_parse(&control, command, &argc, argv, &options);

	if (result == OPTIONS_RUN && argc == 0) {
		result = control_lacks(command->name, "a length in millimetres");
	}
	if (result == OPTIONS_RUN) {
		result = control_read_real(command->name, argv[0], MOTION_DISTANCE_MIN_MM,
					   MOTION_DISTANCE_MAX_MM, &distance_mm);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_EXTRUDE;
	control.request.distance_mm = sign * distance_mm;
	control.request.feed_mm_s = options.feed_mm_s;
	return control_run(&control);
}

static int extrude_run(const struct cli_command *command, int argc, char **argv)
{
	return filament_run(command, argc, argv, 1);
}

static int retract_run(const struct cli_command *command, int argc, char **argv)
{
	return filament_run(command, argc, argv, -1);
}

static int z_offset_run(const struct cli_command *command, int argc, char **argv)
{
	struct motion_options options = {0};
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, &options);

	if (result == OPTIONS_RUN && argc == 0) {
		result = control_lacks(command->name, "an offset in millimetres");
	}
	if (result == OPTIONS_RUN) {
		result = control_read_scaled(command->name, argv[0], -MOTION_Z_OFFSET_MAX_MM,
					     MOTION_Z_OFFSET_MAX_MM, MOTION_CENTI,
					     &control.request.value);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_Z_OFFSET;
	control.request.relative = options.relative;
	return control_run(&control);
}

const struct cli_command home_command = {
	.name = "home",
	.section = "Control",
	.summary = "move axes to where they count from",
	.arguments = "[x|y|z|all...]",
	.arguments_max = MOTION_AXES,
	.description = "Homes the axes that are named, by default all. Refused while a job runs, "
		       "and on an\n"
		       "M5C wherever Z is homed: it drove its nozzle into the plate.",
	.groups = (const struct options_group *const[]){CONTROL_GROUPS, NULL},
	.run = home_run,
};

const struct cli_command move_command = {
	.name = "move",
	.section = "Control",
	.summary = "move the nozzle",
	.arguments = "X Y Z",
	.arguments_max = MOTION_AXES,
	.description =
		"Moves to a position in millimetres; - for an axis that stays. With --relative by\n"
		"so much. Refused while a job runs, beyond what the model can reach, and with\n"
		"--relative downwards, since nobody knows how high the nozzle is. A printer moves\n"
		"only after it was homed, and says so.",
	.groups = (const struct options_group *const[]){&motion_group, CONTROL_GROUPS, NULL},
	.run = move_run,
};

const struct cli_command extrude_command = {
	.name = "extrude",
	.section = "Control",
	.summary = "push filament out of the nozzle",
	.arguments = "MM",
	.arguments_max = 1,
	.description =
		"Pushes out so many millimetres of filament. Refused while a job runs, and while\n"
		"the nozzle is below 165 degrees (M5C: 160), where the printer moves no filament.\n"
		"Never sent twice, so that it never happens twice.",
	.groups = (const struct options_group *const[]){&feed_group, CONTROL_GROUPS, NULL},
	.run = extrude_run,
};

const struct cli_command retract_command = {
	.name = "retract",
	.section = "Control",
	.summary = "draw filament back",
	.arguments = "MM",
	.arguments_max = 1,
	.description = "Draws back so many millimetres of filament; else as flagship extrude.",
	.groups = (const struct options_group *const[]){&feed_group, CONTROL_GROUPS, NULL},
	.run = retract_run,
};

const struct cli_command z_offset_command = {
	.name = "z-offset",
	.section = "Control",
	.summary = "raise or lower the first layer",
	.arguments = "MM",
	.arguments_max = 1,
	.description = "Sets the Z offset in millimetres (a negative one is nearer to the plate), "
		       "or with\n"
		       "--relative changes it by so much. Works while a job runs. Refused where it "
		       "changes by\n"
		       "more than 1 mm at a time, or ends beyond 2 mm.",
	.groups = (const struct options_group *const[]){&z_offset_group, CONTROL_GROUPS, NULL},
	.run = z_offset_run,
};

/* level: probes the bed, or shows what was found. */

static int level_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	struct level_map_options map = {0};
	int result = control_parse(&control, command, &argc, argv, &map);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (map.map) {
		map.json = control.options.json;
		return level_map_run(&map, &control.target_options);
	}
	if (map.csv) {
		cli_error("--csv is for the map: flagship level --map --csv");
		return CLI_USAGE;
	}
	control.request.kind = COMMAND_LEVEL;
	return control_run(&control);
}

const struct cli_command level_command = {
	.name = "level",
	.section = "Control",
	.summary = "probe the bed, or show how level it is",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Starts the levelling: the printer heats and probes the bed, which takes some\n"
		"minutes. Refused while a job runs.\n"
		"\n"
		"With --map nothing moves: it shows the heights that were found when the bed was\n"
		"probed last, as a map in colours, as JSON or as CSV. The printer cuts long "
		"answers,\n"
		"so it is asked again until each height is sure. Heights that stay unknown are "
		"shown\n"
		"as ?, null or nothing, named on standard error, and make the exit status 1.",
	.groups = (const struct options_group *const[]){&level_map_options_group, CONTROL_GROUPS,
							NULL},
	.run = level_run,
};
