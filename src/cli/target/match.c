/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "cli/target/match.h"

#include "cli/kit/options.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#define EVERY     "all"
#define SEPARATOR ","
#define BLANKS    " \t"

/* Groups in groups in groups. */
#define DEPTH_MAX 8

/* The groups that a value stands in, innermost last. */
struct path {
	const char *groups[DEPTH_MAX];
	size_t count;
};

static int add_value(struct target_match *match, const char *value, struct path *path);

/* The group is where the words were read, which is where they are to be changed. */
static int fail(struct target_match *match, enum target_fault fault, const char *word,
		size_t length, const struct path *path)
{
	size_t kept = length < TARGET_WORD_MAX ? length : TARGET_WORD_MAX - 1;

	match->fault = fault;
	match->word_length = length;
	match->wrong_group = path->count > 0 ? path->groups[path->count - 1] : NULL;
	memcpy(match->word, word, kept);
	match->word[kept] = '\0';
	return CLI_USAGE;
}

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

bool target_match_is(const struct store_printer *printer, const char *word)
{
	return strcasecmp(printer->serial, word) == 0 || strcasecmp(printer->name, word) == 0;
}

static bool fits(const struct store_printer *printer, const char *pattern)
{
	return target_match_is(printer, pattern) ||
	       fnmatch(pattern, printer->serial, FNM_CASEFOLD) == 0 ||
	       (printer->name[0] != '\0' && fnmatch(pattern, printer->name, FNM_CASEFOLD) == 0);
}

bool target_match_begins(const struct store_printer *printer, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(printer->serial, word, length) == 0 ||
	       strncasecmp(printer->name, word, length) == 0;
}

static size_t count_whole(const struct target_match *match, const char *word, size_t *index)
{
	size_t count = 0;

	for (size_t i = 0; i < match->all->count; i++) {
		if (target_match_is(match->all->items[i].printer, word)) {
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
		if (target_match_begins(match->all->items[i].printer, word)) {
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

static int add_group(struct target_match *match, const char *name, struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		if (path->groups[i] == name) {
			return fail(match, TARGET_FAULT_RING, name, strlen(name), path);
		}
	}
	if (path->count == DEPTH_MAX) {
		return fail(match, TARGET_FAULT_DEEP, name, strlen(name), path);
	}
	path->groups[path->count++] = name;
	int result = add_value(match, settings_get(match->settings, SETTINGS_GROUP, name), path);
	path->count--;
	return result;
}

static int add_glob(struct target_match *match, const char *word, const struct path *path)
{
	size_t count = 0;

	for (size_t i = 0; i < match->all->count; i++) {
		if (fits(match->all->items[i].printer, word)) {
			add(match, i);
			count++;
		}
	}
	return count > 0 ? OPTIONS_RUN : fail(match, TARGET_FAULT_GLOB, word, strlen(word), path);
}

static bool is_index(const struct target_match *match, const char *word, size_t *index)
{
	int64_t number;

	if (!options_read_integer(word, &number) || number < 1 ||
	    (uint64_t)number > match->all->count) {
		return false;
	}
	*index = (size_t)number - 1;
	return true;
}

static int add_printer(struct target_match *match, const char *word, const struct path *path)
{
	size_t index = 0;
	size_t count = count_whole(match, word, &index);

	if (count > 1) {
		return fail(match, TARGET_FAULT_NAMESAKE, word, strlen(word), path);
	}
	if (count == 0 && is_index(match, word, &index)) {
		count = 1;
	}
	if (count == 0 && strpbrk(word, "*?[")) {
		return add_glob(match, word, path);
	}
	if (count == 0) {
		count = count_beginnings(match, word, &index);
	}
	if (count != 1) {
		return fail(match, count == 0 ? TARGET_FAULT_UNKNOWN : TARGET_FAULT_SEVERAL, word,
			    strlen(word), path);
	}
	add(match, index);
	return OPTIONS_RUN;
}

static int add_word(struct target_match *match, const char *word, struct path *path)
{
	size_t index;
	const char *group = find_group(match, word);

	if (strcasecmp(word, EVERY) == 0) {
		add_all(match);
		return OPTIONS_RUN;
	}
	if (group && count_whole(match, word, &index) == 0) {
		return add_group(match, group, path);
	}
	return add_printer(match, word, path);
}

/* Without the blanks around it. False where it is too long to be one. */
static bool copy_word(const char *from, const char *end, char word[TARGET_WORD_MAX])
{
	from += strspn(from, BLANKS);
	while (end > from && strchr(BLANKS, end[-1])) {
		end--;
	}
	if (end < from) {
		end = from;
	}
	if ((size_t)(end - from) >= TARGET_WORD_MAX) {
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
		     char word[TARGET_WORD_MAX])
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
	*end = longest ? longest : next_separator(from);
	return copy_word(from, *end, word);
}

static int add_value(struct target_match *match, const char *value, struct path *path)
{
	char word[TARGET_WORD_MAX];
	const char *end;
	bool any = false;

	for (const char *from = value;; from = end + 1) {
		if (!cut_word(match, from, &end, word)) {
			return fail(match, TARGET_FAULT_LONG, from, (size_t)(end - from), path);
		}
		if (word[0] != '\0') {
			int result = add_word(match, word, path);

			if (result != OPTIONS_RUN) {
				return result;
			}
			any = true;
		}
		if (*end == '\0') {
			break;
		}
	}
	return any ? OPTIONS_RUN : fail(match, TARGET_FAULT_EMPTY, value, strlen(value), path);
}

int target_match_add(struct target_match *match, const char *value)
{
	return add_value(match, value, &(struct path){0});
}
