/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_BUFFER_H
#define BASE_TEXT_BUFFER_H

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>

/* Texts kept in arrays of fixed size, NUL-terminated, cut at a character where they are longer. */

#define TEXT_BUFFER_MAX 256 /* bytes with the NUL: the largest capacity */

/* Whether the buffer holds what text_buffer_set would write into it. */
bool text_buffer_holds(const char *buffer, size_t capacity, struct flagship_text text);

void text_buffer_set(char *buffer, size_t capacity, struct flagship_text text);

#endif
