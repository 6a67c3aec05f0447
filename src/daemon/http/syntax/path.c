/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/path.h"

#include "base/hex.h"

#include <string.h>

#define ESCAPE_LENGTH 3
#define DELETE        0x7f
#define REST          "..."
#define REST_LENGTH   (sizeof(REST) - 1)
#define ESCAPE_DIGITS 2

/* The character at *text, which moves on; -1 where none can stand there. */
static int take_character(const char **text, const char *end)
{
	const char *at = *text;
	int character = (unsigned char)*at;

	*text = at + 1;
	if (character == '%') {
		uint8_t byte;

		if (end - at < ESCAPE_LENGTH || !hex_decode(at + 1, &byte, 1)) {
			return -1;
		}
		*text = at + ESCAPE_LENGTH;
		character = byte;
	}
	return character < ' ' || character == DELETE ? -1 : character;
}

/* How many characters it has, unescaped and with its NUL; 0 where it does not go. */
static size_t decode_part(const char *text, const char *end, char *out, size_t capacity)
{
	size_t written = 0;

	while (text < end) {
		int character = take_character(&text, end);

		if (character < 0 || written + 1 >= capacity) {
			return 0;
		}
		out[written++] = (char)character;
	}
	if (capacity == 0) {
		return 0;
	}
	out[written++] = '\0';
	return written;
}

static bool climbs(const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/\\");

		if ((length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.')) {
			return true;
		}
		path += length + (path[length] != '\0');
	}
	return false;
}

bool http_path_decode(const char *target, char out[HTTP_PATH_MAX])
{
	if (target[0] == '/' &&
	    decode_part(target, target + strlen(target), out, HTTP_PATH_MAX) > 0 && !climbs(out)) {
		return true;
	}
	out[0] = '\0';
	return false;
}

/* One part of the path into the match. */
static bool add_value(struct http_match *match, size_t *used, const char *name, size_t name_length,
		      const char *text, const char *end)
{
	char *value = match->values + *used;
	size_t written = decode_part(text, end, value, sizeof(match->values) - *used);

	if (written <= 1 || match->count == HTTP_PARAMETERS_MAX) {
		return false;
	}
	match->items[match->count++] = (struct http_parameter){
		.name = name,
		.name_length = name_length,
		.value = value,
	};
	*used += written;
	return true;
}

static bool same_part(const char *pattern, size_t length, const char *text, const char *end)
{
	for (size_t i = 0; i < length; i++) {
		if (text == end || take_character(&text, end) != (unsigned char)pattern[i]) {
			return false;
		}
	}
	return text == end;
}

static bool match_part(const char *pattern, size_t length, const char *text, const char *end,
		       struct http_match *match, size_t *used)
{
	if (length > 2 && pattern[0] == '{' && pattern[length - 1] == '}') {
		return add_value(match, used, pattern + 1, length - 2, text, end);
	}
	return same_part(pattern, length, text, end);
}

static bool takes_rest(const char *pattern, size_t length)
{
	return length > 2 + REST_LENGTH && pattern[0] == '{' &&
	       memcmp(pattern + length - 1 - REST_LENGTH, REST "}", REST_LENGTH + 1) == 0;
}

bool http_path_match(const char *pattern, const char *target, struct http_match *match)
{
	size_t used = 0;

	match->count = 0;
	while (*pattern == '/' && *target == '/') {
		size_t length = strcspn(++pattern, "/");
		size_t part = strcspn(++target, "/");

		if (takes_rest(pattern, length)) {
			return add_value(match, &used, pattern + 1, length - 2 - REST_LENGTH,
					 target, target + strlen(target));
		}
		if (!match_part(pattern, length, target, target + part, match, &used)) {
			return false;
		}
		pattern += length;
		target += part;
	}
	return *pattern == '\0' && *target == '\0';
}

const char *http_match_value(const struct http_match *match, const char *name)
{
	for (size_t i = 0; i < match->count; i++) {
		const struct http_parameter *item = &match->items[i];

		if (strlen(name) == item->name_length &&
		    memcmp(name, item->name, item->name_length) == 0) {
			return item->value;
		}
	}
	return NULL;
}

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
