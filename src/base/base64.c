/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <flagship/error.h>

#include <string.h>

#define GROUP_LENGTH   4 /* characters that stand for GROUP_SIZE bytes */
#define GROUP_SIZE     3
#define PADDING_MAX    2
#define BITS_PER_DIGIT 6
#define URL_DIGITS     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

struct group {
	uint32_t bits;
	unsigned int count;   /* characters so far */
	unsigned int padding; /* how many of them were '=' */
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z') {
		return c - 'A';
	}
	if (c >= 'a' && c <= 'z') {
		return c - 'a' + 26;
	}
	if (c >= '0' && c <= '9') {
		return c - '0' + 52;
	}
	if (c == '+') {
		return 62;
	}
	return c == '/' ? 63 : -1;
}

static bool group_add(struct group *group, char c)
{
	int value = digit_value(c);

	if (c == '=') {
		value = 0;
		group->padding++;
	} else if (group->padding) {
		return false;
	}
	group->bits = group->bits << BITS_PER_DIGIT | (uint32_t)value;
	group->count++;
	return value >= 0;
}

/* A full group. Bits that no byte takes must be zero, so that every text has one spelling. */
static int group_write(const struct group *group, uint8_t *out, size_t capacity, size_t *size)
{
	if (group->padding > PADDING_MAX ||
	    (group->bits & ((UINT32_C(1) << 8 * group->padding) - 1))) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	unsigned int bytes = GROUP_SIZE - group->padding;
	if (capacity - *size < bytes) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	for (unsigned int i = 0; i < bytes; i++) {
		out[(*size)++] = (uint8_t)(group->bits >> 8 * (GROUP_SIZE - 1 - i));
	}
	return 0;
}

/* The last group, whose padding was left out. */
static int group_write_rest(struct group *group, uint8_t *out, size_t capacity, size_t *size)
{
	if (group->padding) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	while (group->count < GROUP_LENGTH) {
		group_add(group, '=');
	}
	return group_write(group, out, capacity, size);
}

int base64_decode(const char *text, size_t length, uint8_t *out, size_t capacity, size_t *size)
{
	struct group group = {0};

	*size = 0;
	for (size_t i = 0; i < length; i++) {
		if (is_space(text[i])) {
			continue;
		}
		if (group.count == GROUP_LENGTH) {
			if (group.padding) {
				return FLAGSHIP_ERROR_ARGUMENT;
			}
			group = (struct group){0};
		}
		if (!group_add(&group, text[i])) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		if (group.count < GROUP_LENGTH) {
			continue;
		}
		int error = group_write(&group, out, capacity, size);
		if (error) {
			return error;
		}
	}
	return group.count % GROUP_LENGTH ? group_write_rest(&group, out, capacity, size) : 0;
}

size_t base64_url_encode(const uint8_t *bytes, size_t size, char *out)
{
	static const char digits[] = URL_DIGITS;
	uint32_t bits = 0;
	unsigned int count = 0; /* of bits that are not written yet */
	size_t length = 0;

	for (size_t i = 0; i < size; i++) {
		bits = bits << 8 | bytes[i];
		for (count += 8; count >= BITS_PER_DIGIT; count -= BITS_PER_DIGIT) {
			out[length++] = digits[bits >> (count - BITS_PER_DIGIT) & 63];
		}
	}
	if (count > 0) {
		out[length++] = digits[bits << (BITS_PER_DIGIT - count) & 63];
	}
	out[length] = '\0';
	return length;
}

bool base64_url_decode(const char *text, uint8_t *out, size_t size)
{
	static const char digits[] = URL_DIGITS;
	uint32_t bits = 0;
	unsigned int count = 0;
	size_t written = 0;

	if (strlen(text) != BASE64_URL_LENGTH(size)) {
		return false;
	}
	for (; *text != '\0'; text++) {
		const char *digit = strchr(digits, *text);

		if (!digit) {
			return false;
		}
		bits = bits << BITS_PER_DIGIT | (uint32_t)(digit - digits);
		count += BITS_PER_DIGIT;
		if (count >= 8) {
			count -= 8;
			out[written++] = (uint8_t)(bits >> count);
		}
	}
	return (bits & ((UINT32_C(1) << count) - 1)) == 0;
}
