/* SPDX-License-Identifier: MIT */
#include "cloud/registry/credential.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define CREDENTIAL_SETTING  "credential_secret"
#define CREDENTIAL_TEXT_MAX ((size_t)4096)

enum credential_kind {
	CREDENTIAL_LOGIN = 1,
	CREDENTIAL_CLIENT_ID,
};

static bool hash(const uint8_t secret[CREDENTIAL_SECRET_SIZE], enum credential_kind kind,
		 const char *first, const char *second, uint8_t out[REGISTRY_HASH_SIZE])
{
	uint8_t text[CREDENTIAL_TEXT_MAX];
	size_t first_length = first ? strlen(first) : 0;
	size_t second_length = second ? strlen(second) : 0;
	size_t length = 2 + first_length + second_length;
	unsigned int written = 0;

	if (first_length + second_length == 0 || length > sizeof(text)) {
		return false;
	}
	text[0] = (uint8_t)kind;
	memcpy(text + 1, first ? first : "", first_length);
	/* The NUL between them keeps "ab" + "c" apart from "a" + "bc". */
	text[1 + first_length] = '\0';
	memcpy(text + 2 + first_length, second ? second : "", second_length);
	bool done = HMAC(EVP_sha256(), secret, CREDENTIAL_SECRET_SIZE, text, length, out,
			 &written) != NULL;
	OPENSSL_cleanse(text, sizeof(text));
	return done && written == REGISTRY_HASH_SIZE;
}

bool credential_hash(const uint8_t secret[CREDENTIAL_SECRET_SIZE], const char *username,
		     const char *password, uint8_t out[REGISTRY_HASH_SIZE])
{
	return hash(secret, CREDENTIAL_LOGIN, username, password, out);
}

bool credential_hash_client(const uint8_t secret[CREDENTIAL_SECRET_SIZE], const char *client_id,
			    uint8_t out[REGISTRY_HASH_SIZE])
{
	return hash(secret, CREDENTIAL_CLIENT_ID, client_id, NULL, out);
}

static int make_secret(struct registry *registry, uint8_t secret[CREDENTIAL_SECRET_SIZE])
{
	char text[2 * CREDENTIAL_SECRET_SIZE + 1];

	if (RAND_bytes(secret, CREDENTIAL_SECRET_SIZE) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(secret, CREDENTIAL_SECRET_SIZE, HEX_LOWER, text);
	int result = registry_set(registry, CREDENTIAL_SETTING, text);
	OPENSSL_cleanse(text, sizeof(text));
	return result < 0 ? result : 1;
}

int credential_secret(struct registry *registry, uint8_t secret[CREDENTIAL_SECRET_SIZE])
{
	char text[REGISTRY_TEXT_MAX];
	int result = registry_get(registry, CREDENTIAL_SETTING, text);

	if (result < 0) {
		return result;
	}
	if (result == 0) {
		return make_secret(registry, secret);
	}
	bool whole = strlen(text) == (size_t)2 * CREDENTIAL_SECRET_SIZE &&
		     hex_decode(text, secret, CREDENTIAL_SECRET_SIZE);
	OPENSSL_cleanse(text, sizeof(text));
	return whole ? 1 : FLAGSHIP_ERROR_STORE;
}
