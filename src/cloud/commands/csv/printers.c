/* SPDX-License-Identifier: MIT */
#include "cloud/commands/csv/printers.h"

#include "cli/kit/secret_file.h"
#include "cli/output/print.h"
#include "cloud/commands/csv/reader.h"
#include "cloud/commands/csv/values.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TABLE_MAX   ((size_t)4 << 20) /* bytes */
#define NONE        ((size_t)-1)
#define EMAIL_SPACE " ;"

struct column {
	const char *name;
	size_t offset; /* in struct printer_values, a const char *; NONE: the accounts */
};

static const struct column columns[] = {
	{"serial", offsetof(struct printer_values, serial)},
	{"name", offsetof(struct printer_values, name)},
	{"model", offsetof(struct printer_values, model)},
	{"key", offsetof(struct printer_values, key)},
	{"duid", offsetof(struct printer_values, duid)},
	{"dsk_key", offsetof(struct printer_values, dsk_key)},
	{"mac", offsetof(struct printer_values, mac)},
	{"address", offsetof(struct printer_values, address)},
	{"accounts", NONE},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

struct table {
	const struct cloud *cloud;
	const char *path;
	const struct registry_account *account;
	struct csv csv;
	const struct column *order[CSV_FIELDS_MAX]; /* of the columns of the file */
	size_t order_count;
	size_t added;
	size_t changed;
};

static int refuse_table(const struct table *table, const char *text)
{
	cli_error("%s, line %zu: %s; nothing was added", table->path, table->csv.line, text);
	return CLI_FAILED;
}

static const struct column *find_column(const char *name)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (strcasecmp(name, columns[i].name) == 0) {
			return &columns[i];
		}
	}
	return NULL;
}

static bool has_column(const struct table *table, const struct column *column)
{
	for (size_t i = 0; i < table->order_count; i++) {
		if (table->order[i] == column) {
			return true;
		}
	}
	return false;
}

static int read_head(struct table *table)
{
	const char *fields[CSV_FIELDS_MAX];
	size_t count;

	if (csv_next(&table->csv, fields, &count) != CSV_RECORD) {
		return refuse_table(table,
				    "the first line has to name the columns: serial,name,key,…");
	}
	for (size_t i = 0; i < count; i++) {
		const struct column *column = find_column(fields[i]);
		struct problem problem;

		if (!column || has_column(table, column)) {
			problem_set(&problem, "'%.64s' is no column, or one that was named",
				    fields[i]);
			return refuse_table(table, problem.text);
		}
		table->order[table->order_count++] = column;
	}
	return has_column(table, &columns[0]) ? OPTIONS_RUN
					      : refuse_table(table, "the column serial is missing");
}

static int share(const struct table *table, const char *serial, const char *email)
{
	struct registry_account account;
	struct problem problem;
	int found = registry_find_account(table->cloud->registry, email, &account);

	if (found == 0) {
		problem_set(&problem, "there is no account %.200s", email);
		return refuse_table(table, problem.text);
	}
	if (found > 0) {
		found = registry_share(table->cloud->registry, account.user_id, serial);
		registry_account_wipe(&account);
	}
	return found < 0 ? cloud_fail(table->cloud, "the printers cannot be added") : OPTIONS_RUN;
}

static int share_all(const struct table *table, const char *serial, const char *emails)
{
	char text[REGISTRY_TEXT_MAX * 4];
	char *rest = text;
	const char *email;
	int result = OPTIONS_RUN;

	if (table->account->user_id[0] != '\0') {
		result = share(table, serial, table->account->email);
	}
	if (strlen(emails) >= sizeof(text)) {
		return refuse_table(table, "there are too many accounts");
	}
	strcpy(text, emails);
	while (result == OPTIONS_RUN && (email = strtok_r(rest, EMAIL_SPACE, &rest))) {
		result = share(table, serial, email);
	}
	return result;
}

static int put_row(struct table *table, struct registry_printer *printer, const char *emails)
{
	struct registry *registry = table->cloud->registry;
	struct registry_printer before = {0};
	bool known = registry_find_printer(registry, printer->serial, &before) == 1;

	if (!known && printer->model == FLAGSHIP_MODEL_UNKNOWN) {
		printer->model = FLAGSHIP_MODEL_M5;
	}
	if (before.key_hex[0] == '\0' && printer->key_hex[0] == '\0' &&
	    !printer_values_make_key(printer)) {
		OPENSSL_cleanse(&before, sizeof(before));
		return refuse_table(table, flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
	}
	OPENSSL_cleanse(&before, sizeof(before));
	if (registry_put_printer(registry, printer) < 0) {
		return cloud_fail(table->cloud, "the printers cannot be added");
	}
	table->added += !known;
	table->changed += known;
	return share_all(table, printer->serial, emails);
}

static int take_row(struct table *table, const char *const *fields, size_t count)
{
	struct registry_printer printer = {.created_at = cloud_now_s(),
					   .updated_at = cloud_now_s()};
	struct printer_values values = {0};
	struct problem problem;
	const char *emails = "";
	int result;

	if (count != table->order_count) {
		problem_set(&problem, "%zu values stand there, and %zu columns above", count,
			    table->order_count);
		return refuse_table(table, problem.text);
	}
	for (size_t i = 0; i < count; i++) {
		size_t offset = table->order[i]->offset;

		if (offset == NONE) {
			emails = fields[i];
		} else {
			*(const char **)(void *)((char *)&values + offset) = fields[i];
		}
	}
	if (!values.serial || values.serial[0] == '\0') {
		return refuse_table(table, "the serial number is missing");
	}
	if (printer_values_take(&values, &printer, &problem)) {
		result = put_row(table, &printer, emails);
	} else {
		result = refuse_table(table, problem.text);
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	return result;
}

static int take_rows(struct table *table)
{
	const char *fields[CSV_FIELDS_MAX];
	size_t count;
	enum csv_result read;
	int result = read_head(table);

	while (result == OPTIONS_RUN) {
		read = csv_next(&table->csv, fields, &count);
		if (read == CSV_END) {
			return OPTIONS_RUN;
		}
		result = read == CSV_BROKEN
				 ? refuse_table(table,
						"a quotation mark is out of place, or there are "
						"too many values")
				 : take_row(table, fields, count);
	}
	return result;
}

static int add_table(struct table *table, char *text, size_t length)
{
	struct registry *registry = table->cloud->registry;

	csv_init(&table->csv, text, length);
	if (registry_begin(registry) < 0) {
		return cloud_fail(table->cloud, "the registry cannot be written");
	}
	int result = take_rows(table);
	if (result != OPTIONS_RUN) {
		registry_rollback(registry);
		return result;
	}
	if (registry_commit(registry) < 0) {
		return cloud_fail(table->cloud, "the registry cannot be written");
	}
	print_to(stdout, "added %zu printer%s, changed %zu\n", table->added,
		 table->added == 1 ? "" : "s", table->changed);
	return CLI_DONE;
}

int printer_csv_add(const struct cloud *cloud, const char *path,
		    const struct registry_account *account)
{
	struct table table = {.cloud = cloud, .path = path, .account = account};
	char *text = malloc(TABLE_MAX);
	size_t length = 0;

	if (!text) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	/* It holds keys, so that it is read as a secret. */
	int result = secret_file_read(path, "table of printers", text, TABLE_MAX, &length);
	if (result == OPTIONS_RUN) {
		result = add_table(&table, text, length);
	}
	OPENSSL_cleanse(text, TABLE_MAX);
	free(text);
	return result;
}
