/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

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

/* Writes one character and returns its bytes. */
size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX]);

#endif
