/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_ENCODING_H
#define BASE_TEXT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text files as other programs and editors write them: UTF-8 with or without a byte order mark, or
 * UTF-16 of either byte order, as Windows has it. Without a mark, UTF-16 is told by the zero half
 * of its first character, which is of ASCII in every file that we read.
 */

/* Bytes of UTF-8 that so many bytes of a file become at most, half a character at its end too. */
#define TEXT_ENCODING_MAX(length) ((length) + (length) / 2 + 2)

#define TEXT_ENCODING_MARK_MAX    3 /* bytes of a byte order mark */

/* UTF-8 behind its byte order mark, if there is one. */
const char *text_encoding_skip_mark(const char *text, size_t *length);

bool text_encoding_is_utf16(const void *data, size_t length);

/*
 * The text as UTF-8, without a mark and without a NUL at its end; *written in bytes. out may be
 * `data` itself where the text is no UTF-16. Halves of characters become U+FFFD. Errors: BUFFER.
 */
int text_encoding_to_utf8(const void *data, size_t length, char *out, size_t capacity,
			  size_t *written);

#endif
