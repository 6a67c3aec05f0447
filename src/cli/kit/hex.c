/* SPDX-License-Identifier: MIT */
#include "cli/kit/hex.h"

#include "base/hex.h"

#include <stdbool.h>
#include <string.h>

static bool hex_is_separator(char character)
{
	return character != '\0' && strchr(" \t\r\n\v\f:,", character);
}

static bool hex_is_prefix(const char *text, size_t length)
{
	return length >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

int hex_read(const char *text, size_t length, uint8_t *out, size_t *written, size_t *bad)
{
	size_t count = 0;
	size_t i = 0;

	*bad = length;
	while (i < length) {
		if (hex_is_separator(text[i])) {
			i++;
			continue;
		}
		if (hex_is_prefix(text + i, length - i)) {
			i += 2;
		}
		for (size_t digit = 0; digit < 2; digit++) {
			if (i + digit == length) {
				return -1;
			}
			if (hex_digit_value(text[i + digit]) < 0) {
				*bad = i + digit;
				return -1;
			}
		}
		out[count++] = (uint8_t)(hex_digit_value(text[i]) << 4 |
					 hex_digit_value(text[i + 1]));
		i += 2;
	}
	*written = count;
	return 0;
}

void hex_print(const uint8_t *bytes, size_t length, FILE *out)
{
	for (size_t i = 0; i < length; i++) {
		fputc(HEX_LOWER[bytes[i] >> 4], out);
		fputc(HEX_LOWER[bytes[i] & 0xf], out);
	}
}
