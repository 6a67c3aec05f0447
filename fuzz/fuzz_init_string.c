/* SPDX-License-Identifier: MIT */
#include <flagship/codes.h>
#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS_PER_BYTE 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The hosts and their commas are all that the letters say. */
static void check_hosts(char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1], int count, size_t size)
{
	size_t bytes = 0;

	for (int i = 0; i < count; i++) {
		const char *end = memchr(hosts[i], '\0', FLAGSHIP_HOST_LENGTH_MAX + 1);
		assert(end && end > hosts[i]);
		assert(!strchr(hosts[i], ','));
		bytes += (size_t)(end - hosts[i]) + 1;
	}
	assert(bytes * LETTERS_PER_BYTE == size);
}

static void check_inverse(char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1], size_t count,
			  const char *encoded, size_t size)
{
	char *again = malloc(size + 1);

	assert(again);
	assert(flagship_init_string_encode(hosts, count, again, size) == FLAGSHIP_ERROR_BUFFER);
	assert(flagship_init_string_encode(hosts, count, again, size + 1) == 0);
	assert(memcmp(again, encoded, size) == 0 && again[size] == '\0');
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX][FLAGSHIP_HOST_LENGTH_MAX + 1];
	const char *encoded = (const char *)data;
	int count = flagship_init_string_decode(encoded, size, hosts,
						FLAGSHIP_INIT_STRING_HOSTS_MAX);

	if (count < 0) {
		assert(count == FLAGSHIP_ERROR_INIT_STRING || count == FLAGSHIP_ERROR_BUFFER);
		return 0;
	}
	assert(count >= 1 && count <= FLAGSHIP_INIT_STRING_HOSTS_MAX);
	check_hosts(hosts, count, size);
	assert(flagship_init_string_decode(encoded, size, hosts, (size_t)count) == count);
	assert(flagship_init_string_decode(encoded, size, hosts, (size_t)count - 1) ==
	       FLAGSHIP_ERROR_BUFFER);
	check_inverse(hosts, (size_t)count, encoded, size);
	return 0;
}
