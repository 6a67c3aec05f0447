/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_TEXT_H
#define FLAGSHIP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Text inside somebody else's buffer. Where escaped is set, data is the inside of a JSON string and
 * holds backslash escapes; else it is the text itself. Not NUL-terminated.
 */
struct flagship_text {
	const char *data;
	uint32_t length; /* bytes */
	bool escaped;
};

/* A piece of JSON inside somebody else's buffer, just as it came. Not NUL-terminated. */
struct flagship_json {
	const char *data;
	uint32_t length; /* bytes */
};

/* Borrows a NUL-terminated UTF-8 string. */
struct flagship_text flagship_text_from(const char *string);

/*
 * Writes the text as valid UTF-8: escapes are resolved, what is no UTF-8, a lone surrogate or a NUL
 * becomes U+FFFD. Always NUL-terminates where capacity > 0, and cuts at a character. Returns the
 * bytes the whole text needs without the NUL, as snprintf does.
 */
size_t flagship_text_copy(struct flagship_text text, char *out, size_t capacity);

/* Whether the text, unescaped, is this string. */
bool flagship_text_equals(struct flagship_text text, const char *string);

/*
 * Walks an array of strings, such as 1098's filamentType. Start with *cursor = the array; returns
 * true with the next string, or false at the end and for anything that is not an array of strings.
 */
bool flagship_json_next_text(struct flagship_json *cursor, struct flagship_text *text);

#ifdef __cplusplus
}
#endif

#endif
