/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/negotiate.h"
#include "daemon/http/syntax/range.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The headers that say what of a file is wanted, and in what shape. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t sizes[] = {0, 1, 10, UINT64_C(1) << 40, INT64_MAX};
	char *text = malloc(size + 1);

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct http_range range = http_range_parse(text, sizes[i]);

		assert(range.kind == HTTP_RANGE_NONE || range.length <= sizes[i]);
		assert(range.kind != HTTP_RANGE_PART ||
		       (range.length > 0 && range.first <= sizes[i] - range.length));
		assert(range.kind != HTTP_RANGE_WHOLE || range.length == sizes[i]);
	}
	for (unsigned int offered = 0; offered < 8; offered++) {
		enum http_coding coding = http_coding_choose(text, offered);

		assert(coding == HTTP_IDENTITY || (coding & offered));
	}
	assert(!http_etag_matches(text, "\"a\"") || strstr(text, "\"a\"") || strchr(text, '*'));
	assert(http_etag_in_range(text, "\"a\"") == (strcmp(text, "\"a\"") == 0));
	free(text);
	return 0;
}
