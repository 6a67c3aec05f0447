/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/form.h"

#include "base/hex.h"

#include <string.h>

#define ESCAPE_DIGITS 2

/* One character of an escaped text, or -1 where it is badly escaped. *used: of the text. */
static int decode_character(const char *text, size_t length, size_t *used)
{
	uint8_t byte;

	*used = 1;
	if (text[0] == '+') {
		return ' ';
	}
	if (text[0] != '%') {
		return (unsigned char)text[0];
	}
	if (length <= ESCAPE_DIGITS || !hex_decode(text + 1, &byte, sizeof(byte))) {
		return -1;
	}
	*used += ESCAPE_DIGITS;
	return byte;
}

static bool decode_value(const char *text, size_t length, char *out, size_t capacity)
{
	size_t written = 0;

	for (size_t i = 0, used; i < length; i += used) {
		int character = decode_character(text + i, length - i, &used);

		if (character <= 0 || written + 1 >= capacity) {
			out[0] = '\0';
			return false;
		}
		out[written++] = (char)character;
	}
	out[written] = '\0';
	return true;
}

bool form_get(const char *body, size_t length, const char *name, char *out, size_t capacity)
{
	size_t name_length = strlen(name);

	out[0] = '\0';
	while (length > 0) {
		const char *end = memchr(body, '&', length);
		size_t pair = end ? (size_t)(end - body) : length;

		if (pair > name_length && body[name_length] == '=' &&
		    memcmp(body, name, name_length) == 0) {
			return decode_value(body + name_length + 1, pair - name_length - 1, out,
					    capacity);
		}
		pair += end != NULL;
		body += pair;
		length -= pair;
	}
	return false;
}
