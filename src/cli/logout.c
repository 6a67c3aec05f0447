/* SPDX-License-Identifier: MIT */
#include "cli/account_choice.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/redact.h"
#include "cli/stored.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct logout_options {
	bool all;
};

static const struct options_option logout_table[] = {
	{.name = "all",
	 .kind = OPTIONS_FLAG,
	 .help = "forget every account",
	 .offset = offsetof(struct logout_options, all)},
};

static const struct options_group logout_group = OPTIONS_GROUP("Options", logout_table);

struct logout {
	const char *word; /* NULL: the only one */
	bool all;
	int status;
	struct output told; /* what is said once it is done */
};

static void logout_forget(struct logout *logout, struct store_accounts *accounts,
			  const struct store_account *account)
{
	const struct redact_options redact = {0};
	char user_id[STORE_TEXT_MAX];
	char shown[REDACT_USER_ID_MAX];
	char email[STORE_TEXT_MAX];
	FILE *out = logout->told.stream;

	snprintf(user_id, sizeof(user_id), "%s", account->login.user_id);
	redact_email(&redact, account->login.email, email, sizeof(email));
	fputs("Forgot the account ", out);
	const char *known_by = redact_user_id(&redact, user_id, shown);
	output_text(&logout->told, OUTPUT_PLAIN, known_by, strlen(known_by), false);
	if (email[0] != '\0') {
		fputs(" of ", out);
		output_text(&logout->told, OUTPUT_PLAIN, email, strlen(email), false);
	}
	fprintf(out, " and its %zu printer%s.\n", account->printer_count,
		account->printer_count == 1 ? "" : "s");
	store_accounts_remove(accounts, user_id);
}

/* status tells what went wrong, told already; the file is then left alone. */
static int logout_edit(void *context, struct store_accounts *accounts)
{
	struct logout *logout = context;
	const struct store_account *account = NULL;

	logout->status = CLI_USAGE;
	if (accounts->count == 0) {
		account_explain_none();
		logout->status = CLI_NOT_CONFIGURED;
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!logout->all && logout->word == NULL && accounts->count > 1) {
		cli_error("there are %zu accounts: say which, or --all; flagship accounts lists "
			  "them",
			  accounts->count);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (logout->word != NULL) {
		account = account_choose(accounts, logout->word);
		if (account == NULL) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		logout_forget(logout, accounts, account);
	}
	while (logout->word == NULL && accounts->count > 0) {
		logout_forget(logout, accounts, &accounts->accounts[0]);
	}
	logout->status = CLI_DONE;
	return 0;
}

/* Reads the file first, so that one that is damaged is told and not replaced. */
static int logout_check_store(void)
{
	struct store_accounts accounts;
	int result = stored_accounts_load(&accounts);

	store_accounts_finish(&accounts);
	return result;
}

static int logout_store(const char *word, bool all)
{
	char *text = NULL;
	size_t length;
	struct logout logout = {.word = word, .all = all, .status = CLI_FAILED};
	int result = logout_check_store();

	if (result != OPTIONS_RUN) {
		return result;
	}
	logout.told.stream = open_memstream(&text, &length);
	if (logout.told.stream == NULL) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	result = stored_accounts_update(logout_edit, &logout);
	fclose(logout.told.stream);
	if (result == OPTIONS_RUN) {
		fputs(text != NULL ? text : "", stdout);
	}
	free(text);
	return result != OPTIONS_RUN && logout.status == CLI_DONE ? result : logout.status;
}

static int logout_run(const struct cli_command *command, int argc, char **argv)
{
	struct logout_options options = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (options.all && argc > 0) {
		cli_error("give an account or --all, not both");
		return CLI_USAGE;
	}
	return logout_store(argc > 0 ? argv[0] : NULL, options.all);
}

const struct cli_command logout_command = {
	.name = "logout",
	.section = "Accounts",
	.summary = "forget an account with its printers and their keys",
	.arguments = "[ACCOUNT]",
	.arguments_max = 1,
	.description =
		"ACCOUNT is a user id or its beginning, an e-mail address, or a number of\n"
		"`flagship accounts`; it may be left out where there is one only. What is stored "
		"on\n"
		"this machine is removed; the service is not told, so that other programs stay\n"
		"logged in.",
	.groups = (const struct options_group *const[]){&logout_group, NULL},
	.run = logout_run,
};
