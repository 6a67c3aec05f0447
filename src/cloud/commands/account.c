/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/shown_text.h"
#include "cli/kit/prompt.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"
#include "daemon/login/password.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define STRICT_BYTES 20

/* Accounts: add-account, set-account, remove-account. */

struct account_options {
	struct cloud_options cloud;
	const char *email;
	bool password_stdin;
	const char *name;
	const char *country;
	bool strict;
	bool administrator;
	bool no_strict;
	bool no_administrator;
};

#define PLACE(member) offsetof(struct account_options, member)

static const struct options_option account_table[] = {
	{.name = "email",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "of the account",
	 .offset = PLACE(email)},
	{.name = "password-stdin",
	 .kind = OPTIONS_FLAG,
	 .help = "read the password from standard input; on a terminal it is asked for twice, "
		 "unseen. Without one, only export-login gets in",
	 .offset = PLACE(password_stdin)},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what people call it",
	 .offset = PLACE(name)},
	{.name = "country",
	 .kind = OPTIONS_TEXT,
	 .value = "CC",
	 .help = "two letters; decides which of the vendor's hosts other programs look for (US)",
	 .offset = PLACE(country)},
	{.name = "strict",
	 .kind = OPTIONS_FLAG,
	 .help = "a random MQTT password in place of the e-mail address; only flagship learns it",
	 .offset = PLACE(strict)},
	{.name = "administrator",
	 .kind = OPTIONS_FLAG,
	 .help = "reaches every topic of the broker",
	 .offset = PLACE(administrator)},
};

static const struct options_group account_group = OPTIONS_GROUP("Account", account_table);

static const struct options_option change_table[] = {
	{.name = "no-strict",
	 .kind = OPTIONS_FLAG,
	 .help = "the e-mail address is the MQTT password again, as other programs want it",
	 .offset = PLACE(no_strict)},
	{.name = "no-administrator",
	 .kind = OPTIONS_FLAG,
	 .help = "reaches its own printers alone again",
	 .offset = PLACE(no_administrator)},
};

static const struct options_group change_group = OPTIONS_GROUP("Taking back", change_table);

static bool is_email(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] != '\0' && !strchr(at + 1, '@') &&
	       strlen(text) < REGISTRY_TEXT_MAX && text[strcspn(text, " \t\r\n\"'<>")] == '\0' &&
	       shown_text_is_clean(text, strlen(text));
}

static int check_account_options(const struct account_options *options)
{
	if (!options->email) {
		cli_error("--email is missing: give for example --email you@example.org");
		return CLI_USAGE;
	}
	if (!is_email(options->email)) {
		cli_error("'%s' is no e-mail address", options->email);
		return CLI_USAGE;
	}
	if (options->name && (strlen(options->name) >= REGISTRY_TEXT_MAX ||
			      !shown_text_is_clean(options->name, strlen(options->name)))) {
		cli_error("--name is too long, or holds control characters: it has to be plain "
			  "text");
		return CLI_USAGE;
	}
	if ((options->strict && options->no_strict) ||
	    (options->administrator && options->no_administrator)) {
		cli_error("an option and its --no- contradict each other");
		return CLI_USAGE;
	}
	if (options->country && (strlen(options->country) != 2 ||
				 strspn(options->country, "abcdefghijklmnopqrstuvwxyz"
							  "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)) {
		cli_error("--country wants two letters such as US or DE, not '%s'",
			  options->country);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int set_password(struct registry_account *account)
{
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 2];
	int result = prompt_new_secret("password", password, sizeof(password));

	int error = result == OPTIONS_RUN ? password_hash(password, account->password) : 0;

	if (error == FLAGSHIP_ERROR_ARGUMENT) {
		cli_error("the password cannot be kept: it is too long");
		result = CLI_USAGE;
	} else if (error) {
		cli_error("the password cannot be kept: %s", flagship_strerror(error));
		result = CLI_FAILED;
	}
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

static int set_strict(struct registry_account *account)
{
	uint8_t bytes[STRICT_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return CLI_FAILED;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, account->mqtt_password);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return OPTIONS_RUN;
}

static int apply_account_options(const struct account_options *options,
				 struct registry_account *account)
{
	int result = OPTIONS_RUN;

	snprintf(account->email, sizeof(account->email), "%s", options->email);
	if (options->name) {
		snprintf(account->nick_name, sizeof(account->nick_name), "%s", options->name);
	}
	if (options->country) {
		for (size_t i = 0; i < 2; i++) {
			account->country[i] = (char)(options->country[i] & ~0x20);
		}
		account->country[2] = '\0';
	}
	account->administrator = (account->administrator || options->administrator) &&
				 !options->no_administrator;
	if (options->no_strict) {
		account->mqtt_password[0] = '\0';
	}
	if (options->password_stdin) {
		result = set_password(account);
	}
	if (result == OPTIONS_RUN && options->strict) {
		result = set_strict(account);
	}
	return result;
}

static int add_account(const struct cloud *cloud, struct registry_account *account)
{
	int added = registry_add_account(cloud->registry, account);

	if (added < 0) {
		return cloud_fail(cloud, "the account cannot be added");
	}
	if (added == 0) {
		cli_error("there is an account %s already; flagship cloud set-account changes it",
			  account->email);
		return CLI_FAILED;
	}
	print_to(stdout, "added account %s\n", account->email);
	return CLI_DONE;
}

/* A token of before would open what the change is to close. */
static int change_account(const struct cloud *cloud, const struct account_options *options,
			  const struct registry_account *account)
{
	bool secrets = options->password_stdin || options->strict || options->no_strict;
	int revoked = 0;

	if (registry_update_account(cloud->registry, account) < 0 ||
	    (secrets &&
	     (revoked = registry_revoke_tokens_of(cloud->registry, account->user_id)) < 0)) {
		return cloud_fail(cloud, "the account cannot be changed");
	}
	if (revoked > 0) {
		print_to(stdout, "revoked %d token%s: log in again\n", revoked,
			 revoked == 1 ? "" : "s");
	}
	return CLI_DONE;
}

static int run_account(const struct cli_command *command, int argc, char **argv, bool is_new)
{
	struct account_options options = {0};
	struct registry_account account = {.country = "US", .created_at = cloud_now_s()};
	struct cloud cloud = {0};
	void *of_new[] = {&options, &options.cloud};
	void *of_known[] = {&options, &options, &options.cloud};
	int result = options_parse(command, &argc, argv, is_new ? of_new : of_known);

	if (result == OPTIONS_RUN) {
		result = check_account_options(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN && !is_new) {
		result = cloud_find_account(&cloud, options.email, &account);
	}
	if (result == OPTIONS_RUN) {
		result = apply_account_options(&options, &account);
	}
	if (result == OPTIONS_RUN && is_new) {
		result = add_account(&cloud, &account);
	} else if (result == OPTIONS_RUN) {
		result = change_account(&cloud, &options, &account);
	}
	registry_account_wipe(&account);
	cloud_close(&cloud);
	return result;
}

static int run_add_account(const struct cli_command *command, int argc, char **argv)
{
	return run_account(command, argc, argv, true);
}

static int run_set_account(const struct cli_command *command, int argc, char **argv)
{
	return run_account(command, argc, argv, false);
}

static int run_remove_account(const struct cli_command *command, int argc, char **argv)
{
	struct cloud_options options = {0};
	struct registry_account account;
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which account: flagship cloud remove-account you@example.org");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = cloud_find_account(&cloud, argv[0], &account);
	}
	if (result == OPTIONS_RUN) {
		result = registry_remove_account(cloud.registry, account.user_id) < 0
				 ? cloud_fail(&cloud, "the account cannot be removed")
				 : CLI_DONE;
		registry_account_wipe(&account);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_add_account_command = {
	.name = "cloud add-account",
	.section = "Accounts and printers",
	.summary = "add an account",
	.arguments = "",
	.arguments_max = 0,
	.description = "Adds an account with a user id of 160 random bits, which is half of its "
		       "MQTT\nlogin and treated as a secret.",
	.groups = (const struct options_group *const[]){&account_group, &cloud_options_group, NULL},
	.run = run_add_account,
};

const struct cli_command cloud_set_account_command = {
	.name = "cloud set-account",
	.section = "Accounts and printers",
	.summary = "change the password or another thing of an account",
	.arguments = "",
	.arguments_max = 0,
	.description = "Where a password changes, all tokens of the account are revoked.",
	.groups = (const struct options_group *const[]){&account_group, &change_group,
							&cloud_options_group, NULL},
	.run = run_set_account,
};

const struct cli_command cloud_remove_account_command = {
	.name = "cloud remove-account",
	.section = "Accounts and printers",
	.summary = "remove an account; its printers stay",
	.arguments = "EMAIL",
	.arguments_max = 1,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_remove_account,
};
