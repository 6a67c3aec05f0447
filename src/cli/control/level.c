/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"
#include "cli/gcode/level_map.h"
#include "cli/kit/cli.h"

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
