/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#define SURROGATE_FIRST 0xd800u
#define SURROGATE_LAST  0xdfffu
#define CHARACTER_LAST  0x10ffffu

/* Bytes of the character that starts with this one, and the smallest character so written. */
struct lead {
	uint8_t mask;
	uint8_t value;
	uint8_t length;
	uint32_t smallest;
};

static const struct lead leads[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static const struct lead *lead_of(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if ((byte & leads[i].mask) == leads[i].value) {
			return &leads[i];
		}
	}
	return NULL;
}

size_t utf8_decode(const char *data, size_t length, uint32_t *character)
{
	uint8_t first = (uint8_t)data[0];
	const struct lead *lead = lead_of(first);

	*character = UTF8_REPLACEMENT;
	if (!lead || lead->length > length) {
		return 1;
	}
	uint32_t value = first & (uint8_t)~lead->mask;
	for (size_t i = 1; i < lead->length; i++) {
		uint8_t byte = (uint8_t)data[i];
		if ((byte & 0xc0) != 0x80) {
			return 1;
		}
		value = value << 6 | (byte & 0x3f);
	}
	if (value < lead->smallest || value > CHARACTER_LAST ||
	    (value >= SURROGATE_FIRST && value <= SURROGATE_LAST)) {
		return 1;
	}
	*character = value;
	return lead->length;
}

size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX])
{
	size_t length = 1;

	while (length < UTF8_BYTES_MAX && character >= leads[length].smallest) {
		length++;
	}
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (char)(leads[length - 1].value | character);
	return length;
}
