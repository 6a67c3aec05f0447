/* SPDX-License-Identifier: MIT */
#include "store/accounts/accounts.h"
#include "base/clock.h"
#include "base/json/writer.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/choice.h"
#include "cli/target/rights.h"
#include "cli/target/stored.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One account, for people and for programs. Times are Unix seconds. */

#define PAGE_LABEL_WIDTH 15
#define PAGE_COLUMNS     8
#define PAGE_MS_PER_S    INT64_C(1000)

/* "valid", "until 12 days from now", "expired 3 h ago", "none". */
static const char *accounts_describe_token(const struct store_account *account, int64_t now_s,
					   char out[OUTPUT_TIME_MAX])
{
	char time[OUTPUT_TIME_MAX];
	int64_t left_s = account->login.token_expires_at - now_s;

	if (account->login.auth_token[0] == '\0') {
		snprintf(out, OUTPUT_TIME_MAX, "none");
	} else if (account->login.token_expires_at == 0) {
		snprintf(out, OUTPUT_TIME_MAX, "present");
	} else if (left_s > 0) {
		snprintf(out, OUTPUT_TIME_MAX, "valid for %.30s", output_duration(left_s, time));
	} else {
		snprintf(out, OUTPUT_TIME_MAX, "expired %.30s", output_age((double)-left_s, time));
	}
	return out;
}

/* "3 h ago", or "never" for 0. */
static const char *accounts_describe_age(int64_t then_s, int64_t now_s, char out[OUTPUT_TIME_MAX])
{
	if (then_s == 0) {
		snprintf(out, OUTPUT_TIME_MAX, "never");
		return out;
	}
	return output_age((double)(now_s - then_s), out);
}

static void page_line(const struct output *output, const char *label, const char *value)
{
	if (value[0] == '\0') {
		return;
	}
	print_to(output->stream, "  %-*s", PAGE_LABEL_WIDTH, label);
	output_text(output, OUTPUT_PLAIN, value, strlen(value), false);
	fputc('\n', output->stream);
}

static void page_print_login(const struct store_account *account,
			     const struct redact_options *redact, int64_t now_s,
			     const struct output *output)
{
	char text[STORE_TEXT_MAX];
	char time[OUTPUT_TIME_MAX];

	page_line(output, "E-mail", redact_email(redact, account->login.email, text, sizeof(text)));
	page_line(output, "Region", flagship_region_name(account->login.region));
	page_line(output, "Country", account->login.country);
	store_account_api(account, text);
	page_line(output, "API", text);
	store_account_broker(account, text);
	page_line(output, "Broker", text);
	page_line(output, "CA file", account->ca_file);
	page_line(output, "Pin", account->pin);
	store_account_mqtt_username(account, text);
	redact_mqtt_username(redact, text, sizeof(text));
	page_line(output, "MQTT user", text);
	store_account_mqtt_password(account, text);
	page_line(output, "MQTT password", redact_secret(redact, text));
	OPENSSL_cleanse(text, sizeof(text));
	page_line(output, "Token", redact_secret(redact, account->login.auth_token));
	page_line(output, "Token is", accounts_describe_token(account, now_s, time));
	page_line(output, "Source", account->source);
	page_line(output, "Refreshed", accounts_describe_age(account->refreshed_at, now_s, time));
}

static int page_print_printers(const struct store_account *account,
			       const struct redact_options *redact, const struct output *output)
{
	static const char *const headings[PAGE_COLUMNS] = {
		"SERIAL", "NAME", "MODEL", "RIGHTS", "ADDRESS", "FIRMWARE", "DSK KEY", "KEY"};
	size_t count = account->printer_count;
	const char **cells = calloc((count + 1) * PAGE_COLUMNS, sizeof(*cells));
	char(*rights)[RIGHTS_TEXT_MAX] = calloc(count, sizeof(*rights));

	if (!cells || !rights) {
		cli_error("out of memory");
		free(cells);
		free(rights);
		return CLI_FAILED;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		const struct store_printer *printer = &account->printers[i];
		const char *model = flagship_model_name(printer->model);
		const char *const row[PAGE_COLUMNS] = {
			printer->serial,
			printer->name,
			model ? model : printer->model_code,
			rights_text(printer, rights[i]),
			printer->address,
			printer->firmware,
			redact_secret(redact, printer->dsk_key),
			redact_secret(redact, printer->key_hex),
		};
		for (size_t column = 0; column < PAGE_COLUMNS; column++) {
			cells[(i + 1) * PAGE_COLUMNS + column] = row[column][0] != '\0'
									 ? row[column]
									 : "-";
		}
	}
	fputc('\n', output->stream);
	output_table(output, cells, count + 1, PAGE_COLUMNS);
	free(cells);
	free(rights);
	return CLI_DONE;
}

/* Returns an enum cli_exit. */
static int accounts_page_print(const struct store_account *account,
			       const struct redact_options *redact, int64_t now_s)
{
	struct output output;
	char text[REDACT_USER_ID_MAX];
	const char *user_id = redact_user_id(redact, account->login.user_id, text);

	output_init(&output, stdout);
	output_text(&output, OUTPUT_BOLD, user_id, strlen(user_id), false);
	putchar('\n');
	page_print_login(account, redact, now_s, &output);
	if (account->printer_count == 0) {
		puts("\nNo printer of it is known; flagship refresh asks for them.");
		return CLI_DONE;
	}
	return page_print_printers(account, redact, &output);
}

/* null where it is not known. */
static void page_member_time(struct json_writer *writer, const char *name, int64_t seconds)
{
	char time[TIME_TEXT_MAX];

	json_member_string(writer, name,
			   seconds > 0 && seconds < INT64_MAX / PAGE_MS_PER_S
				   ? time_text_write(seconds * PAGE_MS_PER_S, time)
				   : NULL);
}

static void page_write_printer(const struct store_printer *printer,
			       const struct redact_options *redact, struct json_writer *writer)
{
	json_object_begin(writer);
	json_member_known(writer, "serial", printer->serial);
	json_member_known(writer, "name", printer->name);
	json_member_known(writer, "model", flagship_model_name(printer->model));
	json_member_known(writer, "model_code", printer->model_code);
	json_member_known(writer, "address", printer->address);
	json_member_known(writer, "firmware", printer->firmware);
	json_member_known(writer, "wifi_mac", printer->wifi_mac);
	json_member_known(writer, "p2p_did", printer->p2p_did);
	rights_write(printer, writer);
	page_member_time(writer, "created_at", printer->created_at);
	page_member_time(writer, "updated_at", printer->updated_at);
	json_member_known(writer, "key", redact_secret(redact, printer->key_hex));
	json_member_known(writer, "dsk_key", redact_secret(redact, printer->dsk_key));
	json_object_end(writer);
}

static void page_write_login(const struct store_account *account,
			     const struct redact_options *redact, int64_t now_s,
			     struct json_writer *writer)
{
	char text[STORE_TEXT_MAX];
	char user_id[REDACT_USER_ID_MAX];
	const struct flagship_account *login = &account->login;

	json_member_known(writer, "user_id", redact_user_id(redact, login->user_id, user_id));
	json_member_known(writer, "email", redact_email(redact, login->email, text, sizeof(text)));
	json_member_known(writer, "region", flagship_region_name(login->region));
	json_member_known(writer, "country", login->country);
	json_member_known(writer, "domain", login->domain);
	store_account_api(account, text);
	json_member_known(writer, "api", text);
	store_account_broker(account, text);
	json_member_known(writer, "broker", text);
	json_member_known(writer, "ca_file", account->ca_file);
	json_member_known(writer, "pin", account->pin);
	store_account_mqtt_username(account, text);
	redact_mqtt_username(redact, text, sizeof(text));
	json_member_known(writer, "mqtt_username", text);
	store_account_mqtt_password(account, text);
	json_member_known(writer, "mqtt_password", redact_secret(redact, text));
	OPENSSL_cleanse(text, sizeof(text));
	json_member_known(writer, "auth_token", redact_secret(redact, login->auth_token));
	page_member_time(writer, "token_expires_at", login->token_expires_at);
	json_member_bool(writer, "token_expired",
			 login->token_expires_at != 0 && login->token_expires_at <= now_s);
	json_member_known(writer, "source", account->source);
	page_member_time(writer, "refreshed_at", account->refreshed_at);
}

static void accounts_page_write(const struct store_account *account,
				const struct redact_options *redact, int64_t now_s,
				struct json_writer *writer)
{
	json_object_begin(writer);
	page_write_login(account, redact, now_s, writer);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < account->printer_count; i++) {
		page_write_printer(&account->printers[i], redact, writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

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

	if (!cells || !rows) {
		cli_error("out of memory");
		goto out;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		accounts_fill(view, i, clock_unix_s(), &rows[i],
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

static void accounts_write(struct json_writer *writer, const void *context)
{
	const struct accounts_view *view = context;
	const struct store_accounts *accounts = view->accounts;
	int64_t now_s = clock_unix_s();

	if (view->only) {
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
	if (view->only) {
		return accounts_page_print(view->only, view->redact, clock_unix_s());
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
		result = view.only             ? OPTIONS_RUN
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
