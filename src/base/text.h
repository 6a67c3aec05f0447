/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/words.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BYTES_MAX   4
#define UTF8_REPLACEMENT 0xfffdu

/*
 * Takes one character off the front of [data, data + length), length > 0, and returns its bytes.
 * What is no UTF-8 (overlong, a surrogate, cut, beyond U+10FFFF) counts as one byte that is a
 * UTF8_REPLACEMENT.
 */
size_t utf8_decode(const char *data, size_t length, uint32_t *character);

/* Whether all of it is UTF-8. */
bool utf8_valid(const char *data, size_t length);

/* Writes one character and returns its bytes. */
size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX]);

/*
 * The character at offset < text.length, escapes resolved, UTF8_REPLACEMENT for what is none.
 * Returns how many bytes of the text it takes. An escaped text must have passed
 * json_read_string.
 */
size_t text_next_character(struct flagship_text text, size_t offset, uint32_t *character);

/*
 * How many bytes at the front of [data, data + length) are printable ASCII, space to tilde; and how
 * many before one of them is a quote or a backslash, so that JSON has them as they are. Nearly all
 * that is read and written is nothing else, which then need not be decoded.
 */
size_t text_ascii_span(const char *data, size_t length);
size_t text_literal_span(const char *data, size_t length);

/* Texts kept in arrays of fixed size, NUL-terminated, cut at a character where they are longer. */

#define TEXT_BUFFER_MAX 256 /* bytes with the NUL: the largest capacity */

/* text_buffer_holds of any text, at the cost of decoding it. */
bool text_buffer_holds_decoded(const char *buffer, size_t capacity, struct flagship_text text);

/* Whether the buffer holds what text_buffer_set would write into it. */
static inline bool text_buffer_holds(const char *buffer, size_t capacity, struct flagship_text text)
{
	/* Nearly always it is the text of the last notice again, and plain. What is kept is valid
	 * UTF-8, so bytes that equal it need no decoding. */
	return (!text.escaped && text.length < capacity && buffer[text.length] == '\0' &&
		words_are_equal(buffer, text.data, text.length)) ||
	       text_buffer_holds_decoded(buffer, capacity, text);
}

static inline void text_buffer_set(char *buffer, size_t capacity, struct flagship_text text)
{
	if (!text_buffer_holds(buffer, capacity, text)) {
		flagship_text_copy(text, buffer, capacity);
	}
}

#endif
