/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"
#include "cli/account/service.h"

#include "cli/kit/cli.h"
#include "cli/kit/redact.h"
#include "cli/output/json.h"
#include "cli/target/choice.h"
#include "cli/target/stored.h"
#include "vendor/service.h"

#include <string.h>

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

static const struct options_group *const refresh_groups[] = {&refresh_group, NULL};

static int refresh_run(const struct cli_command *command, int argc, char **argv);

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
	.groups = refresh_groups,
	.run = refresh_run,
};

/* What the account that is stored says, apart from its printers: those are fetched. */
static void copy_account(const struct store_account *stored, struct store_account *fetched)
{
	*fetched = *stored;
	fetched->printers = NULL;
	fetched->texts = (struct text_arena){0};
	fetched->printer_room = 0;
	fetched->printer_count = 0;
	/* A local cloud tells them anew; else what is stored stays. */
	fetched->mqtt_username[0] = '\0';
	memset(fetched->mqtt_password, 0, sizeof(fetched->mqtt_password));
}

/* --- what could not be refreshed, for programs --- */

struct refresh_failure {
	const struct store_account *account;
	enum service_failure failure;
	const struct problem *problem;
};

static void write_failure(struct json_writer *writer, const void *context)
{
	const struct refresh_failure *failed = context;
	const struct redact_options redact = {0};
	char user_id[REDACT_USER_ID_MAX];

	json_object_begin(writer);
	json_member_string(writer, "account",
			   redact_user_id(&redact, failed->account->login.user_id, user_id));
	json_member_string(writer, "error", failed->problem->text);
	json_member_bool(writer, "token_expired", failed->failure == SERVICE_EXPIRED);
	json_object_end(writer);
}

static int report_failure(const struct store_account *account,
			  const struct service_options *options, enum service_failure failure,
			  const struct problem *problem)
{
	const struct refresh_failure failed = {account, failure, problem};

	if (failure && options->json && json_line_print(write_failure, &failed, stdout) != 0) {
		return CLI_FAILED;
	}
	return service_report(failure, problem);
}

static int refresh(const struct store_account *stored, const struct service_options *options)
{
	static const struct fetch fetch = {.warn = service_warn};
	struct service_settings settings;
	struct store_account fetched;
	struct service service;
	struct problem problem;
	char url[STORE_TEXT_MAX];
	int result = service_settings_init(&settings, options, SERVICE_TIMEOUT_MS);

	if (result != OPTIONS_RUN) {
		return result;
	}
	store_account_api(stored, url);
	memcpy(settings.ca_file, stored->ca_file, sizeof(settings.ca_file));
	memcpy(settings.pin, stored->pin, sizeof(settings.pin));
	settings.own_api = stored->api[0] != '\0';
	result = report_failure(stored, options,
				service_open(&service, url, &settings, &stored->login, &problem),
				&problem);
	if (result != OPTIONS_RUN) {
		return result;
	}
	copy_account(stored, &fetched);
	result = report_failure(stored, options,
				fetch_printers(&fetch, &service, &fetched, &problem), &problem);
	service_close(&service);
	if (result == OPTIONS_RUN) {
		return keep_account(&fetched, true, options->json);
	}
	store_account_finish(&fetched);
	return result;
}

static int refresh_all(struct store_accounts *accounts, const char *word,
		       const struct service_options *options)
{
	int status = CLI_DONE;

	if (accounts->count == 0) {
		account_explain_none();
		return CLI_NOT_CONFIGURED;
	}
	if (word) {
		const struct store_account *account = account_choose(accounts, word);
		return account ? refresh(account, options) : CLI_USAGE;
	}
	for (size_t i = 0; i < accounts->count; i++) {
		int result = refresh(&accounts->accounts[i], options);
		status = result != CLI_DONE ? result : status;
	}
	return status;
}

static int refresh_run(const struct cli_command *command, int argc, char **argv)
{
	struct service_options options = {0};
	struct store_accounts accounts = {0};
	int result = options_parse(command, &argc, argv, (void *const[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = stored_accounts_load(&accounts);
	if (result == OPTIONS_RUN) {
		result = refresh_all(&accounts, argc > 0 ? argv[0] : NULL, &options);
	}
	store_accounts_finish(&accounts);
	return result;
}
