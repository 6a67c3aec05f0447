/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"

#include "base/shown_text.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/redact.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/stored.h"

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

static bool is_clean(const char *text)
{
	return shown_text_is_clean(text, strlen(text));
}

/*
 * Of a name with control characters nothing is kept: who shares a printer chooses its name, and
 * must not keep others from what is theirs. The rest cannot be left out.
 */
static int check_texts(struct store_account *account)
{
	if (!is_clean(account->login.user_id) || !is_clean(account->login.email)) {
		cli_error("the user id or the e-mail address of the account holds control "
			  "characters; nothing was kept");
		return CLI_FAILED;
	}
	if (!is_clean(account->login.nick_name)) {
		account->login.nick_name[0] = '\0';
	}
	for (size_t i = 0; i < account->printer_count; i++) {
		struct store_printer *printer = &account->printers[i];

		if (!is_clean(printer->name)) {
			cli_warn("the name of printer %s holds control characters and is not kept; "
				 "flagship rename gives it another",
				 printer->serial);
			printer->name = "";
		}
	}
	return OPTIONS_RUN;
}

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

static void print_table(const struct store_account *account, FILE *stream)
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
	output.stream = stream;
	output_table(&output, cells, rows, COLUMNS);
	free(cells);
}

static void write_printer(struct json_writer *writer, const struct store_printer *printer)
{
	json_object_begin(writer);
	json_member_string(writer, "serial", printer->serial);
	json_member_known(writer, "name", printer->name);
	json_member_string(writer, "model", model_of(printer));
	json_member_bool(writer, "key", printer->key_hex[0] != '\0');
	json_object_end(writer);
}

static void write_account(struct json_writer *writer, const void *context)
{
	const struct store_account *account = context;
	const struct redact_options redact = {0};
	char user_id[REDACT_USER_ID_MAX];

	json_object_begin(writer);
	json_member_string(writer, "account",
			   redact_user_id(&redact, account->login.user_id, user_id));
	json_member_string(writer, "region", flagship_region_name(account->login.region));
	json_member_string(writer, "source", account->source);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < account->printer_count; i++) {
		write_printer(writer, &account->printers[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

/* What nobody has bound to the account cannot be reached through it. */
static void warn_empty(void)
{
	cli_warn("this account has no printers: bind one to it in the vendor's app, or ask its "
		 "owner to share it, and run flagship refresh; if the printers are bound to "
		 "another account or in another region, log in there");
}

/* The store takes the account over, and nothing is to be printed that was not kept. */
static char *describe_account(const struct store_account *account, bool json)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return NULL;
	}
	if (json) {
		(void)json_line_print(write_account, account, stream);
	} else if (account->printer_count > 0) {
		print_table(account, stream);
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int keep_described(struct store_account *account, bool drop_missing, const char *description)
{
	const struct redact_options redact = {0};
	char text[REDACT_USER_ID_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	size_t count = account->printer_count;
	bool asked = account->refreshed_at != 0; /* else nobody knows */
	const char *region = flagship_region_name(account->login.region);

	snprintf(user_id, sizeof(user_id), "%s",
		 redact_user_id(&redact, account->login.user_id, text));
	int status = store(account, drop_missing);
	if (status != CLI_DONE) {
		return status;
	}
	fputs(description, stdout);
	fflush(stdout);
	print_to(stderr, "flagship: kept account %s (%s) with %zu printer%s\n", user_id, region,
		 count, count == 1 ? "" : "s");
	if (count == 0 && asked) {
		warn_empty();
	}
	return CLI_DONE;
}

int keep_account(struct store_account *account, bool drop_missing, bool json)
{
	int status = check_texts(account);
	char *description = status == OPTIONS_RUN ? describe_account(account, json) : NULL;

	if (status != OPTIONS_RUN) {
		store_account_finish(account);
		return status;
	}
	status = CLI_FAILED;
	if (description) {
		status = keep_described(account, drop_missing, description);
	} else {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	}
	free(description);
	store_account_finish(account);
	return status;
}
