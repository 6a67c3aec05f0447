/* SPDX-License-Identifier: MIT */
#include "cli/kit/options.h"
#include "cli/kit/options_value.h"
#include "cli/output/output.h"
#include "cli/output/print.h"

#include <string.h>

#define HELP_COLUMN 28
#define HELP_WIDTH  80

const struct options_option options_help_option = {
	.name = "help",
	.letter = 'h',
	.kind = OPTIONS_FLAG,
	.help = "print this text",
};

static const char *const kind_names[] = {
	[OPTIONS_FLAG] = "flag",       [OPTIONS_TEXT] = "text", [OPTIONS_FILE] = "file",
	[OPTIONS_INTEGER] = "integer", [OPTIONS_REAL] = "real", [OPTIONS_DURATION] = "duration",
	[OPTIONS_CHOICE] = "choice",   [OPTIONS_LIST] = "list",
};

/* Breaks at spaces; the cursor stands at `column` before and every line begins there. */
static void help_print_wrapped(const char *text, size_t column, FILE *out)
{
	size_t used = column;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		size_t width = output_width(text, length);

		if (used > column && used + 1 + width > HELP_WIDTH) {
			print_to(out, "\n%*s", (int)column, "");
			used = column;
		} else if (used > column) {
			fputc(' ', out);
			used++;
		}
		fwrite(text, 1, length, out);
		used += width;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void help_print_option(const struct options_option *option, FILE *out)
{
	char spelling[256] = "";
	FILE *stream = fmemopen(spelling, sizeof(spelling), "w");
	size_t width;

	if (stream == NULL) {
		return;
	}
	if (option->letter != 0) {
		print_to(stream, "  -%c, --%s", option->letter, option->name);
	} else {
		print_to(stream, "  --%s", option->name);
	}
	if (option->kind != OPTIONS_FLAG) {
		fputc(' ', stream);
		options_describe_value(option, "|", stream);
	}
	fclose(stream);
	width = strlen(spelling);
	fputs(spelling, out);
	if (width + 2 > HELP_COLUMN) {
		print_to(out, "\n%*s", HELP_COLUMN, "");
	} else {
		print_to(out, "%*s", (int)(HELP_COLUMN - width), "");
	}
	help_print_wrapped(option->help, HELP_COLUMN, out);
}

void options_print_help(const struct cli_command *command, FILE *out)
{
	bool help_printed = false;

	print_to(out, "Usage: flagship %s [OPTIONS]%s%s\n\n", command->name,
		 command->arguments[0] != '\0' ? " " : "", command->arguments);
	if (command->description != NULL) {
		fputs(command->description, out);
		fputc('\n', out);
	} else {
		print_to(out, "%s.\n", command->summary);
	}
	for (size_t g = 0; command->groups != NULL && command->groups[g] != NULL; g++) {
		print_to(out, "\n%s\n", command->groups[g]->title);
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			help_print_option(&command->groups[g]->options[i], out);
		}
		if (!help_printed) {
			help_print_option(&options_help_option, out);
			help_printed = true;
		}
	}
	if (!help_printed) {
		fputs("\nOptions\n", out);
		help_print_option(&options_help_option, out);
	}
}

static void help_print_completion(const struct options_option *option, FILE *out)
{
	print_to(out, "option\t--%s\t", option->name);
	options_describe_value(option, "|", out);
	print_to(out, "\t%s\t%s\n",
		 option->joined ? kind_names[OPTIONS_TEXT] : kind_names[option->kind],
		 option->help);
}

void options_print_completions(const struct cli_command *command, FILE *out)
{
	for (size_t g = 0; command->groups != NULL && command->groups[g] != NULL; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			help_print_completion(&command->groups[g]->options[i], out);
		}
	}
	help_print_completion(&options_help_option, out);
}
