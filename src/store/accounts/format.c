/* SPDX-License-Identifier: MIT */
#include "store/accounts/text.h"

#include "base/json/writer.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>

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

/* Returns the bytes of the whole, of which `capacity` were written at most. */
static size_t write_all(const struct store_accounts *accounts, char *out, size_t capacity)
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	json_member_int(&writer, "version", VERSION);
	json_key(&writer, "accounts");
	json_array_begin(&writer);
	for (size_t i = 0; i < accounts->count; i++) {
		write_account(&accounts->accounts[i], &writer);
	}
	json_array_end(&writer);
	json_object_end(&writer);
	json_writer_finish(&writer, &length);
	return length;
}

int accounts_text_format(const struct store_accounts *accounts, char **text, size_t *length)
{
	size_t compact_length = write_all(accounts, NULL, 0);
	char *compact = malloc(compact_length + 1);

	*text = NULL;
	if (!compact) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	write_all(accounts, compact, compact_length + 1);
	*length = json_indent(compact, compact_length, NULL, 0);
	*text = malloc(*length + 1);
	if (*text) {
		json_indent(compact, compact_length, *text, *length);
		(*text)[*length] = '\0';
	}
	OPENSSL_cleanse(compact, compact_length);
	free(compact);
	return *text ? 0 : FLAGSHIP_ERROR_MEMORY;
}
