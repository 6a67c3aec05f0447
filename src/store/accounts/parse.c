/* SPDX-License-Identifier: MIT */
#include "store/accounts/text.h"

#include "base/json/reader.h"
#include "base/text.h"
#include "base/text_index.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>
#include <string.h>

#define VERSION    1
#define MODEL_MAX  16
#define REGION_MAX 4
/* How many arrays and objects may still be open inside a value of the root, of an account and of a
 * printer. */
#define ROOT_DEPTH    (FLAGSHIP_PAYLOAD_DEPTH_MAX - 1)
#define ACCOUNT_DEPTH (FLAGSHIP_PAYLOAD_DEPTH_MAX - 3)
#define PRINTER_DEPTH (FLAGSHIP_PAYLOAD_DEPTH_MAX - 5)

#define BYTE_MARK     "\xef\xbb\xbf" /* of UTF-8, as some editors write it */
#define BYTE_MARK_LEN 3

/*
 * Reads the file once, front to back. Whether what is wrong is the JSON or what it says is found
 * out where something is.
 */
struct parser {
	struct json_reader reader;
	const char *text;
	struct accounts_fault *fault;
	/* Of the fields of an object, the one that is likely to come next: they are written in one
	 * order. */
	size_t expected;
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

static int fail_json(const struct parser *parser)
{
	const struct json_reader *reader = &parser->reader;

	return fail(parser, reader->cursor,
		    reader->cursor == reader->end ? "the end is missing" : "this is no JSON");
}

/* 1: one more follows, 0: `close` was taken. */
static int next_of(struct parser *parser, char close, bool *begun)
{
	if (json_take(&parser->reader, close)) {
		return 0;
	}
	if (*begun && !json_take(&parser->reader, ',')) {
		return fail_json(parser);
	}
	*begun = true;
	json_skip_space(&parser->reader);
	return 1;
}

/* The same, with the cursor at its value. */
static int next_member(struct parser *parser, bool *begun, struct flagship_text *name)
{
	int more = next_of(parser, '}', begun);

	if (more > 0 &&
	    (json_read_string(&parser->reader, name) || !json_take(&parser->reader, ':'))) {
		return fail_json(parser);
	}
	json_skip_space(&parser->reader);
	return more;
}

static int read_value(struct parser *parser, unsigned int depth, struct json_value *value)
{
	return json_read_value(&parser->reader, depth, value) ? fail_json(parser) : 0;
}

/* A null is as good as nothing, for which text->data is NULL. */
static int check_text(const struct parser *parser, const struct json_value *value, size_t capacity,
		      struct flagship_text *text)
{
	*text = (struct flagship_text){0};
	if (value->kind == JSON_NULL) {
		return 0;
	}
	if (value->kind != JSON_STRING) {
		return fail(parser, value->json.data, "a text in quotes belongs here");
	}
	if (value->text.length >= capacity &&
	    flagship_text_copy(value->text, NULL, 0) >= capacity) {
		return fail(parser, value->json.data, "this text is too long");
	}
	*text = value->text;
	return 0;
}

static int read_text(const struct parser *parser, const struct json_value *value, char *out,
		     size_t capacity)
{
	struct flagship_text text;
	int error = check_text(parser, value, capacity, &text);

	/* What is no UTF-8 grows as it is copied. */
	if (!error && text.data && flagship_text_copy(text, out, capacity) >= capacity) {
		return fail(parser, value->json.data, "this text is too long");
	}
	return error;
}

static bool is_plain(struct flagship_text text)
{
	return text_literal_span(text.data, text.length) == text.length;
}

/* Many texts are those of the printer before, and shared with it. */
static const char *share(struct flagship_text text, const char *before)
{
	return strncmp(before, text.data, text.length) == 0 && before[text.length] == '\0' ? before
											   : NULL;
}

static int keep_text(const struct parser *parser, const struct json_value *value, size_t capacity,
		     struct text_arena *texts, const char *before, const char **place)
{
	char decoded[STORE_TEXT_MAX] = "";
	struct flagship_text text;
	int error = check_text(parser, value, capacity, &text);

	if (error || !text.data) {
		return error;
	}
	if (is_plain(text)) {
		const char *kept = share(text, before);
		*place = kept ? kept : text_arena_copy(texts, text.data, text.length);
	} else {
		error = read_text(parser, value, decoded, capacity);
		*place = error ? "" : text_arena_copy(texts, decoded, strlen(decoded));
		OPENSSL_cleanse(decoded, sizeof(decoded));
	}
	if (!*place) {
		*place = "";
		return FLAGSHIP_ERROR_MEMORY;
	}
	return error;
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

static bool is_named(const struct accounts_field *field, struct flagship_text name)
{
	if (name.escaped) {
		return flagship_text_equals(name, field->name);
	}
	return name.length == field->name_length &&
	       memcmp(name.data, field->name, name.length) == 0;
}

/* NULL for one that is not known. */
static const struct accounts_field *find_field(struct parser *parser,
					       const struct accounts_fields *table,
					       struct flagship_text name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (parser->expected >= table->count) {
			parser->expected = 0;
		}
		const struct accounts_field *field = &table->fields[parser->expected++];

		if (is_named(field, name)) {
			return field;
		}
	}
	return NULL;
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

/* Members that are not known are passed over. */
static int read_printer_member(struct parser *parser, struct flagship_text name,
			       struct text_arena *texts, const struct store_printer *before,
			       struct store_printer *printer)
{
	struct json_value value;
	int error = read_value(parser, PRINTER_DEPTH, &value);

	if (error) {
		return error;
	}
	const struct accounts_field *field = find_field(parser, &accounts_printer_fields, name);
	if (!field) {
		return flagship_text_equals(name, "model")
			       ? read_model(parser, &value, &printer->model)
			       : 0;
	}
	if (field->capacity == 0) {
		return read_time(parser, &value, accounts_field_time(printer, field));
	}
	return keep_text(parser, &value, field->capacity, texts, accounts_field_text(before, field),
			 accounts_field_kept(printer, field));
}

static int check_printer(const struct parser *parser, const char *at, struct store_printer *printer)
{
	if (!flagship_serial_valid(printer->serial)) {
		return fail(parser, at, "this printer has no valid serial number");
	}
	if (!accounts_key_valid(printer->key_hex)) {
		return fail(parser, at, "the key of this printer is not 32 or 64 hex digits");
	}
	if (printer->model == FLAGSHIP_MODEL_UNKNOWN) {
		printer->model = flagship_model_from_name(printer->model_code);
	}
	return 0;
}

static int read_printer(struct parser *parser, struct store_account *account)
{
	const char *at = parser->reader.cursor;
	struct flagship_text name;
	bool begun = false;
	int error = 0;
	int more;

	if (!json_take(&parser->reader, '{')) {
		return fail(parser, at, "a printer in { } belongs here");
	}
	struct store_printer *printer = store_account_add_printer(account);
	if (!printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	const struct store_printer *before = account->printer_count > 1 ? printer - 1
									: &store_printer_unknown;
	parser->expected = 0;
	while ((more = next_member(parser, &begun, &name)) > 0) {
		error = read_printer_member(parser, name, &account->texts, before, printer);
		if (error) {
			return error;
		}
	}
	return more < 0 ? more : check_printer(parser, at, printer);
}

/* That no other one has its text, whose array is where `position` is the last. */
static int note_alone(const struct parser *parser, const char *at, struct text_index *index,
		      const void *array, size_t position, const char *otherwise)
{
	const char *text = index->text_at(array, position);

	if (text_index_find(index, array, text) != TEXT_INDEX_NONE) {
		return fail(parser, at, otherwise);
	}
	return text_index_add(index, array, position) ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static int read_printers(struct parser *parser, struct store_account *account)
{
	struct text_index index = text_index_of(accounts_serial_at);
	bool begun = false;
	int error = 0;
	int more = 0;

	if (!json_take(&parser->reader, '[')) {
		return fail(parser, parser->reader.cursor,
			    "a list of printers in [ ] belongs here");
	}
	while (!error && (more = next_of(parser, ']', &begun)) > 0) {
		const char *at = parser->reader.cursor;

		error = read_printer(parser, account);
		if (!error) {
			error = note_alone(parser, at, &index, account->printers,
					   account->printer_count - 1,
					   "this printer stands here twice");
		}
	}
	text_index_finish(&index);
	return error ? error : more;
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

static int read_account_value(struct parser *parser, struct flagship_text name,
			      struct store_account *account, bool *has_region)
{
	struct json_value value;
	int error = read_value(parser, ACCOUNT_DEPTH, &value);

	if (error) {
		return error;
	}
	if (flagship_text_equals(name, "region")) {
		*has_region = true;
		return read_region(parser, &value, &account->login.region);
	}
	const struct accounts_field *field = find_field(parser, &accounts_account_fields, name);
	if (!field) {
		return 0;
	}
	if (field->capacity == 0) {
		return read_time(parser, &value, accounts_field_time(account, field));
	}
	return read_text(parser, &value, accounts_field_array(account, field), field->capacity);
}

static int read_account(struct parser *parser, struct store_account *account)
{
	const char *at = parser->reader.cursor;
	struct flagship_text name;
	bool has_region = false;
	bool begun = false;
	int error = 0;
	int more = 0;

	if (!json_take(&parser->reader, '{')) {
		return fail(parser, at, "an account in { } belongs here");
	}
	parser->expected = 0;
	while (!error && (more = next_member(parser, &begun, &name)) > 0) {
		if (!flagship_text_equals(name, "printers")) {
			error = read_account_value(parser, name, account, &has_region);
		} else if (account->printers) {
			error = fail(parser, parser->reader.cursor,
				     "the printers stand here twice");
		} else {
			error = read_printers(parser, account);
		}
	}
	if (error || more < 0) {
		return error ? error : more;
	}
	if (account->login.user_id[0] == '\0') {
		return fail(parser, at, "this account has no user_id");
	}
	if (!has_region) {
		account->login.region = flagship_region_from_country(account->login.country);
	}
	return 0;
}

static int read_accounts(struct parser *parser, struct store_accounts *accounts)
{
	struct text_index index = text_index_of(accounts_user_id_at);
	bool begun = false;
	int error = 0;
	int more = 0;

	if (!json_take(&parser->reader, '[')) {
		return fail(parser, parser->reader.cursor,
			    "a list of accounts in [ ] belongs here");
	}
	while (!error && (more = next_of(parser, ']', &begun)) > 0) {
		const char *at = parser->reader.cursor;
		struct store_account account = {0};

		error = read_account(parser, &account);
		if (!error) {
			error = accounts_append(accounts, &account);
		}
		if (!error) {
			error = note_alone(parser, at, &index, accounts->accounts,
					   accounts->count - 1, "this account stands here twice");
		}
		store_account_finish(&account);
	}
	text_index_finish(&index);
	return error ? error : more;
}

static int check_version(const struct parser *parser, const struct json_value *value)
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

/* A later version may say it behind accounts that have another shape. */
static int read_version(struct parser *parser, const char *root)
{
	const struct flagship_json whole = {root, (uint32_t)(parser->reader.end - root)};
	struct json_value version;

	if (!json_object_find(whole, "version", &version)) {
		return fail(parser, root,
			    "an object with \"version\" and \"accounts\" belongs here");
	}
	return check_version(parser, &version);
}

static int read_root_member(struct parser *parser, const char *root, struct flagship_text name,
			    struct store_accounts *accounts, bool *has_version, bool *has_accounts)
{
	struct json_value value;
	int error = 0;

	if (flagship_text_equals(name, "accounts")) {
		if (!*has_version) {
			error = read_version(parser, root);
		}
		/* The last of that name counts. */
		store_accounts_finish(accounts);
		*has_accounts = true;
		return error ? error : read_accounts(parser, accounts);
	}
	error = read_value(parser, ROOT_DEPTH, &value);
	if (!error && flagship_text_equals(name, "version")) {
		*has_version = true;
		error = check_version(parser, &value);
	}
	return error;
}

static int read_root(struct parser *parser, struct store_accounts *accounts)
{
	struct flagship_text name;
	bool has_version = false;
	bool has_accounts = false;
	bool begun = false;
	int error = 0;
	int more = 0;

	json_skip_space(&parser->reader);
	const char *root = parser->reader.cursor;
	if (!json_take(&parser->reader, '{')) {
		return fail(parser, root,
			    "an object with \"version\" and \"accounts\" belongs here");
	}
	while (!error && (more = next_member(parser, &begun, &name)) > 0) {
		error = read_root_member(parser, root, name, accounts, &has_version, &has_accounts);
	}
	if (error || more < 0) {
		return error ? error : more;
	}
	if (!has_version || !has_accounts) {
		return fail(parser, root,
			    "an object with \"version\" and \"accounts\" belongs here");
	}
	json_skip_space(&parser->reader);
	return parser->reader.cursor == parser->reader.end ? 0 : fail_json(parser);
}

/* What is no JSON is that above all: the place of it is where somebody has to look. */
static void judge(struct parser *parser, const struct json_reader *whole)
{
	struct json_value root;

	parser->reader = *whole;
	if (!json_read_value(&parser->reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &root)) {
		json_skip_space(&parser->reader);
		if (parser->reader.cursor == parser->reader.end) {
			return;
		}
	}
	(void)fail_json(parser);
}

int accounts_text_parse(const char *text, size_t length, struct store_accounts *accounts,
			struct accounts_fault *fault)
{
	struct json_reader reader = {text, text + length};
	struct parser parser = {.text = text, .fault = fault};

	if (length > UINT32_MAX) {
		return fail(&parser, text, "the file is too large");
	}
	if (length >= BYTE_MARK_LEN && memcmp(text, BYTE_MARK, BYTE_MARK_LEN) == 0) {
		reader.cursor += BYTE_MARK_LEN;
	}
	parser.reader = reader;
	int error = read_root(&parser, accounts);
	if (error == FLAGSHIP_ERROR_STORE) {
		judge(&parser, &reader);
	}
	return error;
}
