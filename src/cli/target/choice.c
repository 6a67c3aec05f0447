/* SPDX-License-Identifier: MIT */
#include "cli/target/choice.h"

#include "base/text_index.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"
#include "cli/target/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *serial_at(const void *items, size_t position)
{
	return ((const struct target_choice *)items)[position].printer->serial;
}

/* What several accounts reach goes by the first of them. False where there is no memory. */
static bool add_choice(struct target_choices *choices, struct text_index *index,
		       const struct store_account *account, const struct store_printer *printer)
{
	if (text_index_find(index, choices->items, printer->serial) != TEXT_INDEX_NONE) {
		return true;
	}
	choices->items[choices->count] = (struct target_choice){
		.account = account, .printer = printer, .number = choices->count + 1};
	return text_index_add(index, choices->items, choices->count++);
}

void target_choices_all(struct target_choices *choices, const struct store_accounts *accounts)
{
	size_t most = store_accounts_count_printers(accounts);
	struct text_index index = text_index_of(serial_at);
	bool done = true;

	*choices = (struct target_choices){
		.items = calloc(most ? most : 1, sizeof(*choices->items))};
	for (size_t a = 0; choices->items && done && a < accounts->count; a++) {
		const struct store_account *account = &accounts->accounts[a];

		for (size_t p = 0; done && p < account->printer_count; p++) {
			done = add_choice(choices, &index, account, &account->printers[p]);
		}
	}
	text_index_finish(&index);
	if (!done) {
		target_choices_finish(choices);
	}
}

void target_choices_finish(struct target_choices *choices)
{
	free(choices->items);
	*choices = (struct target_choices){0};
}

static void replace(struct target_choices *choices, struct target_choice *items, size_t count)
{
	free(choices->items);
	choices->items = items;
	choices->count = count;
}

static int choose_named(struct target_choices *choices, const struct settings *settings,
			const struct options_list *names)
{
	struct target_match match = {
		.all = choices,
		.settings = settings,
		.found = calloc(choices->count, sizeof(*match.found)),
	};
	int result = OPTIONS_RUN;

	if (!match.found) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	for (size_t i = 0; i < names->count && result == OPTIONS_RUN; i++) {
		result = target_match_add(&match, names->items[i]);
	}
	if (result != OPTIONS_RUN) {
		target_fault_report(&match);
		free(match.found);
		return result;
	}
	replace(choices, match.found, match.count);
	return OPTIONS_RUN;
}

/* There are several, and the command wants one or wants them named. */
static int refuse_several(const struct target_choices *choices, const struct options_list *names,
			  enum target_many many)
{
	if (names->count == 0) {
		cli_error(many == TARGETS_NAMED
				  ? "say with -p which printer, which printers, or all; there are:"
				  : "say with -p which printer; there are:");
	} else if (many == TARGETS_NAMED) {
		cli_error("that is %zu printers, which this command takes from -p alone; they are:",
			  choices->count);
	} else {
		cli_error("this command is for one printer at a time, and -p names %zu; they are:",
			  choices->count);
	}
	target_fault_list(choices);
	return CLI_USAGE;
}

static int choose(struct target_choices *choices, const struct settings *settings,
		  const struct options_list *names, enum target_many many, bool preset)
{
	bool may_be_many = many == TARGETS_MANY ||
			   (many == TARGETS_NAMED && names->count > 0 && !preset);
	int result = names->count > 0 ? choose_named(choices, settings, names) : OPTIONS_RUN;

	if (result != OPTIONS_RUN || choices->count == 1 || may_be_many) {
		return result;
	}
	return refuse_several(choices, names, many);
}

void target_choices_explain_none(const struct store_accounts *accounts)
{
	if (accounts->count > 0) {
		cli_error("the accounts that are stored have no printers: bind one in the vendor's "
			  "app, and run flagship refresh; flagship accounts lists the accounts");
		return;
	}
	cli_error("no printer is known here: run flagship import or flagship login, or give "
		  "--broker, --serial and --key-file");
}

int target_choices_make(struct target_choices *choices, const struct store_accounts *accounts,
			const struct settings *settings, const struct options_list *names,
			enum target_many many, bool preset)
{
	target_choices_all(choices, accounts);
	if (!choices->items) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	if (choices->count == 0) {
		target_choices_explain_none(accounts);
		return CLI_NOT_CONFIGURED;
	}
	return choose(choices, settings, names, many, preset);
}

#define LIST_MAX 512

void account_explain_none(void)
{
	cli_error("there is no account yet; run flagship login, or flagship import for one that "
		  "another program has");
}

static struct store_account *account_by_beginning(struct store_accounts *accounts, const char *word,
						  size_t *matches)
{
	struct store_account *found = NULL;

	*matches = 0;
	for (size_t i = 0; i < accounts->count; i++) {
		struct store_account *account = &accounts->accounts[i];

		if (strncmp(account->login.user_id, word, strlen(word)) == 0) {
			found = account;
			(*matches)++;
		}
	}
	return found;
}

static struct store_account *account_by_email(struct store_accounts *accounts, const char *word)
{
	for (size_t i = 0; i < accounts->count; i++) {
		if (strcasecmp(accounts->accounts[i].login.email, word) == 0) {
			return &accounts->accounts[i];
		}
	}
	return NULL;
}

/* An address that was mistyped is not repeated: it may be a password. */
static void account_explain(const struct store_accounts *accounts, const char *word, size_t matches)
{
	char list[LIST_MAX] = "";
	size_t used = 0;
	const struct redact_options redact = {0};
	char user_id[REDACT_USER_ID_MAX];

	for (size_t i = 0; i < accounts->count && used < sizeof(list); i++) {
		used += (size_t)snprintf(
			list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "",
			redact_user_id(&redact, accounts->accounts[i].login.user_id, user_id));
	}
	if (strchr(word, '@')) {
		cli_error("no account has this e-mail address; there are: %s", list);
	} else if (matches > 1) {
		cli_error("'%s' is the beginning of %zu accounts: %s", word, matches, list);
	} else {
		cli_error("there is no account '%s'; there are: %s", word, list);
	}
}

struct store_account *account_choose(struct store_accounts *accounts, const char *word)
{
	size_t matches = 0;
	int64_t number;
	struct store_account *found = NULL;

	if (accounts->count == 0) {
		account_explain_none();
		return NULL;
	}
	if (word[0] != '\0') {
		found = store_accounts_find(accounts, word);
	}
	if (!found && word[0] != '\0') {
		found = account_by_email(accounts, word);
	}
	if (!found && options_read_integer(word, &number) && number >= 1 &&
	    (uint64_t)number <= accounts->count) {
		found = &accounts->accounts[number - 1];
	}
	if (!found && word[0] != '\0') {
		found = account_by_beginning(accounts, word, &matches);
	}
	if (!found || matches > 1) {
		account_explain(accounts, word, matches);
		return NULL;
	}
	return found;
}
