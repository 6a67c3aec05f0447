/* SPDX-License-Identifier: MIT */
#include "account/keep.h"

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/redact.h"
#include "cli/stored.h"
#include "protocol/json_writer.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 4

struct keep {
	struct store_account *account;
	bool drop_missing;
	int error;
};

static int put(void *context, struct store_accounts *accounts)
{
	struct keep *keep = context;

	keep->error = store_accounts_put(accounts, keep->account, keep->drop_missing);
	return keep->error;
}

static int store(struct store_account *account, bool drop_missing)
{
	struct keep keep = {.account = account, .drop_missing = drop_missing};
	int result = stored_accounts_update(put, &keep);

	if (result == CLI_FAILED && keep.error) {
		cli_error("the account was not kept: %s", flagship_strerror(keep.error));
	}
	return result == OPTIONS_RUN ? CLI_DONE : result;
}

static const char *model_of(const struct store_printer *printer)
{
	const char *name = flagship_model_name(printer->model);

	return name ? name : printer->model_code;
}

static void print_table(const struct store_account *account)
{
	size_t rows = account->printer_count + 1;
	const char **cells = calloc(rows * COLUMNS, sizeof(*cells));
	struct output output;

	if (!cells) {
		return;
	}
	memcpy(cells, (const char *[COLUMNS]){"NAME", "SERIAL", "MODEL", "KEY"},
	       COLUMNS * sizeof(*cells));
	for (size_t i = 0; i < account->printer_count; i++) {
		const struct store_printer *printer = &account->printers[i];
		const char **row = cells + (i + 1) * COLUMNS;

		row[0] = printer->name;
		row[1] = printer->serial;
		row[2] = model_of(printer);
		row[3] = printer->key_hex[0] ? "yes" : "missing";
	}
	output_init(&output, stdout);
	output_table(&output, cells, rows, COLUMNS);
	free(cells);
}

static void write_printer(struct json_writer *writer, const struct store_printer *printer)
{
	json_object_begin(writer);
	json_key(writer, "serial");
	json_string(writer, printer->serial);
	json_key(writer, "name");
	json_string(writer, printer->name[0] ? printer->name : NULL);
	json_key(writer, "model");
	json_string(writer, model_of(printer));
	json_key(writer, "key");
	json_bool(writer, printer->key_hex[0] != '\0');
	json_object_end(writer);
}

static void write_account(struct json_writer *writer, const struct store_account *account)
{
	const struct redact_options redact = {0};
	char user_id[REDACT_USER_ID_MAX];

	json_object_begin(writer);
	json_key(writer, "account");
	json_string(writer, redact_user_id(&redact, account->login.user_id, user_id));
	json_key(writer, "region");
	json_string(writer, flagship_region_name(account->login.region));
	json_key(writer, "source");
	json_string(writer, account->source);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < account->printer_count; i++) {
		write_printer(writer, &account->printers[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void print_json(const struct store_account *account)
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, NULL, 0);
	write_account(&writer, account);
	size_t capacity = writer.length + 1;
	char *text = malloc(capacity);
	if (!text) {
		return;
	}
	json_writer_init(&writer, text, capacity);
	write_account(&writer, account);
	if (json_writer_finish(&writer, &length) == 0) {
		puts(text);
	}
	free(text);
}

int keep_account(struct store_account *account, bool drop_missing, bool json)
{
	const struct redact_options redact = {0};
	char text[REDACT_USER_ID_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	size_t count = account->printer_count;
	const char *region = flagship_region_name(account->login.region);

	snprintf(user_id, sizeof(user_id), "%s",
		 redact_user_id(&redact, account->login.user_id, text));
	if (json) {
		print_json(account);
	} else if (count > 0) {
		print_table(account);
	}
	int status = store(account, drop_missing);
	if (status == CLI_DONE) {
		fprintf(stderr, "flagship: kept account %s (%s) with %zu printer%s\n", user_id,
			region, count, count == 1 ? "" : "s");
	}
	store_account_finish(account);
	return status;
}
