/* SPDX-License-Identifier: MIT */
#include "cli/target/account_choice.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	if (strchr(word, '@') != NULL) {
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
	if (found == NULL && word[0] != '\0') {
		found = account_by_email(accounts, word);
	}
	if (found == NULL && options_read_integer(word, &number) && number >= 1 &&
	    (uint64_t)number <= accounts->count) {
		found = &accounts->accounts[number - 1];
	}
	if (found == NULL && word[0] != '\0') {
		found = account_by_beginning(accounts, word, &matches);
	}
	if (found == NULL || matches > 1) {
		account_explain(accounts, word, matches);
		return NULL;
	}
	return found;
}
