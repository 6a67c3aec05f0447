/* SPDX-License-Identifier: MIT */
#include "vendor/import/import.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/text_encoding.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_SIZE 3 /* %7B */

static void unescape(char *text, size_t *length)
{
	size_t out = 0;

	for (size_t in = 0; in < *length;) {
		uint8_t byte;

		if (text[in] == '%' && *length - in >= ESCAPE_SIZE &&
		    hex_decode(text + in + 1, &byte, 1)) {
			text[out++] = (char)byte;
			in += ESCAPE_SIZE;
		} else {
			text[out++] = text[in++];
		}
	}
	*length = out;
}

/* Some pages keep their values as JSON: a text in quotes. */
static const char *without_quotes(const char *text, size_t *length)
{
	if (*length < 2 || text[0] != '"' || text[*length - 1] != '"') {
		return text;
	}
	*length -= 2;
	return text + 1;
}

static bool begins_json(const char *text, size_t length)
{
	return length > 0 && (text[0] == '{' || text[0] == '%');
}

/* out has room for `length` + 1 bytes. */
static int decode(const char *text, size_t length, char *out, size_t *out_length)
{
	if (begins_json(text, length)) {
		memcpy(out, text, length);
		*out_length = length;
	} else if (base64_decode(text, length, (uint8_t *)out, length + 1, out_length) != 0) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	unescape(out, out_length);
	return begins_json(out, *out_length) && out[0] == '{' ? 0 : FLAGSHIP_ERROR_LOGIN_CACHE;
}

int import_web_view(const void *value, size_t length, struct flagship_account *login)
{
	struct flagship_account found = {0};
	size_t capacity = TEXT_ENCODING_MAX(length) + 1;
	size_t text_length = 0;
	size_t json_length = 0;

	if (length > FLAGSHIP_LOGIN_CACHE_MAX) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	char *text = malloc(capacity);
	char *json = malloc(capacity);
	int error = text && json
			    ? text_encoding_to_utf8(value, length, text, capacity, &text_length)
			    : FLAGSHIP_ERROR_MEMORY;
	if (!error) {
		const char *inner = without_quotes(text, &text_length);
		error = decode(inner, text_length, json, &json_length);
	}
	if (!error) {
		error = flagship_account_parse(json, json_length, &found);
	}
	if (!error && !found.auth_token[0]) {
		error = FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	if (!error) {
		*login = found;
	}
	flagship_account_wipe(&found);
	if (text) {
		OPENSSL_cleanse(text, capacity);
	}
	if (json) {
		OPENSSL_cleanse(json, capacity);
	}
	free(text);
	free(json);
	return error;
}
