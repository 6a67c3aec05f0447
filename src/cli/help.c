/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include "cli/cli.h"
#include "cli/dispatch.h"
#include "cli/external.h"
#include "cli/options.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELP_NAME_WIDTH 12
#define HELP_PAGE_MAX   64
#define HELP_LISTED_MAX 32

extern char **environ;

/* The programs that come with flagship; others found beside them are listed by name alone. */
static const struct {
	const char *name;
	const char *summary;
} companions[] = {
	{"simulate", "a printer that is not there, for trying things out"},
};

struct help_list {
	FILE *out;
	bool machine; /* for completion scripts */
	size_t count;
	char names[HELP_LISTED_MAX][HELP_PAGE_MAX];
};

static const char *help_companion_summary(const char *name)
{
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
		if (strcmp(companions[i].name, name) == 0) {
			return companions[i].summary;
		}
	}
	return "";
}

static void help_print_command(const struct help_list *list, const char *name, const char *summary)
{
	if (list->machine) {
		fprintf(list->out, "command\t%s\t%s\n", name, summary);
	} else {
		fprintf(list->out, "  %-*s%s\n", HELP_NAME_WIDTH, name, summary);
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
	    dispatch_find(name) != NULL) {
		return;
	}
	if (list->count == 0 && !list->machine) {
		fputs("\nPrograms of their own\n", list->out);
	}
	snprintf(list->names[list->count++], HELP_PAGE_MAX, "%s", name);
	help_print_command(list, name, help_companion_summary(name));
}

static void help_list(FILE *out, bool machine)
{
	struct help_list list = {.out = out, .machine = machine};
	const char *section = "";
	size_t count;
	const struct cli_command *const *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (!machine && strcmp(section, commands[i]->section) != 0) {
			section = commands[i]->section;
			fprintf(out, "\n%s\n", section);
		}
		help_print_command(&list, commands[i]->name, commands[i]->summary);
	}
	external_list(help_list_external, &list);
}

void help_print(FILE *out)
{
	fputs("Usage: flagship COMMAND [OPTIONS] [ARGUMENTS]\n"
	      "\n"
	      "Watch and control AnkerMake and eufyMake printers.\n",
	      out);
	help_list(out, false);
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

static int help_for(const char *name, bool complete)
{
	char path[PATH_MAX];
	const struct cli_command *command = dispatch_find(name);
	char *arguments[] = {(char *)name, complete ? "--complete" : "--help", NULL};

	if (command == NULL && !external_find(name, path)) {
		return dispatch_unknown(name);
	}
	if (!complete) {
		help_open_page(name);
	}
	if (command == NULL) {
		return external_execute(path, arguments);
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
	int result;

	if (complete) {
		argc--;
		argv++;
	}
	result = options_parse(command, &argc, argv, NULL);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc > 0) {
		return help_for(argv[0], complete);
	}
	if (complete) {
		help_list(stdout, true);
	} else {
		help_print(stdout);
	}
	return CLI_DONE;
}

const struct cli_command help_command = {
	.name = "help",
	.section = "Help",
	.summary = "tell more of a command",
	.arguments = "[COMMAND]",
	.arguments_max = 1,
	.description =
		"Opens the manual page of the command where there is one and the output is a\n"
		"terminal; prints its options else.",
	.run = help_run,
};
