/* SPDX-License-Identifier: MIT */
#ifndef BASE_SHOWN_TEXT_H
#define BASE_SHOWN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text of others (names, files, replies, certificates, what a service said) before it is shown: on
 * a terminal, in a log, in the environment of a program, in JSON. What commands a terminal or turns
 * the order of what is read is never let through: the controls C0, DEL and C1, the line and
 * paragraph separators, the marks, embeddings, overrides and isolates of direction, characters that
 * take no place and have no use in a word, and what is no UTF-8. The joiners of emoji and of
 * Persian (U+200C, U+200D) are let through: they command nothing.
 */

/* Whether the character is only a sign to be seen. */
bool shown_text_is_plain(uint32_t character);

/*
 * Copies text as valid UTF-8 in which each character that is not plain, and each byte that is no
 * UTF-8, is U+FFFD. Always NUL-terminates where capacity > 0, and cuts at a character. Returns the
 * bytes that the whole needs without the NUL, as snprintf does: at most 3 for each byte of text.
 */
size_t shown_text_copy(const char *text, size_t length, char *out, size_t capacity);

/* Whether all of it is UTF-8 that is plain: shown_text_copy would change nothing. */
bool shown_text_is_clean(const char *text, size_t length);

#define SHOWN_TEXT_ESCAPE_MAX 12 /* a surrogate pair */

/* Writes the character as JSON escapes it, \uXXXX or two of them; not NUL-terminated. Returns the
 * bytes. */
size_t shown_text_escape(uint32_t character, char out[SHOWN_TEXT_ESCAPE_MAX]);

#endif
