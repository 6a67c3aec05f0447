/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/kit/external.h"
#include "cli/kit/markdown.h"
#include "cli/output/message.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "daemon/run/rebirth.h"
#include "gateway/commands/copies/copies.h"
#include "gateway/commands/people.h"
#include "gateway/commands/run.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>

/* flagship-serve, the program that `flagship serve` becomes. */

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct serve_options options;
	struct rebirth rebirth;
	char program[PATH_MAX];
	bool anew = false;

	if (!external_find("serve", program)) {
		snprintf(program, sizeof(program), "flagship-serve");
	}
	rebirth_init(&rebirth, program, argc, argv);
	serve_options_init(&options);
	int result = options_parse(command, &argc, argv, (void *[]){&options});
	if (result == OPTIONS_RUN) {
		result = serve_options_check(&options);
	}
	if (result == OPTIONS_RUN) {
		result = serve_run(&options, &anew);
	}
	if (anew) {
		/* The page is open, and connects again. */
		rebirth_drop(&rebirth, "--open");
		rebirth_begin(&rebirth);
		cli_error("%s cannot be started anew: start it yourself", program);
		result = CLI_FAILED;
	}
	rebirth_finish(&rebirth);
	return result;
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
		"change are taken over while it runs, and again on SIGHUP.\n\n"
		"flagship serve user and flagship serve key say who may use it: without users\n"
		"everybody on this machine, and nobody else.",
	.groups = (const struct options_group *const[]){&serve_options_group, NULL},
	.run = run,
};

static const struct cli_command *const serve_commands[] = {
	&serve_command,        &serve_user_command,    &serve_key_command,
	&serve_backup_command, &serve_restore_command,
};

#define COMMAND_COUNT (sizeof(serve_commands) / sizeof(serve_commands[0]))
#define NAME_PREFIX   "serve "

static int run_command(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && strcmp(argv[1], "--markdown") == 0; i++) {
		if (i == COMMAND_COUNT) {
			return CLI_DONE;
		}
		markdown_print_command(serve_commands[i], stdout);
	}
	for (size_t i = 1; argc > 1 && i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], serve_commands[i]->name + strlen(NAME_PREFIX)) == 0) {
			return serve_commands[i]->run(serve_commands[i], argc - 2, argv + 2);
		}
	}
	return run(&serve_command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	json_wipe_install();
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(run_command(argc, argv));
}
