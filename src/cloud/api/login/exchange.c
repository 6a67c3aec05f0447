/* SPDX-License-Identifier: MIT */
#include "cloud/api/login/exchange.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINT_SIZE     65
#define SHARED_SIZE    32
#define IV_SIZE        16
#define CIPHERTEXT_MAX (FLAGSHIP_LOGIN_PASSWORD_MAX + 16)
#define BASE64_GROUP   4
#define BASE64_BYTES   3
#define GROUP_NAME     "prime256v1"

struct exchange {
	EVP_PKEY *key;
	char public_hex[2 * POINT_SIZE + 1];
};

static bool read_point(EVP_PKEY *key, char out[2 * POINT_SIZE + 1])
{
	uint8_t point[POINT_SIZE];
	char group[32] = "";
	size_t size = 0;

	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
					   NULL) != 1 ||
	    strcmp(group, GROUP_NAME) != 0 ||
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					    &size) != 1 ||
	    size != POINT_SIZE) {
		return false;
	}
	hex_encode(point, sizeof(point), HEX_LOWER, out);
	return true;
}

int exchange_create(const char *key_file, struct exchange **out)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	FILE *file;

	*out = NULL;
	if (!exchange) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	file = fopen(key_file, "r");
	if (!file) {
		int error = errno;

		exchange_destroy(exchange);
		errno = error;
		return FLAGSHIP_ERROR_STORE;
	}
	exchange->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	errno = 0;
	if (!exchange->key || !read_point(exchange->key, exchange->public_hex)) {
		exchange_destroy(exchange);
		return FLAGSHIP_ERROR_STORE;
	}
	*out = exchange;
	return 0;
}

void exchange_destroy(struct exchange *exchange)
{
	if (exchange) {
		EVP_PKEY_free(exchange->key);
		free(exchange);
	}
}

const char *exchange_public_hex(const struct exchange *exchange)
{
	return exchange->public_hex;
}

/* OpenSSL checks that the point lies on the curve. */
static EVP_PKEY *read_peer(const char *public_hex)
{
	uint8_t point[POINT_SIZE];
	char group[] = GROUP_NAME;
	EVP_PKEY_CTX *context;
	EVP_PKEY *peer = NULL;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group) - 1),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_END,
	};

	if (strlen(public_hex) != (size_t)2 * POINT_SIZE ||
	    !hex_decode(public_hex, point, sizeof(point))) {
		return NULL;
	}
	context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &peer, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
		peer = NULL;
	}
	EVP_PKEY_CTX_free(context);
	return peer;
}

static bool derive_secret(const struct exchange *exchange, const char *public_hex,
			  uint8_t shared[SHARED_SIZE])
{
	EVP_PKEY *peer = read_peer(public_hex);
	EVP_PKEY_CTX *context = peer ? EVP_PKEY_CTX_new(exchange->key, NULL) : NULL;
	size_t size = SHARED_SIZE;
	bool derived = context && EVP_PKEY_derive_init(context) == 1 &&
		       EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		       EVP_PKEY_derive(context, shared, &size) == 1 && size == SHARED_SIZE;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	return derived;
}

/* The number of bytes, or 0 where it is no base64 of whole blocks. */
static size_t decode(const char *encrypted, uint8_t out[CIPHERTEXT_MAX + BASE64_BYTES])
{
	size_t length = strlen(encrypted);

	if (length == 0 || length % BASE64_GROUP != 0 ||
	    length / BASE64_GROUP * BASE64_BYTES > CIPHERTEXT_MAX + BASE64_BYTES ||
	    EVP_DecodeBlock(out, (const unsigned char *)encrypted, (int)length) < 0) {
		return 0;
	}
	size_t size = length / BASE64_GROUP * BASE64_BYTES;
	size -= encrypted[length - 1] == '=';
	size -= encrypted[length - 2] == '=';
	return size % IV_SIZE == 0 ? size : 0;
}

static bool decrypt(const uint8_t shared[SHARED_SIZE], const uint8_t *ciphertext, size_t size,
		    char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1])
{
	uint8_t plaintext[CIPHERTEXT_MAX + IV_SIZE];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0;
	int last = 0;
	bool opened = context &&
		      EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), NULL, shared, shared) == 1 &&
		      EVP_DecryptUpdate(context, plaintext, &first, ciphertext, (int)size) == 1 &&
		      EVP_DecryptFinal_ex(context, plaintext + first, &last) == 1;
	size_t length = (size_t)first + (size_t)last;

	EVP_CIPHER_CTX_free(context);
	opened = opened && length <= FLAGSHIP_LOGIN_PASSWORD_MAX &&
		 !memchr(plaintext, '\0', length);
	if (opened) {
		memcpy(password, plaintext, length);
		password[length] = '\0';
	}
	OPENSSL_cleanse(plaintext, sizeof(plaintext));
	return opened;
}

bool exchange_open(const struct exchange *exchange, const char *encrypted, const char *public_hex,
		   char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1])
{
	uint8_t shared[SHARED_SIZE];
	uint8_t ciphertext[CIPHERTEXT_MAX + BASE64_BYTES];
	size_t size = decode(encrypted, ciphertext);
	bool opened = size > 0 && derive_secret(exchange, public_hex, shared) &&
		      decrypt(shared, ciphertext, size, password);

	OPENSSL_cleanse(shared, sizeof(shared));
	return opened;
}
