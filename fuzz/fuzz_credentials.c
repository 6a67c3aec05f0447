/* SPDX-License-Identifier: MIT */
#include "gateway/access/credentials.h"
#include "gateway/access/networks.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE_SIZE 65

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_credentials(const char *text)
{
	struct credentials credentials;
	struct credentials key;

	credentials_read(text, NULL, &credentials);
	assert(memchr(credentials.name, '\0', sizeof(credentials.name)));
	assert(memchr(credentials.secret, '\0', sizeof(credentials.secret)));
	assert((credentials.kind == CREDENTIALS_NONE) == (text[0] == '\0'));
	assert((credentials.digest != NULL) == (credentials.kind == CREDENTIALS_DIGEST));
	assert(credentials.kind != CREDENTIALS_KEY || credentials.secret[0] != '\0');
	/* A key is the header as it is, and comes before anything else. */
	credentials_read(text, text, &key);
	assert(text[0] == '\0' || key.kind == CREDENTIALS_BROKEN || strcmp(key.secret, text) == 0);
}

static void check_cookies(const char *text)
{
	static const char *const names[] = {"flagship", "__Host-flagship", "flagship_device", "a"};
	char value[COOKIE_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memset(value, 'x', sizeof(value));
		bool found = cookie_get(text, names[i], value, sizeof(value));

		assert(memchr(value, '\0', sizeof(value)));
		assert(found || value[0] == '\0');
		assert(!strchr(value, ';'));
		assert(!found || strstr(text, names[i]));
	}
}

static void check_digest(const char *text)
{
	struct digest digest;
	char response[DIGEST_HEX_SIZE];

	if (digest_read(text, &digest)) {
		assert(digest.count > 0);
		assert(strlen(digest.response) == DIGEST_HEX_SIZE - 1);
		assert(digest_response(&digest, "0", "GET", response));
		assert(strlen(response) == DIGEST_HEX_SIZE - 1);
	}
}

/* A list holds each address that it names by itself. */
static void check_networks(const char *text)
{
	bool valid = networks_valid(text);

	assert(!networks_have("", text));
	if (valid && text[0] != '\0' && !strchr(text, ' ') && !strchr(text, '/')) {
		assert(address_is_numeric(text) && networks_have(text, text));
	}
	assert(!address_is_loopback(text) || address_is_numeric(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text) {
		return 0;
	}
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	check_credentials(text);
	check_cookies(text);
	check_digest(text);
	check_networks(text);
	free(text);
	return 0;
}
