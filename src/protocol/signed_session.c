/* SPDX-License-Identifier: MIT */
#include "protocol/signed_session.h"

#include "base/base64.h"
#include "base/hex.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_SIZE 32
#define LENGTH_MAX     ((size_t)16 * 1024 * 1024)

/* protocol.md 4. */
static const uint8_t fixed_key[SIGNED_KEY_SIZE] = {
	0xc4, 0xa8, 0xf6, 0x7a, 0xbb, 0x86, 0x24, 0x69,
	0xc5, 0x1d, 0x05, 0x43, 0x39, 0xd9, 0x99, 0xf5,
};

static void set_key(const uint8_t bytes[SIGNED_KEY_SIZE], struct signed_key *key)
{
	memcpy(key->bytes, bytes, SIGNED_KEY_SIZE);
	hex_encode(bytes, SIGNED_KEY_SIZE, HEX_LOWER, key->hex);
}

void signed_key_fixed(struct signed_key *key)
{
	set_key(fixed_key, key);
}

int signed_key_derive(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE], const char *peer_hex,
		      struct signed_key *key)
{
	uint8_t secret[ECDH_SECRET_SIZE];
	int error = ecdh_share(scalar, peer_hex, secret);

	if (!error) {
		set_key(secret, key);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	return error;
}

static bool encrypt(const struct signed_key *key, const uint8_t *iv, const char *text,
		    size_t length, uint8_t *out, size_t *size)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0;
	int last = 0;
	bool done = context &&
		    EVP_EncryptInit_ex2(context, EVP_aes_128_cbc(), key->bytes, iv, NULL) == 1 &&
		    EVP_EncryptUpdate(context, out, &first, (const unsigned char *)text,
				      (int)length) == 1 &&
		    EVP_EncryptFinal_ex(context, out + first, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	*size = (size_t)first + (size_t)last;
	return done;
}

static bool seal(const struct signed_key *key, const char *text, size_t length, const uint8_t *iv,
		 uint8_t *raw, size_t size, char *out)
{
	size_t encrypted;

	if (iv) {
		memcpy(raw, iv, SIGNED_IV_SIZE);
	} else if (RAND_bytes(raw, SIGNED_IV_SIZE) != 1) {
		return false;
	}
	if (!encrypt(key, raw, text, length, raw + SIGNED_IV_SIZE, &encrypted)) {
		return false;
	}
	EVP_EncodeBlock((unsigned char *)out, raw, (int)size);
	return true;
}

int signed_seal(const struct signed_key *key, const char *text, size_t length, const uint8_t *iv,
		char *out, size_t capacity, size_t *written)
{
	size_t size = SIGNED_IV_SIZE + (length / SIGNED_KEY_SIZE + 1) * SIGNED_KEY_SIZE;

	if (length > LENGTH_MAX) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (capacity <= SIGNED_SEALED_LENGTH(length)) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	uint8_t *raw = malloc(size);
	if (!raw) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = seal(key, text, length, iv, raw, size, out) ? 0 : FLAGSHIP_ERROR_CRYPTO;
	free(raw);
	if (!error) {
		*written = SIGNED_SEALED_LENGTH(length);
	}
	return error;
}

/* The padding tells a wrong key from the right one, most of the time. */
static bool decrypt(const struct signed_key *key, const uint8_t *data, size_t size, uint8_t *out,
		    size_t *length)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0;
	int last = 0;
	bool done = context &&
		    EVP_DecryptInit_ex2(context, EVP_aes_128_cbc(), key->bytes, data, NULL) == 1 &&
		    EVP_DecryptUpdate(context, out, &first, data + SIGNED_IV_SIZE,
				      (int)(size - SIGNED_IV_SIZE)) == 1 &&
		    EVP_DecryptFinal_ex(context, out + first, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	*length = (size_t)first + (size_t)last;
	return done;
}

static int open_raw(const struct signed_key *key, const uint8_t *raw, size_t size, char *out,
		    size_t capacity, size_t *written)
{
	size_t length;

	if (size < SIGNED_IV_SIZE + SIGNED_KEY_SIZE || size % SIGNED_KEY_SIZE) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (capacity <= size - SIGNED_IV_SIZE) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	if (!decrypt(key, raw, size, (uint8_t *)out, &length)) {
		OPENSSL_cleanse(out, size - SIGNED_IV_SIZE);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	while (length > 0 && out[length - 1] == '\0') {
		length--;
	}
	out[length] = '\0';
	*written = length;
	return 0;
}

int signed_open(const struct signed_key *key, const char *sealed, size_t length, char *out,
		size_t capacity, size_t *written)
{
	size_t size;

	if (length > LENGTH_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	uint8_t *raw = malloc(length + 1);
	if (!raw) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = base64_decode(sealed, length, raw, length + 1, &size);
	if (!error) {
		error = open_raw(key, raw, size, out, capacity, written);
	}
	free(raw);
	return error;
}

static bool sign(EVP_MAC_CTX *context, const char *timestamp, const char *once, const char *body,
		 size_t length, uint8_t out[SIGNATURE_SIZE])
{
	size_t size;

	return EVP_MAC_update(context, (const uint8_t *)timestamp, strlen(timestamp)) == 1 &&
	       EVP_MAC_update(context, (const uint8_t *)"+", 1) == 1 &&
	       EVP_MAC_update(context, (const uint8_t *)once, strlen(once)) == 1 &&
	       EVP_MAC_update(context, (const uint8_t *)"+", 1) == 1 &&
	       EVP_MAC_update(context, (const uint8_t *)body, length) == 1 &&
	       EVP_MAC_final(context, out, &size, SIGNATURE_SIZE) == 1 && size == SIGNATURE_SIZE;
}

static bool make_signature(const struct signed_key *key, const char *timestamp, const char *once,
			   const char *body, size_t length, uint8_t out[SIGNATURE_SIZE])
{
	char digest[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
	/* Keyed with the text of the digits, not with what they stand for. */
	bool done = context &&
		    EVP_MAC_init(context, (const uint8_t *)key->hex, strlen(key->hex),
				 parameters) == 1 &&
		    sign(context, timestamp, once, body, length, out);

	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	return done;
}

int signed_sign(const struct signed_key *key, const char *timestamp, const char *once,
		const char *body, size_t length, char out[SIGNED_SIGNATURE_HEX])
{
	uint8_t signature[SIGNATURE_SIZE];

	if (!make_signature(key, timestamp, once, body, length, signature)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(signature, sizeof(signature), HEX_LOWER, out);
	return 0;
}

bool signed_verify(const struct signed_key *key, const char *timestamp, const char *once,
		   const char *body, size_t length, const char *signature)
{
	uint8_t expected[SIGNATURE_SIZE];
	uint8_t given[SIGNATURE_SIZE];

	return strlen(signature) == SIGNED_SIGNATURE_HEX - 1 &&
	       hex_decode(signature, given, sizeof(given)) &&
	       make_signature(key, timestamp, once, body, length, expected) &&
	       CRYPTO_memcmp(given, expected, sizeof(expected)) == 0;
}
