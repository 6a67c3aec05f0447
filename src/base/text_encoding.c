/* SPDX-License-Identifier: MIT */
#include "base/text_encoding.h"

#include "base/text.h"

#include <flagship/error.h>

#include <stdint.h>
#include <string.h>

#define MARK            0xfeffu
#define UNIT_SIZE       2
#define HIGH_FIRST      0xd800u
#define LOW_FIRST       0xdc00u
#define LOW_LAST        0xdfffu
#define HALF_BITS       10
#define SUPPLEMENTARY   0x10000u

#define MARK_OF_UTF8    "\xef\xbb\xbf"
#define MARK_UTF8_BYTES (sizeof(MARK_OF_UTF8) - 1)

enum order {
	ORDER_NONE, /* UTF-8 */
	ORDER_LITTLE,
	ORDER_BIG,
};

static uint32_t unit_at(const uint8_t *bytes, enum order order)
{
	return order == ORDER_LITTLE ? (uint32_t)bytes[1] << 8 | bytes[0]
				     : (uint32_t)bytes[0] << 8 | bytes[1];
}

/* Zeros may also fill up a short text, so that the second character counts too. */
static enum order order_of(const uint8_t *bytes, size_t length)
{
	if (length < UNIT_SIZE) {
		return ORDER_NONE;
	}
	if (unit_at(bytes, ORDER_LITTLE) == MARK) {
		return ORDER_LITTLE;
	}
	if (unit_at(bytes, ORDER_BIG) == MARK) {
		return ORDER_BIG;
	}
	if (length < (size_t)2 * UNIT_SIZE) {
		return ORDER_NONE;
	}
	if (bytes[0] && !bytes[1] && bytes[2]) {
		return ORDER_LITTLE;
	}
	return !bytes[0] && bytes[1] && bytes[3] ? ORDER_BIG : ORDER_NONE;
}

const char *text_encoding_skip_mark(const char *text, size_t *length)
{
	if (*length < MARK_UTF8_BYTES || memcmp(text, MARK_OF_UTF8, MARK_UTF8_BYTES) != 0) {
		return text;
	}
	*length -= MARK_UTF8_BYTES;
	return text + MARK_UTF8_BYTES;
}

bool text_encoding_is_utf16(const void *data, size_t length)
{
	return order_of(data, length) != ORDER_NONE;
}

/* The character at the front of `length` > 0 bytes; returns how many it takes. */
static size_t take_character(const uint8_t *bytes, size_t length, enum order order,
			     uint32_t *character)
{
	*character = UTF8_REPLACEMENT;
	if (length < UNIT_SIZE) {
		return length;
	}
	uint32_t unit = unit_at(bytes, order);
	if (unit < HIGH_FIRST || unit > LOW_LAST) {
		*character = unit;
		return UNIT_SIZE;
	}
	if (unit >= LOW_FIRST || length < (size_t)2 * UNIT_SIZE) {
		return UNIT_SIZE;
	}
	uint32_t low = unit_at(bytes + UNIT_SIZE, order);
	if (low < LOW_FIRST || low > LOW_LAST) {
		return UNIT_SIZE;
	}
	*character = SUPPLEMENTARY + ((unit - HIGH_FIRST) << HALF_BITS) + (low - LOW_FIRST);
	return (size_t)2 * UNIT_SIZE;
}

static int convert(const uint8_t *bytes, size_t length, enum order order, char *out,
		   size_t capacity, size_t *written)
{
	char character_bytes[UTF8_BYTES_MAX];
	size_t used = 0;
	uint32_t character;

	if (unit_at(bytes, order) == MARK) {
		bytes += UNIT_SIZE;
		length -= UNIT_SIZE;
	}
	while (length > 0) {
		size_t taken = take_character(bytes, length, order, &character);
		size_t size = utf8_encode(character, character_bytes);

		if (size > capacity - used) {
			return FLAGSHIP_ERROR_BUFFER;
		}
		memcpy(out + used, character_bytes, size);
		used += size;
		bytes += taken;
		length -= taken;
	}
	*written = used;
	return 0;
}

int text_encoding_to_utf8(const void *data, size_t length, char *out, size_t capacity,
			  size_t *written)
{
	enum order order = order_of(data, length);

	if (order != ORDER_NONE) {
		return convert(data, length, order, out, capacity, written);
	}
	const char *text = text_encoding_skip_mark(data, &length);
	if (length > capacity) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	if (length > 0) {
		memmove(out, text, length);
	}
	*written = length;
	return 0;
}
