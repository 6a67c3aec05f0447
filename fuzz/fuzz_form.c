/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/path.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define CAPACITY 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *body, size_t size, const char *name)
{
	char out[CAPACITY];
	char again[2 * CAPACITY];

	memset(out, 'x', sizeof(out));
	if (!form_get(body, size, name, out, sizeof(out))) {
		assert(out[0] == '\0');
		return;
	}
	assert(memchr(out, '\0', sizeof(out)));
	assert(strlen(out) <= size);
	/* More room changes nothing. */
	assert(form_get(body, size, name, again, sizeof(again)));
	assert(strcmp(out, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"username", "password",   "vhost",       "resource",
					    "name",     "permission", "routing_key", "a"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		check((const char *)data, size, names[i]);
	}
	return 0;
}
