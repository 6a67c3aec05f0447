/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"
#include "cli/output/json_line.h"
#include "cli/output/output.h"
#include "cli/setup/accounts_page.h"
#include "cli/target/account_choice.h"
#include "cli/target/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ACCOUNTS_COLUMNS 8

struct accounts_options {
	bool json;
};

static const struct options_option accounts_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: an array of all accounts, or one object",
	 .offset = offsetof(struct accounts_options, json)},
};

static const struct options_group accounts_group = OPTIONS_GROUP("Options", accounts_table);

/* What the cells of one row point to. */
struct accounts_row {
	char user_id[REDACT_USER_ID_MAX];
	char number[OUTPUT_TIME_MAX];
	char email[STORE_TEXT_MAX];
	char service[STORE_TEXT_MAX];
	char printers[OUTPUT_TIME_MAX];
	char token[OUTPUT_TIME_MAX];
	char refreshed[OUTPUT_TIME_MAX];
};

struct accounts_view {
	const struct store_accounts *accounts;
	const struct store_account *only; /* NULL: all */
	const struct redact_options *redact;
};

static void accounts_fill(const struct accounts_view *view, size_t index, int64_t now_s,
			  struct accounts_row *row, const char **cells)
{
	const struct store_account *account = &view->accounts->accounts[index];

	snprintf(row->number, sizeof(row->number), "%zu", index + 1);
	redact_email(view->redact, account->login.email, row->email, sizeof(row->email));
	snprintf(row->service, sizeof(row->service), "%s",
		 account->api[0] != '\0' ? account->api
					 : flagship_region_name(account->login.region));
	snprintf(row->printers, sizeof(row->printers), "%zu", account->printer_count);
	accounts_describe_token(account, now_s, row->token);
	accounts_describe_age(account->refreshed_at, now_s, row->refreshed);
	const char *const values[ACCOUNTS_COLUMNS] = {
		row->number,    redact_user_id(view->redact, account->login.user_id, row->user_id),
		row->email,     row->service,
		row->printers,  row->token,
		row->refreshed, account->source,
	};
	for (size_t i = 0; i < ACCOUNTS_COLUMNS; i++) {
		cells[i] = values[i][0] != '\0' ? values[i] : "-";
	}
}

static int accounts_print_table(const struct accounts_view *view)
{
	static const char *const headings[ACCOUNTS_COLUMNS] = {
		"#", "USER ID", "E-MAIL", "SERVICE", "PRINTERS", "TOKEN", "REFRESHED", "SOURCE"};
	size_t count = view->accounts->count;
	const char **cells = calloc((count + 1) * ACCOUNTS_COLUMNS, sizeof(*cells));
	struct accounts_row *rows = calloc(count, sizeof(*rows));
	struct output output;
	int result = CLI_FAILED;

	if (cells == NULL || rows == NULL) {
		cli_error("out of memory");
		goto out;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		accounts_fill(view, i, (int64_t)time(NULL), &rows[i],
			      cells + (i + 1) * ACCOUNTS_COLUMNS);
	}
	output_init(&output, stdout);
	output_table(&output, cells, count + 1, ACCOUNTS_COLUMNS);
	result = CLI_DONE;
out:
	free(cells);
	free(rows);
	return result;
}

static void accounts_write(const void *context, struct json_writer *writer)
{
	const struct accounts_view *view = context;
	const struct store_accounts *accounts = view->accounts;
	int64_t now_s = (int64_t)time(NULL);

	if (view->only != NULL) {
		accounts_page_write(view->only, view->redact, now_s, writer);
		return;
	}
	json_array_begin(writer);
	for (size_t i = 0; i < accounts->count; i++) {
		accounts_page_write(&accounts->accounts[i], view->redact, now_s, writer);
	}
	json_array_end(writer);
}

static int accounts_show(const struct accounts_view *view, bool json)
{
	if (json) {
		int error = json_line_print(accounts_write, view, stdout);

		return error == 0 ? CLI_DONE : CLI_FAILED;
	}
	if (view->only != NULL) {
		return accounts_page_print(view->only, view->redact, (int64_t)time(NULL));
	}
	if (view->accounts->count == 0) {
		account_explain_none();
		return CLI_DONE;
	}
	return accounts_print_table(view);
}

static int accounts_run(const struct cli_command *command, int argc, char **argv)
{
	struct accounts_options options = {0};
	struct redact_options redact = {0};
	struct store_accounts accounts;
	int result = options_parse(command, &argc, argv, (void *[]){&options, &redact});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = stored_accounts_load(&accounts);
	struct accounts_view view = {.accounts = &accounts, .redact = &redact};
	if (result == OPTIONS_RUN && argc > 0) {
		view.only = account_choose(&accounts, argv[0]);
		result = view.only != NULL     ? OPTIONS_RUN
			 : accounts.count == 0 ? CLI_NOT_CONFIGURED
					       : CLI_USAGE;
	}
	if (result == OPTIONS_RUN) {
		result = accounts_show(&view, options.json);
	}
	store_accounts_finish(&accounts);
	return result;
}

const struct cli_command accounts_command = {
	.name = "accounts",
	.section = "Accounts",
	.summary = "list the accounts that are known here, or show one",
	.arguments = "[ACCOUNT]",
	.arguments_max = 1,
	.description =
		"ACCOUNT is a user id or its beginning, an e-mail address, or a number of the "
		"list.\n"
		"Secrets are hidden, which are tokens, keys, and the e-mail address, as it is the\n"
		"password of the MQTT login.",
	.groups = (const struct options_group *const[]){&accounts_group, &redact_options_group,
							NULL},
	.run = accounts_run,
};
