/* SPDX-License-Identifier: MIT */
#include "cli/control/ask.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/setup/forget.h"
#include "cli/target/choice.h"
#include "cli/target/stored.h"
#include "store/accounts/authority.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOGOUT_QUESTION_MAX    256
#define LOGOUT_AUTHORITIES_MAX 8 /* of more the files stay */

struct logout_options {
	bool all;
	bool yes;
	struct options_list printers;
};

static const struct options_option logout_table[] = {
	{.name = "all",
	 .kind = OPTIONS_FLAG,
	 .help = "forget every account",
	 .offset = offsetof(struct logout_options, all)},
	{.name = "printer",
	 .letter = 'p',
	 .kind = OPTIONS_LIST,
	 .joined = true,
	 .value = "NAME",
	 .help = "forget this printer alone, in every account that has it",
	 .offset = offsetof(struct logout_options, printers)},
	{.name = "yes",
	 .kind = OPTIONS_FLAG,
	 .help = "do not ask first, where printers' keys would be lost for good, or a printer "
		 "comes "
		 "again",
	 .offset = offsetof(struct logout_options, yes)},
};

static const struct options_group logout_group = OPTIONS_GROUP("Options", logout_table);

struct logout {
	const char *word; /* NULL: the only one */
	bool all;
	int status;
	struct output reported; /* what is said once it is done */
	/* Files of CA certificates that go with the accounts; "": it stays after all. */
	char authorities[LOGOUT_AUTHORITIES_MAX][STORE_TEXT_MAX];
	size_t authority_count;
};

/* One that was kept for the account; that of the user's own is his. */
static void note_authority(struct logout *logout, const char *ca_file)
{
	if (logout->authority_count < LOGOUT_AUTHORITIES_MAX && store_authority_is_kept(ca_file)) {
		snprintf(logout->authorities[logout->authority_count++], STORE_TEXT_MAX, "%s",
			 ca_file);
	}
}

static void logout_forget(struct logout *logout, struct store_accounts *accounts,
			  const struct store_account *account)
{
	const struct redact_options redact = {0};
	char user_id[STORE_TEXT_MAX];
	char shown[REDACT_USER_ID_MAX];
	char email[STORE_TEXT_MAX];
	FILE *out = logout->reported.stream;

	snprintf(user_id, sizeof(user_id), "%s", account->login.user_id);
	redact_email(&redact, account->login.email, email, sizeof(email));
	fputs("Forgot the account ", out);
	const char *known_by = redact_user_id(&redact, user_id, shown);
	output_text(&logout->reported, OUTPUT_PLAIN, known_by, strlen(known_by), false);
	if (email[0] != '\0') {
		fputs(" of ", out);
		output_text(&logout->reported, OUTPUT_PLAIN, email, strlen(email), false);
	}
	print_to(out, " and its %zu printer%s.\n", account->printer_count,
		 account->printer_count == 1 ? "" : "s");
	note_authority(logout, account->ca_file);
	store_accounts_remove(accounts, user_id);
}

/* What another account still goes by stays. */
static void spare_authorities(struct logout *logout, const struct store_accounts *accounts)
{
	for (size_t i = 0; i < logout->authority_count; i++) {
		for (size_t j = 0; j < accounts->count; j++) {
			if (strcmp(accounts->accounts[j].ca_file, logout->authorities[i]) == 0) {
				logout->authorities[i][0] = '\0';
			}
		}
	}
}

/* Those that the settings name stay as well. */
static void drop_authorities(const struct logout *logout)
{
	char settings[PATH_MAX];
	bool is_known = store_settings_path(settings);

	for (size_t i = 0; is_known && i < logout->authority_count; i++) {
		const char *path = logout->authorities[i];

		if (path[0] != '\0' && !store_authority_is_set(path, settings)) {
			unlink(path);
		}
	}
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
	if (!logout->all && !logout->word && accounts->count > 1) {
		cli_error("there are %zu accounts: say which, or --all; flagship accounts lists "
			  "them",
			  accounts->count);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (logout->word) {
		account = account_choose(accounts, logout->word);
		if (!account) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		logout_forget(logout, accounts, account);
	}
	while (!logout->word && accounts->count > 0) {
		logout_forget(logout, accounts, &accounts->accounts[0]);
	}
	spare_authorities(logout, accounts);
	logout->status = CLI_DONE;
	return 0;
}

static bool logout_has_key(const struct store_account *account, const struct store_printer *printer)
{
	for (size_t i = 0; i < account->printer_count; i++) {
		const struct store_printer *other = &account->printers[i];
		if (strcmp(other->serial, printer->serial) == 0 &&
		    strcmp(other->key_hex, printer->key_hex) == 0) {
			return true;
		}
	}
	return false;
}

/* leaving: the only account that is forgotten, NULL for all of them. */
static bool logout_loses_key(const struct store_accounts *accounts,
			     const struct store_account *leaving,
			     const struct store_printer *printer)
{
	for (size_t i = 0; leaving && i < accounts->count; i++) {
		const struct store_account *other = &accounts->accounts[i];
		if (other != leaving && logout_has_key(other, printer)) {
			return false;
		}
	}
	return printer->key_hex[0] != '\0';
}

/*
 * How many printers' keys exist nowhere else as far as this machine knows: an account with a token
 * can ask its service for them again, one without was given them by hand or from a file.
 */
static size_t logout_count_lost(const struct store_accounts *accounts,
				const struct store_account *leaving)
{
	size_t count = 0;

	for (size_t i = 0; i < accounts->count; i++) {
		const struct store_account *account = &accounts->accounts[i];
		if (account->login.auth_token[0] != '\0' || (leaving && account != leaving)) {
			continue;
		}
		for (size_t j = 0; j < account->printer_count; j++) {
			count += logout_loses_key(accounts, leaving, &account->printers[j]);
		}
	}
	return count;
}

static int logout_ask(struct store_accounts *accounts, const struct logout *logout)
{
	const struct store_account *leaving = NULL;
	char question[LOGOUT_QUESTION_MAX];

	if (logout->word) {
		leaving = account_choose(accounts, logout->word);
		if (!leaving) {
			return CLI_USAGE;
		}
	} else if (!logout->all && accounts->count > 1) {
		return OPTIONS_RUN; /* logout_edit says that it is not clear which */
	}
	size_t lost = logout_count_lost(accounts, leaving);
	if (lost == 0) {
		return OPTIONS_RUN;
	}
	snprintf(question, sizeof(question),
		 "The key%s of %zu printer%s may exist nowhere else, and without %s a printer "
		 "cannot be reached. Forget %s",
		 lost == 1 ? "" : "s", lost, lost == 1 ? "" : "s", lost == 1 ? "it" : "them",
		 lost == 1 ? "it" : "them");
	return control_ask_question(question);
}

/* Reads the file first, so that one that is damaged is reported and not replaced. */
static int logout_check_store(const struct logout *logout, bool yes)
{
	struct store_accounts accounts;
	int result = stored_accounts_load(&accounts);

	if (result == OPTIONS_RUN && !yes) {
		result = logout_ask(&accounts, logout);
	}
	store_accounts_finish(&accounts);
	return result;
}

static int logout_store(const char *word, bool all, bool yes)
{
	char *text = NULL;
	size_t length;
	struct logout logout = {.word = word, .all = all, .status = CLI_FAILED};
	int result = logout_check_store(&logout, yes);

	if (result != OPTIONS_RUN) {
		return result;
	}
	logout.reported.stream = open_memstream(&text, &length);
	if (!logout.reported.stream) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	result = stored_accounts_update(logout_edit, &logout);
	fclose(logout.reported.stream);
	if (result == OPTIONS_RUN) {
		fputs(text ? text : "", stdout);
		drop_authorities(&logout);
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
	if (options.printers.count > 0 && (options.all || argc > 0)) {
		cli_error("give a printer, an account or --all, not several of them");
		return CLI_USAGE;
	}
	if (options.printers.count > 0) {
		return forget_printer(&options.printers, options.yes);
	}
	return logout_store(argc > 0 ? argv[0] : NULL, options.all, options.yes);
}

const struct cli_command logout_command = {
	.name = "logout",
	.section = "Accounts",
	.summary = "forget an account with its printers and their keys, or one printer",
	.arguments = "[ACCOUNT]",
	.arguments_max = 1,
	.description =
		"ACCOUNT is a user id or its beginning, an e-mail address, or a number of\n"
		"`flagship accounts`; it may be left out where there is one only. What is stored "
		"on\n"
		"this machine is removed; the service is not told, so that other programs stay\n"
		"logged in. Where keys of printers would be lost that no service can be asked "
		"for\n"
		"again, it asks on a terminal, and elsewhere needs --yes. So it does before it\n"
		"forgets a printer that an account brings again when it is asked for its printers\n"
		"next: remove it from that account, too. An import brings it back at any time.",
	.groups = (const struct options_group *const[]){&logout_group, NULL},
	.run = logout_run,
};
