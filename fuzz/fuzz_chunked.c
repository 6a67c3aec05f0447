/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/chunked.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct body {
	char *bytes;
	size_t length;
	enum chunked_result result;
};

/* Takes it in pieces of so many bytes. */
static struct body take(const char *bytes, size_t length, size_t piece)
{
	struct chunked chunked = {0};
	struct body body = {.bytes = malloc(length + 1), .result = CHUNKED_MORE};
	const char *data;
	size_t data_length;

	assert(body.bytes);
	while (length > 0 && body.result == CHUNKED_MORE) {
		size_t left = length < piece ? length : piece;

		length -= left;
		while ((body.result = chunked_take(&chunked, &bytes, &left, &data, &data_length)) ==
		       CHUNKED_DATA) {
			memcpy(body.bytes + body.length, data, data_length);
			body.length += data_length;
		}
		assert(body.result != CHUNKED_MORE || left == 0);
	}
	return body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct body whole = take((const char *)data, size, size + 1);
	struct body cut = take((const char *)data, size, 1);

	/* It does not matter in what pieces it comes. */
	assert(whole.result == cut.result && whole.length == cut.length);
	assert(memcmp(whole.bytes, cut.bytes, whole.length) == 0);
	free(whole.bytes);
	free(cut.bytes);
	return 0;
}
