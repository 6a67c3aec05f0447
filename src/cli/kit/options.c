/* SPDX-License-Identifier: MIT */
#include "cli/kit/options.h"

#include "cli/kit/markdown.h"
#include "cli/kit/options_value.h"
#include "cli/kit/suggest.h"

#include <inttypes.h>
#include <string.h>

#define OPTIONS_SPELLING_MAX 64

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
	for (size_t g = 0; command->groups != NULL && command->groups[g] != NULL; g++) {
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
	for (size_t g = 0; command->groups != NULL && command->groups[g] != NULL; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			suggest_offer(&suggest, command->groups[g]->options[i].name);
		}
	}
	if (suggest_best(&suggest) != NULL) {
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
		if (stream != NULL) {
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
	if (place->target == NULL) {
		options_print_help(command, stdout);
		return CLI_DONE;
	}
	if (place->option->once &&
	    *(const char **)((char *)place->target + place->option->offset) != NULL) {
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
	size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const char *value = equals != NULL ? equals + 1 : NULL;
	struct options_place place;

	if ((is_letter && length != 1) ||
	    !options_find(command, targets, name, length, is_letter, &place)) {
		return options_unknown(command, word, (size_t)(name - word) + length);
	}
	if (place.option->kind == OPTIONS_FLAG) {
		if (value != NULL) {
			cli_error("--%s takes no value", place.option->name);
			return CLI_USAGE;
		}
		return options_apply(command, &place, NULL);
	}
	if (value == NULL && *index + 1 < argc) {
		value = argv[++*index];
	}
	if (value == NULL) {
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
		int result;

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
		result = options_take(command, targets, *argc, argv, &i);
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	*argc = kept;
	return options_check_count(command, kept, argv);
}
