/* SPDX-License-Identifier: MIT */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters for so many bytes, without a NUL. */
#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/*
 * Decodes standard base64, with its padding or, as some programs write it, without any; white space
 * may stand anywhere. Errors: ARGUMENT (it is no such base64), BUFFER.
 */
int base64_decode(const char *text, size_t length, uint8_t *out, size_t capacity, size_t *size);

/* Base64url without padding, as the web has it (RFC 4648, 5). Characters, without a NUL. */
#define BASE64_URL_LENGTH(size) (((size)*4 + 2) / 3)

/* Writes BASE64_URL_LENGTH(size) characters and a NUL; returns how many characters. */
size_t base64_url_encode(const uint8_t *bytes, size_t size, char *out);
/* True where the text is base64url of exactly this many bytes. */
bool base64_url_decode(const char *text, uint8_t *out, size_t size);

#endif
