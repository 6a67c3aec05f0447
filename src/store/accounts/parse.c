/* SPDX-License-Identifier: MIT */
#include "store/accounts/text.h"

#include "base/json/reader.h"
#include "base/text_index.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <string.h>

#define VERSION       1
#define MODEL_MAX     16
#define REGION_MAX    4
#define BYTE_MARK     "\xef\xbb\xbf" /* of UTF-8, as some editors write it */
#define BYTE_MARK_LEN 3

struct parser {
	const char *text;
	struct accounts_fault *fault;
};

static int fail(const struct parser *parser, const char *at, const char *reason)
{
	size_t line = 1;

	for (const char *c = parser->text; c < at; c++) {
		line += *c == '\n';
	}
	*parser->fault = (struct accounts_fault){.line = line, .reason = reason};
	return FLAGSHIP_ERROR_STORE;
}

/* A null is as good as nothing. */
static int read_text(const struct parser *parser, const struct json_value *value, char *out,
		     size_t capacity)
{
	if (value->kind == JSON_NULL) {
		return 0;
	}
	if (value->kind != JSON_STRING) {
		return fail(parser, value->json.data, "a text in quotes belongs here");
	}
	if (flagship_text_copy(value->text, out, capacity) >= capacity) {
		return fail(parser, value->json.data, "this text is too long");
	}
	return 0;
}

static int read_time(const struct parser *parser, const struct json_value *value, int64_t *out)
{
	if (value->kind == JSON_NULL) {
		return 0;
	}
	if (value->kind != JSON_NUMBER || !json_value_to_int(value, out) || *out < 0) {
		*out = 0;
		return fail(parser, value->json.data, "a time in whole seconds belongs here");
	}
	return 0;
}

/* Members that are not known are passed over. */
static int read_field(const struct parser *parser, const struct accounts_fields *table,
		      struct flagship_text name, const struct json_value *value, void *object)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct accounts_field *field = &table->fields[i];

		if (!flagship_text_equals(name, field->name)) {
			continue;
		}
		if (field->capacity == 0) {
			return read_time(parser, value, accounts_field_time(object, field));
		}
		return read_text(parser, value, accounts_field_text(object, field),
				 field->capacity);
	}
	return 0;
}

static int read_model(const struct parser *parser, const struct json_value *value,
		      enum flagship_model *model)
{
	char name[MODEL_MAX] = "";
	int error = read_text(parser, value, name, sizeof(name));

	*model = flagship_model_from_name(name);
	if (!error && *model == FLAGSHIP_MODEL_UNKNOWN && name[0] != '\0') {
		error = fail(parser, value->json.data, "this model is not known: M5, M5C or E1");
	}
	return error;
}

static int read_printer(const struct parser *parser, const struct json_value *object,
			struct store_printer *printer)
{
	struct json_walk walk;
	struct flagship_text name;
	struct json_value value;
	int error = 0;

	if (object->kind != JSON_OBJECT) {
		return fail(parser, object->json.data, "a printer in { } belongs here");
	}
	json_walk_init_valid(&walk, object);
	while (!error && json_walk_member(&walk, &name, &value)) {
		if (flagship_text_equals(name, "model")) {
			error = read_model(parser, &value, &printer->model);
		} else {
			error = read_field(parser, &accounts_printer_fields, name, &value, printer);
		}
	}
	if (error || walk.error) {
		return error ? error : fail(parser, walk.reader.cursor, "this is no JSON");
	}
	if (!flagship_serial_valid(printer->serial)) {
		return fail(parser, object->json.data, "this printer has no valid serial number");
	}
	if (!accounts_key_valid(printer->key_hex)) {
		return fail(parser, object->json.data,
			    "the key of this printer is not 32 or 64 hex digits");
	}
	if (printer->model == FLAGSHIP_MODEL_UNKNOWN) {
		printer->model = flagship_model_from_name(printer->model_code);
	}
	return 0;
}

/* That no other one has its text, whose array is where `position` is the last. */
static int note_alone(const struct parser *parser, const struct json_value *value,
		      struct text_index *index, const void *array, size_t position,
		      const char *otherwise)
{
	const char *text = index->text_at(array, position);

	if (text_index_find(index, array, text) != TEXT_INDEX_NONE) {
		return fail(parser, value->json.data, otherwise);
	}
	return text_index_add(index, array, position) ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static size_t count_items(const struct json_value *array)
{
	struct json_walk walk;
	struct json_value value;
	size_t count = 0;

	json_walk_init_valid(&walk, array);
	while (json_walk_item(&walk, &value)) {
		count++;
	}
	return count;
}

static int read_printers(const struct parser *parser, const struct json_value *array,
			 struct store_account *account)
{
	struct text_index index = text_index_of(accounts_serial_at);
	struct json_walk walk;
	struct json_value value;
	int error = 0;

	if (array->kind != JSON_ARRAY) {
		return fail(parser, array->json.data, "a list of printers in [ ] belongs here");
	}
	if (!accounts_reserve_printers(account, count_items(array))) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	json_walk_init_valid(&walk, array);
	while (!error && json_walk_item(&walk, &value)) {
		struct store_printer *printer = store_account_add_printer(account);

		error = printer ? read_printer(parser, &value, printer) : FLAGSHIP_ERROR_MEMORY;
		if (!error) {
			error = note_alone(parser, &value, &index, account->printers,
					   account->printer_count - 1,
					   "this printer stands here twice");
		}
	}
	if (!error && walk.error) {
		error = fail(parser, walk.reader.cursor, "this is no JSON");
	}
	text_index_finish(&index);
	return error;
}

static int read_region(const struct parser *parser, const struct json_value *value,
		       enum flagship_region *region)
{
	char name[REGION_MAX] = "";
	int error = read_text(parser, value, name, sizeof(name));

	if (error) {
		return error;
	}
	*region = FLAGSHIP_REGION_EU;
	if (strcmp(name, flagship_region_name(FLAGSHIP_REGION_US)) == 0) {
		*region = FLAGSHIP_REGION_US;
	} else if (strcmp(name, flagship_region_name(FLAGSHIP_REGION_EU)) != 0) {
		error = fail(parser, value->json.data, "the region is \"us\" or \"eu\"");
	}
	return error;
}

static int read_account(const struct parser *parser, const struct json_value *object,
			struct store_account *account)
{
	struct json_walk walk;
	struct flagship_text name;
	struct json_value value;
	bool has_region = false;
	int error = 0;

	if (object->kind != JSON_OBJECT) {
		return fail(parser, object->json.data, "an account in { } belongs here");
	}
	json_walk_init_valid(&walk, object);
	while (!error && json_walk_member(&walk, &name, &value)) {
		if (flagship_text_equals(name, "region")) {
			has_region = true;
			error = read_region(parser, &value, &account->login.region);
		} else if (flagship_text_equals(name, "printers")) {
			error = account->printers ? fail(parser, value.json.data,
							 "the printers stand here twice")
						  : read_printers(parser, &value, account);
		} else {
			error = read_field(parser, &accounts_account_fields, name, &value, account);
		}
	}
	if (!error && walk.error) {
		error = fail(parser, walk.reader.cursor, "this is no JSON");
	}
	if (!error && account->login.user_id[0] == '\0') {
		error = fail(parser, object->json.data, "this account has no user_id");
	}
	if (!has_region) {
		account->login.region = flagship_region_from_country(account->login.country);
	}
	return error;
}

static int read_accounts(const struct parser *parser, const struct json_value *array,
			 struct store_accounts *accounts)
{
	struct text_index index = text_index_of(accounts_user_id_at);
	struct json_walk walk;
	struct json_value value;
	int error = 0;

	if (array->kind != JSON_ARRAY) {
		return fail(parser, array->json.data, "a list of accounts in [ ] belongs here");
	}
	json_walk_init_valid(&walk, array);
	while (!error && json_walk_item(&walk, &value)) {
		struct store_account account = {0};

		error = read_account(parser, &value, &account);
		if (!error) {
			error = accounts_append(accounts, &account);
		}
		if (!error) {
			error = note_alone(parser, &value, &index, accounts->accounts,
					   accounts->count - 1, "this account stands here twice");
		}
		store_account_finish(&account);
	}
	if (!error && walk.error) {
		error = fail(parser, walk.reader.cursor, "this is no JSON");
	}
	text_index_finish(&index);
	return error;
}

static int read_version(const struct parser *parser, const struct json_value *value)
{
	int64_t version;

	if (value->kind != JSON_NUMBER || !json_value_to_int(value, &version) || version < 1) {
		return fail(parser, value->json.data, "this is no version of such a file");
	}
	if (version > VERSION) {
		int error = fail(parser, value->json.data, "a later flagship wrote this file");
		parser->fault->newer = true;
		return error;
	}
	return 0;
}

static int read_root(const struct parser *parser, const struct json_value *root,
		     struct store_accounts *accounts)
{
	struct json_value version = {.kind = JSON_NULL};
	struct json_value list = {.kind = JSON_NULL};
	struct flagship_text name;
	struct json_value value;
	struct json_walk walk = {0};

	if (root->kind == JSON_OBJECT) {
		json_walk_init_valid(&walk, root);
		while (json_walk_member(&walk, &name, &value)) {
			if (flagship_text_equals(name, "version")) {
				version = value;
			} else if (flagship_text_equals(name, "accounts")) {
				list = value;
			}
		}
	}
	if (!version.json.data || !list.json.data) {
		return fail(parser, root->json.data,
			    "an object with \"version\" and \"accounts\" belongs here");
	}
	int error = read_version(parser, &version);
	return error ? error : read_accounts(parser, &list, accounts);
}

int accounts_text_parse(const char *text, size_t length, struct store_accounts *accounts,
			struct accounts_fault *fault)
{
	const struct parser parser = {text, fault};
	struct json_reader reader = {text, text + length};
	struct json_value root;

	if (length > UINT32_MAX) {
		return fail(&parser, text, "the file is too large");
	}
	if (length >= BYTE_MARK_LEN && memcmp(text, BYTE_MARK, BYTE_MARK_LEN) == 0) {
		reader.cursor += BYTE_MARK_LEN;
	}
	int error = json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &root);
	json_skip_space(&reader);
	if (error || reader.cursor != reader.end) {
		return fail(&parser, reader.cursor,
			    reader.cursor == reader.end ? "the end is missing" : "this is no JSON");
	}
	return read_root(&parser, &root, accounts);
}
