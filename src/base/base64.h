/* SPDX-License-Identifier: MIT */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters for so many bytes, without a NUL. */
#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/*
 * Decodes standard base64, with its padding or, as some programs write it, without any; white space
 * may stand anywhere. Errors: ARGUMENT (it is no such base64), BUFFER.
 */
int base64_decode(const char *text, size_t length, uint8_t *out, size_t capacity, size_t *size);

#endif
