/* SPDX-License-Identifier: MIT */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEX_LOWER "0123456789abcdef"
#define HEX_UPPER "0123456789ABCDEF"
#define HEX_BOTH  "0123456789abcdefABCDEF"

/* The value of a hex digit of either case, or -1. */
int hex_digit_value(char digit);

/* Takes exactly 2 * size digits, either case. False where one of them is none. */
bool hex_decode(const char *digits, uint8_t *out, size_t size);

/*
 * Reads bytes as people write them: pairs of hex digits of either case, with white space, colons
 * and commas anywhere between the bytes and 0x before any of them. out needs length / 2 bytes
 * and may be the text itself.
 * Returns 0, or -1 with *bad at the character of the text that does not fit (length, where half a
 * byte is missing at the end).
 */
int hex_read(const char *text, size_t length, uint8_t *out, size_t *written, size_t *bad);

/* Writes 2 * size digits out of HEX_LOWER or HEX_UPPER, and a NUL. */
void hex_encode(const uint8_t *bytes, size_t size, const char *alphabet, char *out);

#endif
