/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr */
#include "cli/target/match.h"

#include "cli/kit/options.h"
#include "cli/kit/suggest.h"
#include "cli/output/print.h"

#include <flagship/text.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LISTED_MAX 20

/* Between printers, for people who do not know of the comma. */
#define OTHER_SEPARATORS " \t;+&/|"

/* Shorter parts are in too many names. */
#define PART_MIN 3

/* Serial numbers of one make differ little, so that few edits may still be another printer. */
#define SERIAL_EDITS_MAX  1
#define SERIAL_LENGTH_MIN 12

#define EXCERPT_BYTES     40

static void list_one(const struct target_choice *choice)
{
	const struct store_printer *printer = choice->printer;

	print_to(stderr, "  %zu  %s  %s\n", choice->number, printer->serial, printer->name);
}

void target_fault_list(const struct target_choices *choices)
{
	for (size_t i = 0; i < choices->count && i < LISTED_MAX; i++) {
		list_one(&choices->items[i]);
	}
	if (choices->count > LISTED_MAX) {
		print_to(stderr, "  and %zu more: flagship printers --offline\n",
			 choices->count - LISTED_MAX);
	}
}

/* --- which printers it is about --- */

static bool has_part(const struct target_choice *choice, const char *word)
{
	return strcasestr(choice->printer->name, word) || strcasestr(choice->printer->serial, word);
}

static bool is_begun(const struct target_choice *choice, const char *word)
{
	return target_match_begins(choice->printer, word);
}

static bool is_called(const struct target_choice *choice, const char *word)
{
	return target_match_is(choice->printer, word);
}

static bool is_of_account(const struct target_choice *choice, const char *word)
{
	const struct store_account *account = choice->account;

	return account && (strcasecmp(account->login.email, word) == 0 ||
			   strcmp(account->login.user_id, word) == 0);
}

/* out: room for all. */
static void select_choices(const struct target_match *match,
			   bool (*wanted)(const struct target_choice *, const char *),
			   struct target_choices *out)
{
	out->count = 0;
	for (size_t i = 0; i < match->all->count; i++) {
		if (wanted(&match->all->items[i], match->word)) {
			out->items[out->count++] = match->all->items[i];
		}
	}
}

/* --- what was perhaps meant --- */

static bool looks_like_serial(const char *word)
{
	bool has_digit = false;

	for (const char *c = word; *c; c++) {
		if (!isalnum((unsigned char)*c)) {
			return false;
		}
		has_digit = has_digit || isdigit((unsigned char)*c);
	}
	return has_digit && strlen(word) >= SERIAL_LENGTH_MIN;
}

static const char *nearest_serial(const struct target_match *match)
{
	const char *found = NULL;

	for (size_t i = 0; i < match->all->count; i++) {
		const char *serial = match->all->items[i].printer->serial;

		if (suggest_distance(match->word, serial) <= SERIAL_EDITS_MAX) {
			if (found) {
				return NULL;
			}
			found = serial;
		}
	}
	return found;
}

static const char *nearest_name(const struct target_match *match)
{
	struct suggest suggest;

	suggest_init(&suggest, match->word);
	for (size_t i = 0; i < match->all->count; i++) {
		suggest_offer(&suggest, match->all->items[i].printer->name);
	}
	for (size_t i = 0; i < settings_group_count(match->settings); i++) {
		suggest_offer(&suggest, settings_group_name(match->settings, i));
	}
	return suggest_best(&suggest);
}

static bool is_number(const char *word)
{
	int64_t number;

	return options_read_integer(word, &number);
}

/* Several printers in one word, each of them a beginning at least. */
static bool is_badly_separated(const struct target_match *match, char commas[TARGET_WORD_MAX])
{
	struct target_match part = {.all = match->all, .settings = match->settings};

	snprintf(commas, TARGET_WORD_MAX, "%s", match->word);
	for (char *at = commas; (at = strpbrk(at, OTHER_SEPARATORS)); at++) {
		*at = ',';
	}
	char *end = commas + strlen(commas);
	part.found = calloc(match->all->count, sizeof(*part.found));
	bool fits = part.found && strchr(commas, ',') && end[-1] != ',' &&
		    target_match_add(&part, commas) == OPTIONS_RUN;
	free(part.found);
	return fits;
}

static bool is_typable(const char *word)
{
	char valid[TARGET_WORD_MAX];

	for (const char *c = word; *c; c++) {
		if (iscntrl((unsigned char)*c)) {
			return false;
		}
	}
	/* What is no UTF-8 is replaced in a copy. */
	flagship_text_copy(flagship_text_from(word), valid, sizeof(valid));
	return strcmp(valid, word) == 0;
}

/* --- words --- */

static void report_serial(const struct target_match *match)
{
	const char *nearest = nearest_serial(match);

	cli_error("no printer with the serial number '%s' is known here%s%s%s", match->word,
		  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	cli_error("flagship refresh asks the accounts for new printers, flagship login adds an "
		  "account; there are:");
}

/* What no printer can be meant by. False for anything else. */
static bool report_odd(const struct target_match *match)
{
	char commas[TARGET_WORD_MAX];

	if (!is_typable(match->word)) {
		cli_error("there is no printer '%s', which has control characters in it or is no "
			  "UTF-8: give the serial number, or the number in front; there are:",
			  match->word);
		return true;
	}
	if (is_badly_separated(match, commas)) {
		cli_error("there is no printer '%s'; several are separated by commas: -p '%s'; "
			  "there are:",
			  match->word, commas);
		return true;
	}
	return false;
}

static void report_unknown(const struct target_match *match)
{
	const char *nearest;

	if (is_number(match->word)) {
		cli_error("there is no printer number %s, they go from 1 to %zu; there are:",
			  match->word, match->all->count);
	} else if (looks_like_serial(match->word)) {
		report_serial(match);
	} else if ((nearest = nearest_name(match))) {
		cli_error("there is no printer '%s'; did you mean '%s'? There are:", match->word,
			  nearest);
	} else {
		cli_error("there is no printer '%s': give a name, a serial number, the number in "
			  "front, or all; there are:",
			  match->word);
	}
}

/* An account, or a part of some names: with those printers alone. False for anything else. */
static bool report_related(const struct target_match *match, struct target_choices *some)
{
	select_choices(match, is_of_account, some);
	if (some->count > 0) {
		cli_error("'%s' is an account, and -p names printers; its printers are:",
			  match->word);
		return true;
	}
	select_choices(match, has_part, some);
	if (some->count > 0 && strlen(match->word) >= PART_MIN && !is_number(match->word)) {
		cli_error("no printer begins with '%s': give the whole name, or '*%s*'; it is part "
			  "of:",
			  match->word, match->word);
		return true;
	}
	return false;
}

static void report_several(const struct target_match *match, struct target_choices *some)
{
	if (match->fault == TARGET_FAULT_NAMESAKE) {
		select_choices(match, is_called, some);
		cli_error("%zu printers are called '%s': give the serial number, or the number in "
			  "front; they are:",
			  some->count, match->word);
		return;
	}
	select_choices(match, is_begun, some);
	cli_error("'%s' could be any of %zu printers: give more of the name or of the serial "
		  "number, or the number in front; they are:",
		  match->word, some->count);
}

static void report_glob(const struct target_match *match)
{
	const char *open = strrchr(match->word, '[');

	if (open && !strchr(open, ']')) {
		cli_error("the pattern '%s' has a [ without its ]; there are:", match->word);
		return;
	}
	cli_error("no name and no serial number fits the pattern '%s'; there are:", match->word);
}

/* some: room for all; left with those to list. */
static void report(const struct target_match *match, struct target_choices *some)
{
	switch (match->fault) {
	case TARGET_FAULT_EMPTY:
		cli_error("'%s' names no printer: give a name, a serial number, the number in "
			  "front, or all; there are:",
			  match->word);
		break;
	case TARGET_FAULT_LONG:
		cli_error("'%.*s…' has %zu bytes, and no printer has so long a name; there are:",
			  EXCERPT_BYTES, match->word, match->word_length);
		break;
	case TARGET_FAULT_UNKNOWN:
		if (report_odd(match)) {
			break;
		}
		if (report_related(match, some)) {
			return;
		}
		report_unknown(match);
		break;
	case TARGET_FAULT_GLOB:
		if (!report_odd(match)) {
			report_glob(match);
		}
		break;
	case TARGET_FAULT_SEVERAL:
	case TARGET_FAULT_NAMESAKE:
		report_several(match, some);
		return;
	case TARGET_FAULT_RING:
		cli_error("the group '%s' of the settings is among its own members", match->word);
		some->count = 0;
		return;
	case TARGET_FAULT_DEEP:
		cli_error("the group '%s' of the settings is too deep in other groups: name its "
			  "printers instead",
			  match->word);
		some->count = 0;
		return;
	}
	memcpy(some->items, match->all->items, match->all->count * sizeof(*some->items));
	some->count = match->all->count;
}

void target_fault_report(const struct target_match *match)
{
	/* What was found until then is of no use any more. */
	struct target_choices some = {.items = match->found};

	report(match, &some);
	target_fault_list(&some);
	if (match->wrong_group) {
		cli_error("in '%s' of the settings: flagship config set " SETTINGS_GROUP
			  ".%s changes it",
			  match->wrong_group, match->wrong_group);
	}
}
