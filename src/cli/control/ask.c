/* SPDX-License-Identifier: MIT */
#include "cli/control/ask.h"

#include "cli/kit/cli.h"
#include "cli/output/output.h"
#include "cli/output/print.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ASK_ANSWER_MAX 16

/* Whether the line that is typed means yes. */
static bool ask_is_yes(void)
{
	char answer[ASK_ANSWER_MAX];

	if (!fgets(answer, sizeof(answer), stdin)) {
		fputc('\n', stderr);
		return false;
	}
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

bool control_can_ask(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

static int ask_explain_none(void)
{
	cli_error("this cannot be undone, and there is no terminal to ask on: --yes or --force "
		  "does it without asking");
	return CLI_REFUSED;
}

static int ask_finish(void)
{
	fputs("? [y/N] ", stderr);
	fflush(stderr);
	if (!ask_is_yes()) {
		cli_error("nothing was done");
		return CLI_REFUSED;
	}
	return OPTIONS_RUN;
}

static void ask_write_target(const struct output *errors, const struct target *target)
{
	const char *name = target->name ? target->name : "";

	output_text(errors, OUTPUT_BOLD, name, strlen(name), false);
	print_to(stderr, name[0] != '\0' ? " (%s)" : "%s", target->serial);
}

int control_ask_first(const char *question, const struct target *targets, size_t count)
{
	struct output errors;

	if (!control_can_ask()) {
		return ask_explain_none();
	}
	output_init(&errors, stderr);
	output_text(&errors, OUTPUT_PLAIN, question, strlen(question), false);
	if (count == 1) {
		fputs(" printer ", stderr);
	} else {
		print_to(stderr, " %zu printers: ", count);
	}
	for (size_t i = 0; i < count; i++) {
		fputs(i > 0 ? ", " : "", stderr);
		ask_write_target(&errors, &targets[i]);
	}
	return ask_finish();
}

int control_ask_question(const char *question)
{
	struct output errors;

	if (!control_can_ask()) {
		return ask_explain_none();
	}
	output_init(&errors, stderr);
	output_text(&errors, OUTPUT_PLAIN, question, strlen(question), false);
	return ask_finish();
}
