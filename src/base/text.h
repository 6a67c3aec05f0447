/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <flagship/text.h>

/*
 * The character at offset < text.length, escapes resolved, UTF8_REPLACEMENT for what is none.
 * Returns how many bytes of the text it takes. An escaped text must have passed
 * json_read_string.
 */
size_t text_next_character(struct flagship_text text, size_t offset, uint32_t *character);

#endif
