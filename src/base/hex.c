/* SPDX-License-Identifier: MIT */
#include "base/hex.h"

#include <string.h>

int hex_digit_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	if (digit >= 'a' && digit <= 'f') {
		return digit - 'a' + 10;
	}
	if (digit >= 'A' && digit <= 'F') {
		return digit - 'A' + 10;
	}
	return -1;
}

bool hex_decode(const char *digits, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit_value(digits[2 * i]);
		if (high < 0) {
			return false;
		}
		int low = hex_digit_value(digits[2 * i + 1]);
		if (low < 0) {
			return false;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void hex_encode(const uint8_t *bytes, size_t size, const char *alphabet, char *out)
{
	for (size_t i = 0; i < size; i++) {
		out[2 * i] = alphabet[bytes[i] >> 4];
		out[2 * i + 1] = alphabet[bytes[i] & 0x0f];
	}
	out[2 * size] = '\0';
}

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
		(void)hex_decode(text + i, &out[count++], 1);
		i += 2;
	}
	*written = count;
	return 0;
}
