/* SPDX-License-Identifier: MIT */
#include "vendor/import/json.h"

#include "base/hex.h"
#include "base/text_encoding.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY_HEX_SHORT   32
#define KEY_HEX_LONG    64
#define NUMBER_TEXT_MAX 32

int import_json_parse(const char *text, size_t length, struct json_value *value)
{
	text = text_encoding_skip_mark(text, &length);
	return json_read_document(text, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, value);
}

bool import_json_text(struct flagship_json object, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	if (!json_object_find(object, name, &value) || value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, NULL, 0) >= capacity) {
		return false;
	}
	flagship_text_copy(value.text, out, capacity);
	return true;
}

bool import_json_name(struct flagship_json object, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	if (!json_object_find(object, name, &value) || value.kind != JSON_STRING) {
		return false;
	}
	flagship_text_copy(value.text, out, capacity);
	return true;
}

static int keep(struct store_account *account, const char **place, const char *text)
{
	return store_account_keep(account, place, text) ? 0 : FLAGSHIP_ERROR_MEMORY;
}

int import_json_keep(struct flagship_json object, const char *name, struct store_account *account,
		     const char **place)
{
	char text[STORE_TEXT_MAX];
	int error = 0;

	if (import_json_text(object, name, text, sizeof(text))) {
		error = keep(account, place, text);
		OPENSSL_cleanse(text, sizeof(text));
	}
	return error;
}

int import_json_keep_name(struct flagship_json object, const char *name,
			  struct store_account *account, const char **place)
{
	char text[STORE_TEXT_MAX];

	return import_json_name(object, name, text, sizeof(text)) ? keep(account, place, text) : 0;
}

int import_json_keep_number(struct flagship_json object, const char *name,
			    struct store_account *account, const char **place)
{
	struct json_value value;
	char text[NUMBER_TEXT_MAX];
	int64_t number;

	if (json_object_find(object, name, &value) && value.kind == JSON_NUMBER &&
	    json_value_to_int(&value, &number)) {
		snprintf(text, sizeof(text), "%" PRId64, number);
		return keep(account, place, text);
	}
	return import_json_keep(object, name, account, place);
}

void import_json_right(struct flagship_json object, const char *name, const char **place)
{
	struct json_value value;
	int64_t number;

	if (json_object_find(object, name, &value) && value.kind != JSON_NULL &&
	    json_value_to_int(&value, &number) && (number == 0 || number == 1)) {
		*place = number == 1 ? "yes" : "no";
	}
}

int64_t import_json_time(struct flagship_json object, const char *name)
{
	struct json_value value;
	const double last = 9e15;
	double seconds;

	if (!json_object_find(object, name, &value) ||
	    (value.kind != JSON_NUMBER && value.kind != JSON_STRING) ||
	    !json_value_to_real(&value, &seconds) || seconds < 0 || seconds > last) {
		return 0;
	}
	return (int64_t)seconds;
}

static bool is_hex(const char *text)
{
	return text[strspn(text, HEX_BOTH)] == '\0';
}

int import_json_keep_key(struct flagship_json object, const char *name,
			 struct store_account *account, const char **place)
{
	char text[STORE_KEY_HEX_SIZE] = "";
	int error = 0;

	if (import_json_text(object, name, text, sizeof(text)) && is_hex(text) &&
	    (strlen(text) == KEY_HEX_SHORT || strlen(text) == KEY_HEX_LONG)) {
		error = keep(account, place, text);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return error;
}

int import_json_printer(struct flagship_json object, const char *serial_name,
			struct store_account *account, struct store_printer **printer)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	*printer = NULL;
	if (!import_json_text(object, serial_name, serial, sizeof(serial)) ||
	    !flagship_serial_valid(serial)) {
		return 0;
	}
	*printer = store_account_find_printer(account, serial);
	if (*printer) {
		return 0;
	}
	*printer = store_account_add_printer(account);
	if (!*printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return keep(account, &(*printer)->serial, serial);
}
