/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/output/message.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "gateway/commands/run.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>

/* flagship-serve, the program that `flagship serve` becomes. */

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct serve_options options;

	serve_options_init(&options);
	int result = options_parse(command, &argc, argv, (void *[]){&options});
	if (result == OPTIONS_RUN) {
		result = serve_options_check(&options);
	}
	return result == OPTIONS_RUN ? serve_run(&options) : result;
}

static const struct cli_command serve_command = {
	.name = "serve",
	.section = "Printers",
	.summary = "hold every printer, for browsers and programs",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Holds every printer of every account at the same time, and answers for them over\n"
		"HTTP on this machine: GET /api/v1/printers, POST /api/v1/printers/NAME/commands,\n"
		"and /api/v1/events, a WebSocket or Server-Sent Events. Accounts and settings "
		"that\n"
		"change are taken over while it runs, and again on SIGHUP.",
	.groups = (const struct options_group *const[]){&serve_options_group, NULL},
	.run = run,
};

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(run(&serve_command, argc - 1, argv + 1));
}
