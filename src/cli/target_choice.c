/* SPDX-License-Identifier: MIT */
#include "cli/target_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVERY      "all"
#define LISTED_MAX 20

static bool is_chosen(const struct target_choices *choices, const char *serial)
{
	for (size_t i = 0; i < choices->count; i++) {
		if (strcmp(choices->items[i].printer->serial, serial) == 0) {
			return true;
		}
	}
	return false;
}

static size_t count_printers(const struct store_accounts *accounts)
{
	size_t count = 0;

	for (size_t i = 0; i < accounts->count; i++) {
		count += accounts->accounts[i].printer_count;
	}
	return count;
}

void target_choices_all(struct target_choices *choices, const struct store_accounts *accounts)
{
	size_t most = count_printers(accounts);

	*choices = (struct target_choices){
		.items = calloc(most ? most : 1, sizeof(*choices->items))};
	for (size_t a = 0; choices->items && a < accounts->count; a++) {
		const struct store_account *account = &accounts->accounts[a];

		for (size_t p = 0; p < account->printer_count; p++) {
			if (!is_chosen(choices, account->printers[p].serial)) {
				choices->items[choices->count++] = (struct target_choice){
					.account = account, .printer = &account->printers[p]};
			}
		}
	}
}

void target_choices_finish(struct target_choices *choices)
{
	free(choices->items);
	*choices = (struct target_choices){0};
}

static void list(const struct target_choices *choices)
{
	for (size_t i = 0; i < choices->count && i < LISTED_MAX; i++) {
		const struct store_printer *printer = choices->items[i].printer;

		fprintf(stderr, "  %zu  %s  %s\n", i + 1, printer->serial, printer->name);
	}
	if (choices->count > LISTED_MAX) {
		fprintf(stderr, "  and %zu more: flagship printers --offline\n",
			choices->count - LISTED_MAX);
	}
}

static void keep_one(struct target_choices *choices, size_t index)
{
	choices->items[0] = choices->items[index];
	choices->count = 1;
}

enum match {
	MATCH_NONE,
	MATCH_PREFIX,
	MATCH_WHOLE,
};

static enum match match(const struct store_printer *printer, const char *name)
{
	if (strcasecmp(printer->serial, name) == 0 || strcasecmp(printer->name, name) == 0) {
		return MATCH_WHOLE;
	}
	return strncasecmp(printer->serial, name, strlen(name)) == 0 ? MATCH_PREFIX : MATCH_NONE;
}

/* A whole serial number or name counts more than a number, and that more than the beginning of a
 * serial number. */
static size_t find(const struct target_choices *choices, const char *name, size_t *found)
{
	enum match best = MATCH_NONE;
	size_t count = 0;
	int64_t number;

	for (size_t i = 0; i < choices->count; i++) {
		enum match here = match(choices->items[i].printer, name);

		if (here == MATCH_NONE || here < best) {
			continue;
		}
		count = here > best ? 1 : count + 1;
		best = here;
		*found = i;
	}
	if (best != MATCH_WHOLE && options_read_integer(name, &number) && number >= 1 &&
	    (uint64_t)number <= choices->count) {
		*found = (size_t)number - 1;
		return 1;
	}
	return count;
}

static int choose_by_name(struct target_choices *choices, const char *name)
{
	size_t found = 0;
	size_t count = name[0] != '\0' ? find(choices, name, &found) : 0;

	if (count == 1) {
		keep_one(choices, found);
		return OPTIONS_RUN;
	}
	cli_error(count == 0 ? "there is no printer '%s'; there are:"
			     : "'%s' could be several printers; there are:",
		  name);
	list(choices);
	return CLI_USAGE;
}

static int choose(struct target_choices *choices, const char *name, enum target_many many)
{
	if (name && strcasecmp(name, EVERY) != 0) {
		return choose_by_name(choices, name);
	}
	if (choices->count == 1 || many == TARGETS_MANY) {
		return OPTIONS_RUN;
	}
	cli_error(name ? "this command is for one printer at a time; there are:"
		       : "say with -p which printer; there are:");
	list(choices);
	return CLI_USAGE;
}

int target_choices_make(struct target_choices *choices, const struct store_accounts *accounts,
			const char *name, enum target_many many)
{
	target_choices_all(choices, accounts);
	if (!choices->items) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	if (choices->count == 0) {
		cli_error("no printer is known here: run flagship import or flagship login, or "
			  "give --broker, --serial and --key-file");
		return CLI_NOT_CONFIGURED;
	}
	return choose(choices, name, many);
}
