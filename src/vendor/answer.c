/* SPDX-License-Identifier: MIT */
#include "vendor/answer.h"

#include "base/json/reader.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <string.h>
#include <strings.h>

#define STATUS_UNAUTHORIZED 401

/* Seen of the vendor's services for other devices; nothing else is known to mean it. */
static const int64_t expired_codes[] = {401, 26084};

/* What people see must not command their terminal. */
static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f') {
			*text = ' ';
		}
	}
}

static int check_object(const char *body, size_t length, struct flagship_json *root)
{
	struct json_reader reader = {body, body + length};
	struct json_value value;

	if (length > UINT32_MAX) {
		return FLAGSHIP_ERROR_JSON;
	}
	int error = json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);
	if (error) {
		return error;
	}
	json_skip_space(&reader);
	if (value.kind != JSON_OBJECT || reader.cursor != reader.end) {
		return FLAGSHIP_ERROR_JSON;
	}
	*root = value.json;
	return 0;
}

int vendor_answer_read(const char *body, size_t length, struct vendor_envelope *envelope)
{
	struct vendor_envelope read = {0};
	struct flagship_json root;
	struct json_value value;
	int error = check_object(body, length, &root);

	if (error) {
		return error;
	}
	if (!json_object_find(root, "code", &value) || !json_value_to_int(&value, &read.code)) {
		return FLAGSHIP_ERROR_JSON;
	}
	if ((json_object_find(root, "msg", &value) || json_object_find(root, "message", &value)) &&
	    value.kind == JSON_STRING) {
		flagship_text_copy(value.text, read.message, sizeof(read.message));
		clean(read.message);
	}
	if (json_object_find(root, "data", &value)) {
		read.data = value.json;
	}
	*envelope = read;
	return 0;
}

static bool says(const char *text, const char *word)
{
	for (size_t length = strlen(word); *text; text++) {
		if (strncasecmp(text, word, length) == 0) {
			return true;
		}
	}
	return false;
}

bool vendor_answer_token_expired(long status, const struct vendor_envelope *envelope)
{
	if (status == STATUS_UNAUTHORIZED) {
		return true;
	}
	if (envelope->code == 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(expired_codes) / sizeof(expired_codes[0]); i++) {
		if (envelope->code == expired_codes[i]) {
			return true;
		}
	}
	return says(envelope->message, "token") &&
	       (says(envelope->message, "expire") || says(envelope->message, "invalid"));
}
