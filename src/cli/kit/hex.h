/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_HEX_H
#define CLI_KIT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Reads bytes as people write them: pairs of hex digits of either case, with white space, colons
 * and commas anywhere between the bytes and 0x before any of them. out needs length / 2 bytes
 * and may be the text itself.
 * Returns 0, or -1 with *bad at the character of the text that does not fit (length, where half a
 * byte is missing at the end).
 */
int hex_read(const char *text, size_t length, uint8_t *out, size_t *written, size_t *bad);

/* Lower case, nothing between. */
void hex_print(const uint8_t *bytes, size_t length, FILE *out);

#endif
