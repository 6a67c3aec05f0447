/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/control.h"

/* level: probes the bed. */

static int level_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_LEVEL;
	return control_run(&control);
}

const struct cli_command level_command = {
	.name = "level",
	.section = "Control",
	.summary = "probe the bed",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Starts the levelling: the printer heats and probes the bed, which takes some\n"
		"minutes. Refused while a job runs.",
	.groups = (const struct options_group *const[]){CONTROL_GROUPS, NULL},
	.run = level_run,
};
