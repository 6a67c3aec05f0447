/* SPDX-License-Identifier: MIT */
#include "base/hex.h"

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
