/* SPDX-License-Identifier: MIT */
#include "cli/kit/dispatch.h"

#include "cli/kit/external.h"
#include "cli/kit/markdown.h"
#include "cli/kit/options.h"
#include "cli/kit/suggest.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <flagship/flagship.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELP_NAME_WIDTH 12
#define HELP_PAGE_MAX   64
#define HELP_LISTED_MAX 32

extern char **environ;

enum help_form {
	HELP_FOR_PEOPLE,
	HELP_FOR_COMPLETION,
	HELP_FOR_PAGE, /* docs/cli.md */
};

struct help_list {
	FILE *out;
	enum help_form form;
	size_t count;
	char names[HELP_LISTED_MAX][HELP_PAGE_MAX];
};

/* A program prints its own part of the page. */
static void help_run_companion(const struct help_list *list, const char *name)
{
	char path[PATH_MAX];
	const char *first;
	char *arguments[] = {path, "--markdown", NULL, NULL};
	int status;
	pid_t child;

	if (!companion_locate(name, path, &first)) {
		return;
	}
	if (first) {
		arguments[1] = (char *)first;
		arguments[2] = "--markdown";
	}
	fflush(list->out);
	if (posix_spawn(&child, path, NULL, NULL, arguments, environ) == 0) {
		waitpid(child, &status, 0);
	}
}

static void help_print_command(const struct help_list *list, const char *name, const char *summary)
{
	const struct cli_command *command = dispatch_find(name);

	if (list->form == HELP_FOR_COMPLETION) {
		print_to(list->out, "command\t%s\t%s\n", name, summary);
	} else if (list->form == HELP_FOR_PEOPLE) {
		print_to(list->out, "  %-*s%s\n", HELP_NAME_WIDTH, name, summary);
	} else if (command) {
		markdown_print_command(command, list->out);
	} else {
		help_run_companion(list, name);
	}
}

static void help_list_external(void *context, const char *name)
{
	struct help_list *list = context;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], name) == 0) {
			return;
		}
	}
	if (list->count == HELP_LISTED_MAX || strlen(name) >= HELP_PAGE_MAX ||
	    dispatch_find(name) || companion_find(name) || companion_is_server(name)) {
		return;
	}
	if (list->count == 0 && list->form == HELP_FOR_PEOPLE) {
		fputs("\nPrograms of their own\n", list->out);
	}
	snprintf(list->names[list->count++], HELP_PAGE_MAX, "%s", name);
	help_print_command(list, name, "");
}

static bool help_section_is_built_in(const char *section)
{
	size_t count;
	const struct cli_command *const *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(commands[i]->section, section) == 0) {
			return true;
		}
	}
	return false;
}

static void help_begin_section(const struct help_list *list, const char **current,
			       const char *section)
{
	if (list->form != HELP_FOR_COMPLETION && strcmp(*current, section) != 0) {
		print_to(list->out, list->form == HELP_FOR_PAGE ? "\n## %s\n" : "\n%s\n", section);
	}
	*current = section;
}

/* Those whose program is there. section NULL: of all sections in which nothing is built in. */
static void help_list_companions(const struct help_list *list, const char *section)
{
	char path[PATH_MAX];
	const char *first;
	const char *current = "";
	size_t count;
	const struct companion *companion = companions(&count);

	for (size_t i = 0; i < count; i++) {
		const char *own = companion[i].section;

		if ((section ? strcmp(own, section) != 0 : help_section_is_built_in(own)) ||
		    !companion_locate(companion[i].name, path, &first)) {
			continue;
		}
		if (!section) {
			help_begin_section(list, &current, own);
		}
		help_print_command(list, companion[i].name, companion[i].summary);
	}
}

static void help_list(FILE *out, enum help_form form)
{
	struct help_list list = {.out = out, .form = form};
	const char *section = "";
	size_t count;
	const struct cli_command *const *commands = cli_commands(&count);
	const char *last_section = commands[count - 1]->section;

	for (size_t i = 0; i < count; i++) {
		if (last_section && strcmp(commands[i]->section, last_section) == 0) {
			help_list_companions(&list, NULL);
			last_section = NULL;
		}
		help_begin_section(&list, &section, commands[i]->section);
		help_print_command(&list, commands[i]->name, commands[i]->summary);
		if (i + 1 == count || strcmp(section, commands[i + 1]->section) != 0) {
			help_list_companions(&list, section);
		}
	}
	/* Programs that do not come with flagship have no place on its page. */
	if (form != HELP_FOR_PAGE) {
		external_list(help_list_external, &list);
	}
}

static void help_print_page(void)
{
	size_t count;
	const struct cli_command *const *commands = cli_commands(&count);

	puts("# Commands\n\n"
	     "Made by `make docs` from the tables that the program itself goes by. Every command "
	     "also\n"
	     "has `-h` and `--help`; the manual pages tell more: `man flagship-COMMAND`.");
	help_list(stdout, HELP_FOR_PAGE);
	markdown_print_shared(commands, count, stdout);
}

/* All commands by section: `flagship --help`. */
static void help_print(FILE *out)
{
	fputs("Usage: flagship COMMAND [OPTIONS] [ARGUMENTS]\n"
	      "\n"
	      "Watch and control AnkerMake and eufyMake printers.\n",
	      out);
	help_list(out, HELP_FOR_PEOPLE);
	fputs("\nflagship help COMMAND or flagship COMMAND --help tells more of one.\n", out);
}

static bool help_has_page(const char *page)
{
	char *arguments[] = {"man", "-w", (char *)page, NULL};
	posix_spawn_file_actions_t actions;
	bool found = false;
	int status;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions) != 0) {
		return false;
	}
	if (posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ==
		    0 &&
	    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO) == 0 &&
	    posix_spawnp(&child, "man", &actions, NULL, arguments, environ) == 0) {
		found = waitpid(child, &status, 0) == child && WIFEXITED(status) &&
			WEXITSTATUS(status) == 0;
	}
	posix_spawn_file_actions_destroy(&actions);
	return found;
}

/* Returns only where there is no page to be shown, or nobody to read it page by page. */
static void help_open_page(const char *name)
{
	char page[HELP_PAGE_MAX];
	char *arguments[] = {"man", page, NULL};

	if (isatty(STDOUT_FILENO) == 1 &&
	    snprintf(page, sizeof(page), "flagship-%s", name) < (int)sizeof(page) &&
	    help_has_page(page)) {
		execvp("man", arguments);
	}
}

/* A word of what a built-in command takes, as "show" of "show|get NAME|set NAME VALUE". */
static bool help_is_word_of(const struct cli_command *command, const char *word)
{
	size_t length = strlen(word);
	const char *found = command->arguments;

	while (length > 0 && (found = strstr(found, word))) {
		bool begins = found == command->arguments || strchr(" |[(", found[-1]);

		if (begins && strchr(" |])", found[length])) {
			return true;
		}
		found += length;
	}
	return false;
}

/* word: of a level below the command, as in help cloud init; NULL for none. */
static int help_for(const char *name, const char *word, bool complete)
{
	char path[PATH_MAX];
	char page[HELP_PAGE_MAX];
	const char *first = NULL;
	const struct cli_command *command = dispatch_find(name);
	const char *what = complete ? "--complete" : "--help";
	char *arguments[] = {(char *)(word ? word : what), (char *)(word ? what : NULL), NULL};

	if (!command && !companion_locate(name, path, &first)) {
		return dispatch_unknown(name);
	}
	if (word && command && !help_is_word_of(command, word)) {
		cli_error("there is no command '%s %s'; flagship help %s tells what %s takes", name,
			  word, name, name);
		return CLI_USAGE;
	}
	if (!complete &&
	    snprintf(page, sizeof(page), word ? "%s-%s" : "%s", name, word) < (int)sizeof(page)) {
		help_open_page(page);
	}
	if (!command) {
		return companion_execute(path, first, arguments);
	}
	if (complete) {
		options_print_completions(command, stdout);
	} else {
		options_print_help(command, stdout);
	}
	return CLI_DONE;
}

static int help_run(const struct cli_command *command, int argc, char **argv)
{
	bool complete = argc > 0 && strcmp(argv[0], "--complete") == 0;

	if (argc == 1 && strcmp(argv[0], "--markdown") == 0) {
		help_print_page();
		return CLI_DONE;
	}
	if (argc == 1 && strcmp(argv[0], "--printers") == 0) {
		return cli_print_printers(stdout);
	}
	if (complete) {
		argc--;
		argv++;
	}
	int result = options_parse(command, &argc, argv, NULL);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc > 0) {
		return help_for(argv[0], argc > 1 ? argv[1] : NULL, complete);
	}
	if (complete) {
		help_list(stdout, HELP_FOR_COMPLETION);
	} else {
		help_print(stdout);
	}
	return CLI_DONE;
}

const struct cli_command help_command = {
	.name = "help",
	.section = "Help",
	.summary = "tell more of a command",
	.arguments = "[COMMAND [SUBCOMMAND]]",
	.arguments_max = 2,
	.description =
		"Opens the manual page of the command where there is one and the output is a\n"
		"terminal; prints its options else.",
	.run = help_run,
};

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

	if (missing) {
		cli_error("'%s' is done by the program flagship-%s, which is not installed here",
			  name, missing->program ? missing->program : missing->name);
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
	if (suggest_best(&offer.suggest)) {
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
	if (suggest_best(&suggest)) {
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

	if (argv[1][0] == '-') {
		return dispatch_option(argv[1]);
	}
	const struct cli_command *command = dispatch_find(argv[1]);
	if (command) {
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
