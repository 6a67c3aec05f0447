/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <signal.h>
#include <stdio.h>
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
	streams_hold();
	core_dump_forbid();
	json_wipe_install();
	/* A service that hangs up is reported as such. */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(run(argc, argv));
}
