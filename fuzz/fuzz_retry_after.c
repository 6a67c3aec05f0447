/* SPDX-License-Identifier: MIT */
#include "transport/http/retry.h"

#include <assert.h>

#define NOW INT64_C(1700000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	int64_t seconds = -1;
	int64_t later = -1;

	if (!http_retry_after_parse(text, size, NOW, &seconds)) {
		assert(seconds == -1);
		assert(!http_retry_after_parse(text, size, 0, &later));
		return 0;
	}
	assert(seconds >= 0);
	/* A date comes nearer, a number of seconds does not. */
	assert(http_retry_after_parse(text, size, NOW + 1, &later));
	assert(later == seconds || later == seconds - 1);
	return 0;
}
