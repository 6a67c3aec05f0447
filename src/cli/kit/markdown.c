/* SPDX-License-Identifier: MIT */
#include "cli/kit/markdown.h"

#include "cli/kit/options.h"
#include "cli/output/print.h"

#include <stdbool.h>
#include <string.h>

#define MARKUP     "\\`*_<>[]|#"

#define SHARED_MAX 8

void markdown_print_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (strchr(MARKUP, *text)) {
			fputc('\\', out);
		}
		fputc(*text, out);
	}
}

static void print_option(const struct options_option *option, FILE *out)
{
	fputs("- `", out);
	if (option->letter != 0) {
		print_data(out, "-%c, ", option->letter);
	}
	print_data(out, "--%s", option->name);
	if (option->kind != OPTIONS_FLAG) {
		fputc(' ', out);
		options_describe_value(option, "|", out);
	}
	fputs("`: ", out);
	markdown_print_text(option->help, out);
	fputc('\n', out);
}

static void print_options(const struct options_group *group, FILE *out)
{
	for (size_t i = 0; i < group->count; i++) {
		print_option(&group->options[i], out);
	}
}

static void print_groups(const struct options_group *const *groups, FILE *out)
{
	bool own = false;
	bool others = false;

	for (size_t i = 0; groups && groups[i]; i++) {
		if (groups[i]->shared) {
			continue;
		}
		fputs(own ? "" : "\n", out);
		own = true;
		print_options(groups[i], out);
	}
	for (size_t i = 0; groups && groups[i]; i++) {
		if (groups[i]->shared) {
			fputs(others ? ", " : "\nShared options: ", out);
			fputs(groups[i]->title, out);
			others = true;
		}
	}
	fputs(others ? " ([below](#options-that-commands-share)).\n" : "", out);
}

void markdown_print_command(const struct cli_command *command, FILE *out)
{
	print_data(out, "\n### flagship %s\n\n", command->name);
	print_data(out, "`flagship %s [OPTIONS]%s%s`: ", command->name,
		   command->arguments[0] != '\0' ? " " : "", command->arguments);
	markdown_print_text(command->summary, out);
	fputc('\n', out);
	if (command->description && strstr(command->description, "\n ")) {
		/* Lines that were set by hand. */
		fputs("\n```text\n", out);
		fputs(command->description, out);
		fputs("\n```\n", out);
	} else if (command->description) {
		fputc('\n', out);
		markdown_print_text(command->description, out);
		fputc('\n', out);
	}
	print_groups(command->groups, out);
}

static bool is_among(const struct options_group *const *groups, size_t count,
		     const struct options_group *group)
{
	for (size_t i = 0; i < count; i++) {
		if (groups[i] == group) {
			return true;
		}
	}
	return false;
}

void markdown_print_shared(const struct cli_command *const *commands, size_t count, FILE *out)
{
	const struct options_group *printed[SHARED_MAX];
	size_t used = 0;

	fputs("\n## Options that commands share\n", out);
	for (size_t i = 0; i < count; i++) {
		const struct options_group *const *groups = commands[i]->groups;

		for (; groups && *groups && used < SHARED_MAX; groups++) {
			if (!(*groups)->shared || is_among(printed, used, *groups)) {
				continue;
			}
			printed[used++] = *groups;
			print_data(out, "\n### %s\n\n", (*groups)->title);
			print_options(*groups, out);
		}
	}
}
