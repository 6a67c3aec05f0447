/* SPDX-License-Identifier: MIT */
#include "store/accounts/text.h"

#include "base/json/compose.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>

#define VERSION 1

static void write_fields(const struct accounts_fields *table, const void *object,
			 struct json_writer *writer)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct accounts_field *field = &table->fields[i];
		const char *place = (const char *)object + field->offset;
		const char *text = field->capacity > 0 ? accounts_field_text(object, field) : "";

		if (field->capacity == 0) {
			json_member_int(writer, field->name, *(const int64_t *)(const void *)place);
		} else if (text[0] != '\0') {
			json_member_string(writer, field->name, text);
		}
	}
}

static void write_printer(const struct store_printer *printer, struct json_writer *writer)
{
	json_object_begin(writer);
	write_fields(&accounts_printer_fields, printer, writer);
	if (printer->model != FLAGSHIP_MODEL_UNKNOWN) {
		json_member_string(writer, "model", flagship_model_name(printer->model));
	}
	json_object_end(writer);
}

static void write_account(const struct store_account *account, struct json_writer *writer)
{
	json_object_begin(writer);
	write_fields(&accounts_account_fields, account, writer);
	json_member_string(writer, "region", flagship_region_name(account->login.region));
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < account->printer_count; i++) {
		write_printer(&account->printers[i], writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void write_all(struct json_writer *writer, const void *context)
{
	const struct store_accounts *accounts = context;

	json_object_begin(writer);
	json_member_int(writer, "version", VERSION);
	json_key(writer, "accounts");
	json_array_begin(writer);
	for (size_t i = 0; i < accounts->count; i++) {
		write_account(&accounts->accounts[i], writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

int accounts_text_format(const struct store_accounts *accounts, char **text, size_t *length)
{
	*text = json_compose_lines(write_all, accounts, length);
	return *text ? 0 : FLAGSHIP_ERROR_MEMORY;
}
