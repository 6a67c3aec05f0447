/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define UNIT       "bytes="
#define DIGITS_MAX 18
#define DECIMAL    10

static bool take_number(const char **text, uint64_t *number)
{
	size_t digits = strspn(*text, "0123456789");

	if (digits == 0 || digits > DIGITS_MAX) {
		return false;
	}
	*number = 0;
	for (size_t i = 0; i < digits; i++) {
		*number = *number * DECIMAL + (uint64_t)((*text)[i] - '0');
	}
	*text += digits;
	return true;
}

static struct http_range part(uint64_t first, uint64_t last, uint64_t size)
{
	if (first >= size) {
		return (struct http_range){.kind = HTTP_RANGE_NONE};
	}
	if (last >= size) {
		last = size - 1;
	}
	return (struct http_range){
		.kind = HTTP_RANGE_PART,
		.first = first,
		.length = last - first + 1,
	};
}

static struct http_range last_bytes(uint64_t count, uint64_t size)
{
	if (count == 0 || size == 0) {
		return (struct http_range){.kind = HTTP_RANGE_NONE};
	}
	return part(count < size ? size - count : 0, size - 1, size);
}

struct http_range http_range_parse(const char *header, uint64_t size)
{
	const struct http_range whole = {.kind = HTTP_RANGE_WHOLE, .length = size};
	uint64_t first = 0;
	uint64_t last = UINT64_MAX;

	if (!header || strncasecmp(header, UNIT, strlen(UNIT)) != 0) {
		return whole;
	}
	header += strlen(UNIT);
	if (header[0] == '-') {
		header++;
		return take_number(&header, &last) && *header == '\0' ? last_bytes(last, size)
								      : whole;
	}
	if (!take_number(&header, &first) || *header++ != '-') {
		return whole;
	}
	if (*header != '\0' && (!take_number(&header, &last) || *header != '\0' || last < first)) {
		return whole;
	}
	return part(first, last, size);
}
