/* SPDX-License-Identifier: MIT */
#include "cli/control_ask.h"

#include "cli/cli.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ASK_ANSWER_MAX 16

/* Whether the line that is typed means yes. */
static bool ask_is_yes(void)
{
	char answer[ASK_ANSWER_MAX];

	if (fgets(answer, sizeof(answer), stdin) == NULL) {
		fputc('\n', stderr);
		return false;
	}
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

int control_ask_first(const char *question, const struct target *target)
{
	struct output errors;
	const char *name = target->name != NULL ? target->name : "";

	if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
		cli_error("this cannot be undone, and there is no terminal to ask on: --force does "
			  "it without asking");
		return CLI_REFUSED;
	}
	output_init(&errors, stderr);
	output_text(&errors, OUTPUT_PLAIN, question, strlen(question), false);
	fputs(" printer ", stderr);
	output_text(&errors, OUTPUT_BOLD, name, strlen(name), false);
	fprintf(stderr, name[0] != '\0' ? " (%s)? [y/N] " : "%s? [y/N] ", target->serial);
	fflush(stderr);
	if (!ask_is_yes()) {
		cli_error("nothing was done");
		return CLI_REFUSED;
	}
	return OPTIONS_RUN;
}
