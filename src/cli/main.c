/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/dispatch.h"

static const struct cli_command *const commands[] = {
	&monitor_command, &status_command, &gcode_command,  &decode_command,
	&encode_command,  &types_command,  &replay_command, &help_command,
};

const struct cli_command *const *cli_commands(size_t *count)
{
	*count = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

int main(int argc, char **argv)
{
	return dispatch_run(argc, argv);
}
