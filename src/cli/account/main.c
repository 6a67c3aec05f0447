/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"
#include "cli/kit/companion.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <string.h>

static const struct cli_command *const commands[] = {
	&import_command,
	&login_command,
	&refresh_command,
};

static int run(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i]->name, argv[1]) == 0) {
			return commands[i]->run(commands[i], argc - 2, argv + 2);
		}
	}
	cli_error("this program serves flagship import, flagship login and flagship refresh");
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	return streams_end(companion_begin(argc, argv) ? run(argc, argv) : CLI_DONE);
}
