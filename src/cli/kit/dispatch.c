/* SPDX-License-Identifier: MIT */
#include "cli/kit/dispatch.h"

#include "cli/kit/companion.h"
#include "cli/kit/external.h"
#include "cli/kit/help.h"
#include "cli/kit/streams.h"
#include "cli/kit/suggest.h"
#include "cli/output/print.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>

#define DISPATCH_NAME_MAX 64

/* A copy of the name of a program in a folder: suggest only borrows what it is offered. */
struct dispatch_offer {
	struct suggest suggest;
	char external[DISPATCH_NAME_MAX];
};

const struct cli_command *dispatch_find(const char *name)
{
	size_t count;
	const struct cli_command *const *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}

static void dispatch_offer_external(void *context, const char *name)
{
	struct dispatch_offer *offer = context;

	if (strlen(name) >= DISPATCH_NAME_MAX || companion_is_server(name)) {
		return;
	}
	suggest_offer(&offer->suggest, name);
	if (suggest_best(&offer->suggest) == name) {
		snprintf(offer->external, DISPATCH_NAME_MAX, "%s", name);
		offer->suggest.best = offer->external;
	}
}

int dispatch_unknown(const char *name)
{
	struct dispatch_offer offer;
	size_t count;
	const struct companion *missing = companion_find(name);

	if (missing != NULL) {
		cli_error("'%s' is done by the program flagship-%s, which is not installed here",
			  name, missing->program != NULL ? missing->program : missing->name);
		return CLI_FAILED;
	}
	const struct cli_command *const *commands = cli_commands(&count);

	suggest_init(&offer.suggest, name);
	for (size_t i = 0; i < count; i++) {
		suggest_offer(&offer.suggest, commands[i]->name);
	}
	const struct companion *served = companions(&count);
	for (size_t i = 0; i < count; i++) {
		suggest_offer(&offer.suggest, served[i].name);
	}
	external_list(dispatch_offer_external, &offer);
	if (suggest_best(&offer.suggest) != NULL) {
		cli_error("there is no command '%s'; did you mean %s?", name,
			  suggest_best(&offer.suggest));
	} else {
		cli_error("there is no command '%s'; flagship --help lists them", name);
	}
	return CLI_USAGE;
}

static int dispatch_option(const char *option)
{
	struct suggest suggest;

	if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
		help_print(stdout);
		return CLI_DONE;
	}
	if (strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return CLI_DONE;
	}
	suggest_init(&suggest, option);
	suggest_offer(&suggest, "--help");
	suggest_offer(&suggest, "--version");
	if (suggest_best(&suggest) != NULL) {
		cli_error("there is no option %s; did you mean %s?", option,
			  suggest_best(&suggest));
	} else {
		cli_error("the options of a command stand after its name: flagship COMMAND %s",
			  option);
	}
	return CLI_USAGE;
}

static int dispatch_command(int argc, char **argv)
{
	char path[PATH_MAX];
	const char *first;
	const struct cli_command *command;

	if (argv[1][0] == '-') {
		return dispatch_option(argv[1]);
	}
	command = dispatch_find(argv[1]);
	if (command != NULL) {
		return command->run(command, argc - 2, argv + 2);
	}
	if (companion_locate(argv[1], path, &first)) {
		return companion_execute(path, first, argv + 2);
	}
	return dispatch_unknown(argv[1]);
}

int dispatch_run(int argc, char **argv)
{
	if (argc < 2) {
		help_print(stderr);
		return CLI_USAGE;
	}
	return streams_end(dispatch_command(argc, argv));
}
