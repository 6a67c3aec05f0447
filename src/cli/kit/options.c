/* SPDX-License-Identifier: MIT */
#include "cli/kit/options.h"

#include "cli/kit/markdown.h"
#include "cli/kit/suggest.h"
#include "cli/output/output.h"
#include "cli/output/print.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MS_PER_S     1000.0
#define OPTIONS_SPELLING_MAX 64
#define HELP_COLUMN          28
#define HELP_WIDTH           80

/* -h and --help, which every command has. */
static const struct options_option options_help_option = {
	.name = "help",
	.letter = 'h',
	.kind = OPTIONS_FLAG,
	.help = "print this text",
};

static const struct {
	const char *suffix;
	double milliseconds;
} duration_units[] = {
	{"", OPTIONS_MS_PER_S},         {"ms", 1},
	{"s", OPTIONS_MS_PER_S},        {"m", 60 * OPTIONS_MS_PER_S},
	{"min", 60 * OPTIONS_MS_PER_S}, {"h", 3600 * OPTIONS_MS_PER_S},
};

/* The spellings of strtod that nobody means on a command line (hex, nan, leading space) are out. */
static bool options_read_decimal(const char *text, double *value, const char **rest)
{
	char *end;
	size_t length = strspn(text, "+-0123456789.");

	if (length == 0 || strspn(text, "+-.") == length || text[length] == 'x') {
		return false;
	}
	*value = strtod(text, &end);
	*rest = end;
	return end == text + length && isfinite(*value);
}

bool options_read_integer(const char *text, int64_t *value)
{
	char *end;
	long long number;

	if (text[strspn(text, "+-0123456789")] != '\0' || text[0] == '\0') {
		return false;
	}
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text) {
		return false;
	}
	*value = number;
	return true;
}

bool options_read_duration(const char *text, int64_t *milliseconds)
{
	const double longest = 9e15; /* a double still counts single milliseconds */
	const char *suffix;
	double value;

	if (!options_read_decimal(text, &value, &suffix) || value < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
		if (strcmp(suffix, duration_units[i].suffix) == 0) {
			double total = value * duration_units[i].milliseconds;

			if (total > longest) {
				return false;
			}
			*milliseconds = llround(total);
			return true;
		}
	}
	return false;
}

bool options_read_real(const char *text, double *value)
{
	const char *rest;

	return options_read_decimal(text, value, &rest) && *rest == '\0';
}

static bool options_within(const struct options_option *option, double value)
{
	return option->maximum <= option->minimum ||
	       (value >= (double)option->minimum && value <= (double)option->maximum);
}

static bool options_store_choice(const struct options_option *option, const char *text, int *out)
{
	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool options_store_item(const char *text, struct options_list *list)
{
	if (list->count == OPTIONS_LIST_MAX) {
		return false;
	}
	list->items[list->count++] = text;
	return true;
}

/* Puts the value into the option's place. False where the text is none of its values. */
static bool options_store(const struct options_option *option, const char *text, void *target)
{
	void *place = (char *)target + option->offset;
	int64_t integer;
	double real;

	switch (option->kind) {
	case OPTIONS_FLAG:
		*(bool *)place = true;
		return true;
	case OPTIONS_TEXT:
	case OPTIONS_FILE:
		*(const char **)place = text;
		return true;
	case OPTIONS_INTEGER:
	case OPTIONS_DURATION:
		if (!(option->kind == OPTIONS_INTEGER ? options_read_integer(text, &integer)
						      : options_read_duration(text, &integer)) ||
		    !options_within(option, (double)integer)) {
			return false;
		}
		*(int64_t *)place = integer;
		return true;
	case OPTIONS_REAL:
		if (!options_read_real(text, &real) || !options_within(option, real)) {
			return false;
		}
		*(double *)place = real;
		return true;
	case OPTIONS_CHOICE:
		return options_store_choice(option, text, place);
	case OPTIONS_LIST:
		return options_store_item(text, place);
	}
	return false;
}

void options_describe_value(const struct options_option *option, const char *separator, FILE *out)
{
	if (option->kind != OPTIONS_CHOICE) {
		fputs(option->value ? option->value : "", out);
		return;
	}
	for (int i = 0; option->choices[i]; i++) {
		print_to(out, "%s%s", i > 0 ? separator : "", option->choices[i]);
	}
}

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

	if (!stream) {
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
	size_t width = strlen(spelling);
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
	if (command->description) {
		fputs(command->description, out);
		fputc('\n', out);
	} else {
		print_to(out, "%s.\n", command->summary);
	}
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
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
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			help_print_completion(&command->groups[g]->options[i], out);
		}
	}
	help_print_completion(&options_help_option, out);
}

struct options_place {
	const struct options_option *option;
	void *target; /* NULL for --help */
};

static bool options_matches(const struct options_option *option, const char *name, size_t length)
{
	return strncmp(option->name, name, length) == 0 && option->name[length] == '\0';
}

/* name without dashes; a single letter with `is_letter`. */
static bool options_find(const struct cli_command *command, void *const *targets, const char *name,
			 size_t length, bool is_letter, struct options_place *place)
{
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			const struct options_option *option = &command->groups[g]->options[i];

			if (is_letter ? option->letter == name[0]
				      : options_matches(option, name, length)) {
				*place = (struct options_place){option, targets[g]};
				return true;
			}
		}
	}
	*place = (struct options_place){&options_help_option, NULL};
	return is_letter ? options_help_option.letter == name[0]
			 : options_matches(&options_help_option, name, length);
}

static int options_unknown(const struct cli_command *command, const char *given, size_t length)
{
	struct suggest suggest;
	char word[OPTIONS_SPELLING_MAX];

	snprintf(word, sizeof(word), "%.*s", (int)length, given);
	suggest_init(&suggest, word + strspn(word, "-"));
	suggest_offer(&suggest, options_help_option.name);
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			suggest_offer(&suggest, command->groups[g]->options[i].name);
		}
	}
	if (suggest_best(&suggest)) {
		cli_error("%s has no option %s; did you mean --%s?", command->name, word,
			  suggest_best(&suggest));
	} else {
		cli_error("%s has no option %s; see flagship %s --help", command->name, word,
			  command->name);
	}
	return CLI_USAGE;
}

static int options_bad_value(const struct options_option *option, const char *text)
{
	char choices[256] = "";
	FILE *stream;

	switch (option->kind) {
	case OPTIONS_CHOICE:
		stream = fmemopen(choices, sizeof(choices), "w");
		if (stream) {
			options_describe_value(option, ", ", stream);
			fclose(stream);
		}
		cli_error("--%s is one of %s, not '%s'", option->name, choices, text);
		break;
	case OPTIONS_DURATION:
		cli_error("--%s takes a time such as 10, 1.5, 500ms or 2m, not '%s'", option->name,
			  text);
		break;
	case OPTIONS_LIST:
		cli_error("--%s can be given %d times at most%s", option->name, OPTIONS_LIST_MAX,
			  option->joined ? "; one takes several, with commas between" : "");
		break;
	default:
		if (option->maximum > option->minimum) {
			cli_error("--%s takes a number from %" PRId64 " to %" PRId64 ", not '%s'",
				  option->name, option->minimum, option->maximum, text);
		} else {
			cli_error("--%s takes a %snumber, not '%s'", option->name,
				  option->kind == OPTIONS_INTEGER ? "whole " : "", text);
		}
	}
	return CLI_USAGE;
}

static int options_apply(const struct cli_command *command, const struct options_place *place,
			 const char *value)
{
	if (!place->target) {
		options_print_help(command, stdout);
		return CLI_DONE;
	}
	if (place->option->once &&
	    *(const char **)((char *)place->target + place->option->offset)) {
		cli_error("--%s is given twice", place->option->name);
		return CLI_USAGE;
	}
	if (!options_store(place->option, value, place->target)) {
		return options_bad_value(place->option, value);
	}
	return OPTIONS_RUN;
}

/* Takes the option at argv[*index], and its value, which may be the next word. */
static int options_take(const struct cli_command *command, void *const *targets, int argc,
			char **argv, int *index)
{
	const char *word = argv[*index];
	bool is_letter = word[1] != '-';
	const char *name = word + (is_letter ? 1 : 2);
	const char *equals = is_letter ? NULL : strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const char *value = equals ? equals + 1 : NULL;
	struct options_place place;

	if ((is_letter && length != 1) ||
	    !options_find(command, targets, name, length, is_letter, &place)) {
		return options_unknown(command, word, (size_t)(name - word) + length);
	}
	if (place.option->kind == OPTIONS_FLAG) {
		if (value) {
			cli_error("--%s takes no value", place.option->name);
			return CLI_USAGE;
		}
		return options_apply(command, &place, NULL);
	}
	if (!value && *index + 1 < argc) {
		value = argv[++*index];
	}
	if (!value) {
		cli_error("--%s needs a value: see flagship %s --help", place.option->name,
			  command->name);
		return CLI_USAGE;
	}
	return options_apply(command, &place, value);
}

static int options_check_count(const struct cli_command *command, int kept, char **argv)
{
	if ((size_t)kept <= command->arguments_max) {
		return OPTIONS_RUN;
	}
	cli_error("%s: what is '%s' for? See flagship %s --help", command->name,
		  argv[command->arguments_max], command->name);
	return CLI_USAGE;
}

/* Whatever does not begin with a dash, the dash alone, and a negative number. */
static bool options_is_argument(const char *word)
{
	return word[0] != '-' || word[1] == '\0' ||
	       (word[1] != '-' && word[1 + strspn(word + 1, "0123456789.")] == '\0');
}

int options_parse(const struct cli_command *command, int *argc, char **argv, void *const *targets)
{
	int kept = 0;
	bool ended = false;

	for (int i = 0; i < *argc; i++) {
		char *word = argv[i];

		if (ended || options_is_argument(word)) {
			argv[kept++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			ended = true;
			continue;
		}
		if (strcmp(word, "--complete") == 0) {
			options_print_completions(command, stdout);
			return CLI_DONE;
		}
		if (strcmp(word, "--markdown") == 0) {
			markdown_print_command(command, stdout);
			return CLI_DONE;
		}
		int result = options_take(command, targets, *argc, argv, &i);
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	*argc = kept;
	return options_check_count(command, kept, argv);
}
