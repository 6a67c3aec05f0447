/* SPDX-License-Identifier: MIT */
#include "account/commands.h"
#include "account/fetch.h"
#include "account/keep.h"
#include "account/service.h"

#include "store/paths.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <string.h>
#include <strings.h>

static const struct options_option refresh_table[] = {
	{.name = "timeout",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long to wait for each answer of the service (15)",
	 .offset = offsetof(struct service_options, timeout_ms),
	 .minimum = 1,
	 .maximum = INT64_C(600000)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON, one line an account",
	 .offset = offsetof(struct service_options, json)},
};

static const struct options_group refresh_group = OPTIONS_GROUP("Options", refresh_table);

static const struct options_group *const groups[] = {&refresh_group, NULL};

static int run(const struct cli_command *command, int argc, char **argv);

const struct cli_command refresh_command = {
	.name = "refresh",
	.section = "Accounts",
	.summary = "fetch the printers of the accounts again",
	.arguments = "[ACCOUNT]",
	.arguments_max = 1,
	.description =
		"Asks the service of each account, or of the one with this user id or e-mail\n"
		"address, for its printers and their keys. Printers that are not there any\n"
		"more are forgotten.",
	.groups = groups,
	.run = run,
};

/* What the account that is stored says, apart from its printers: those are fetched. */
static void copy_account(const struct store_account *stored, struct store_account *fetched)
{
	*fetched = *stored;
	fetched->printers = NULL;
	fetched->printer_count = 0;
}

static int refresh(const struct store_account *stored, const struct service_options *options)
{
	struct service_settings settings;
	struct store_account fetched;
	struct service service;
	char url[STORE_TEXT_MAX];
	int result = service_settings_init(&settings, options);

	if (result != OPTIONS_RUN) {
		return result;
	}
	store_account_api(stored, url);
	if (stored->api[0]) {
		memcpy(settings.ca_file, stored->ca_file, sizeof(settings.ca_file));
		memcpy(settings.pin, stored->pin, sizeof(settings.pin));
	}
	result = service_open(&service, url, &settings, &stored->login);
	if (result != OPTIONS_RUN) {
		return result;
	}
	copy_account(stored, &fetched);
	result = fetch_printers(&service, &fetched);
	service_close(&service);
	if (result == OPTIONS_RUN) {
		return keep_account(&fetched, true, options->json);
	}
	store_account_finish(&fetched);
	return result;
}

static bool is_wanted(const struct store_account *account, const char *name)
{
	return !name || strcmp(account->login.user_id, name) == 0 ||
	       strcasecmp(account->login.email, name) == 0;
}

static int refresh_all(const struct store_accounts *accounts, const char *name,
		       const struct service_options *options)
{
	int status = CLI_DONE;
	size_t found = 0;

	for (size_t i = 0; i < accounts->count; i++) {
		if (is_wanted(&accounts->accounts[i], name)) {
			int result = refresh(&accounts->accounts[i], options);

			found++;
			status = result != CLI_DONE ? result : status;
		}
	}
	if (found > 0) {
		return status;
	}
	if (name) {
		cli_error("there is no account '%s': flagship accounts lists them", name);
	} else {
		cli_error("there is no account yet: get one with flagship login or flagship "
			  "import");
	}
	return CLI_NOT_CONFIGURED;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct service_options options = {0};
	struct store_accounts accounts = {0};
	struct store_problem problem = {0};
	char path[PATH_MAX];
	int result = options_parse(command, &argc, argv, (void *const[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!store_accounts_path(path)) {
		cli_error("there is no home folder with accounts: set HOME");
		return CLI_NOT_CONFIGURED;
	}
	int error = store_accounts_load(path, &accounts, &problem);
	if (error) {
		cli_error("%s", problem.text[0] ? problem.text : flagship_strerror(error));
		result = CLI_NOT_CONFIGURED;
	} else {
		if (problem.text[0]) {
			cli_warn("%s", problem.text);
		}
		result = refresh_all(&accounts, argc > 0 ? argv[0] : NULL, &options);
	}
	store_accounts_finish(&accounts);
	return result;
}
