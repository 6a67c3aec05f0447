/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <flagship/error.h>

#include <stdbool.h>

#define GROUP_LENGTH   4 /* characters that stand for GROUP_SIZE bytes */
#define GROUP_SIZE     3
#define PADDING_MAX    2
#define BITS_PER_DIGIT 6

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
