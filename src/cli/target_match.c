/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "cli/target_match.h"

#include "cli/options.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#define EVERY     "all"
#define SEPARATOR ","
#define BLANKS    " \t"

/* Longer than every name that is stored. */
#define WORD_MAX 512

/* Groups in groups in groups. */
#define DEPTH_MAX 8

static int add_value(struct target_match *match, const char *value, unsigned int depth);

static void add(struct target_match *match, size_t index)
{
	const struct target_choice *choice = &match->all->items[index];

	for (size_t i = 0; i < match->count; i++) {
		if (match->found[i].printer == choice->printer) {
			return;
		}
	}
	match->found[match->count++] = *choice;
}

static void add_all(struct target_match *match)
{
	for (size_t i = 0; i < match->all->count; i++) {
		add(match, i);
	}
}

static bool is_whole(const struct store_printer *printer, const char *word, bool with_glob)
{
	return strcasecmp(printer->serial, word) == 0 || strcasecmp(printer->name, word) == 0 ||
	       (with_glob &&
		(fnmatch(word, printer->serial, FNM_CASEFOLD) == 0 ||
		 (printer->name[0] != '\0' && fnmatch(word, printer->name, FNM_CASEFOLD) == 0)));
}

static bool begins(const struct store_printer *printer, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(printer->serial, word, length) == 0 ||
	       strncasecmp(printer->name, word, length) == 0;
}

static size_t count_whole(const struct target_match *match, const char *word, size_t *index)
{
	size_t count = 0;

	for (size_t i = 0; i < match->all->count; i++) {
		if (is_whole(match->all->items[i].printer, word, false)) {
			*index = i;
			count++;
		}
	}
	return count;
}

static size_t count_beginnings(const struct target_match *match, const char *word, size_t *index)
{
	size_t count = 0;

	for (size_t i = 0; i < match->all->count; i++) {
		if (begins(match->all->items[i].printer, word)) {
			*index = i;
			count++;
		}
	}
	return count;
}

/* Of the settings, in whatever case it is written; NULL for none. */
static const char *find_group(const struct target_match *match, const char *word)
{
	for (size_t i = 0; i < settings_group_count(match->settings); i++) {
		const char *name = settings_group_name(match->settings, i);

		if (strcasecmp(name, word) == 0) {
			return name;
		}
	}
	return NULL;
}

static int add_group(struct target_match *match, const char *name, unsigned int depth)
{
	int result;

	if (depth == DEPTH_MAX) {
		cli_error("the group '%s' of the settings has itself among its members", name);
		return CLI_USAGE;
	}
	result = add_value(match, settings_get(match->settings, SETTINGS_GROUP, name), depth + 1);
	if (result != OPTIONS_RUN) {
		match->wrong_group = name;
	}
	return result;
}

static int add_glob(struct target_match *match, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < match->all->count; i++) {
		if (is_whole(match->all->items[i].printer, word, true)) {
			add(match, i);
			count++;
		}
	}
	if (count == 0) {
		cli_error("no printer is called like '%s'; there are:", word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static bool is_number(const struct target_match *match, const char *word, size_t *index)
{
	int64_t number;

	if (!options_read_integer(word, &number) || number < 1 ||
	    (uint64_t)number > match->all->count) {
		return false;
	}
	*index = (size_t)number - 1;
	return true;
}

static int add_word(struct target_match *match, const char *word, unsigned int depth)
{
	size_t index = 0;
	size_t count = count_whole(match, word, &index);
	const char *group = find_group(match, word);

	if (strcasecmp(word, EVERY) == 0) {
		add_all(match);
		return OPTIONS_RUN;
	}
	if (count == 0 && group != NULL) {
		return add_group(match, group, depth);
	}
	if (count == 0 && is_number(match, word, &index)) {
		count = 1;
	}
	if (count == 0 && strpbrk(word, "*?[") != NULL) {
		return add_glob(match, word);
	}
	if (count == 0) {
		count = count_beginnings(match, word, &index);
	}
	if (count != 1) {
		cli_error(count == 0 ? "there is no printer '%s'; there are:"
				     : "'%s' could be several printers; there are:",
			  word);
		return CLI_USAGE;
	}
	add(match, index);
	return OPTIONS_RUN;
}

/* Without the blanks around it. False where it is too long to be one. */
static bool copy_word(const char *from, const char *end, char word[WORD_MAX])
{
	from += strspn(from, BLANKS);
	while (end > from && strchr(BLANKS, end[-1]) != NULL) {
		end--;
	}
	if (end < from) {
		end = from;
	}
	if ((size_t)(end - from) >= WORD_MAX) {
		return false;
	}
	memcpy(word, from, (size_t)(end - from));
	word[end - from] = '\0';
	return true;
}

static const char *next_separator(const char *from)
{
	return from + strcspn(from, SEPARATOR);
}

/* The word at `from` up to *end: the longest that is a printer's whole name, else to the comma. */
static bool cut_word(const struct target_match *match, const char *from, const char **end,
		     char word[WORD_MAX])
{
	const char *longest = NULL;
	const char *here = next_separator(from);
	size_t index;

	for (;; here = next_separator(here + 1)) {
		if (copy_word(from, here, word) && word[0] != '\0' &&
		    count_whole(match, word, &index) > 0) {
			longest = here;
		}
		if (*here == '\0') {
			break;
		}
	}
	*end = longest != NULL ? longest : next_separator(from);
	return copy_word(from, *end, word);
}

static int add_value(struct target_match *match, const char *value, unsigned int depth)
{
	char word[WORD_MAX];
	const char *end;
	bool any = false;

	for (const char *from = value;; from = end + 1) {
		if (!cut_word(match, from, &end, word)) {
			cli_error("no printer has so long a name; there are:");
			return CLI_USAGE;
		}
		if (word[0] != '\0') {
			int result = add_word(match, word, depth);

			if (result != OPTIONS_RUN) {
				return result;
			}
			any = true;
		}
		if (*end == '\0') {
			break;
		}
	}
	if (!any) {
		cli_error("there is no printer '%s'; there are:", value);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

int target_match_add(struct target_match *match, const char *value)
{
	return add_value(match, value, 0);
}
