/* SPDX-License-Identifier: MIT */
#include "webpush/seal.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define HASH_SIZE     32
#define KEY_SIZE      16
#define NONCE_SIZE    12
#define TAG_SIZE      16
#define RECORD_SIZE   4096
#define SIZE_SIZE     4
#define LAST_RECORD   2 /* the byte behind the text */
#define KEY_INFO      "WebPush: info"
#define CONTENT_INFO  "Content-Encoding: aes128gcm"
#define NONCE_INFO    "Content-Encoding: nonce"
#define KEY_INFO_SIZE (sizeof(KEY_INFO) + 2 * WEBPUSH_POINT_SIZE) /* with its NUL */
#define SIZE_AT       WEBPUSH_SALT_SIZE
#define LENGTH_AT     (SIZE_AT + SIZE_SIZE)
#define POINT_AT      (LENGTH_AT + 1)
#define HEAD_SIZE     (POINT_AT + WEBPUSH_POINT_SIZE)
#define FIRST_BLOCK   1 /* of HKDF: none here needs a second one */

static_assert(WEBPUSH_POINT_SIZE == ECDH_POINT_SIZE, "points are the same everywhere");
static_assert(WEBPUSH_SCALAR_SIZE == FLAGSHIP_LOGIN_PRIVATE_SIZE, "so are scalars");
static_assert(HEAD_SIZE + 1 + TAG_SIZE == WEBPUSH_OVERHEAD, "what stands around a text");
static_assert(WEBPUSH_TEXT_MAX + WEBPUSH_OVERHEAD == RECORD_SIZE, "one record holds all");

struct content_keys {
	uint8_t key[HASH_SIZE];   /* KEY_SIZE of it */
	uint8_t nonce[HASH_SIZE]; /* NONCE_SIZE of it */
};

/* --- HKDF (RFC 5869) --- */

static bool hkdf_extract(const uint8_t *salt, size_t salt_size, const uint8_t *input,
			 size_t input_size, uint8_t out[HASH_SIZE])
{
	return HMAC(EVP_sha256(), salt, (int)salt_size, input, input_size, out, NULL) != NULL;
}

static bool hkdf_expand(const uint8_t prk[HASH_SIZE], const void *info, size_t info_size,
			uint8_t out[HASH_SIZE])
{
	uint8_t block[KEY_INFO_SIZE + 1];

	assert(info_size < sizeof(block));
	memcpy(block, info, info_size);
	block[info_size] = FIRST_BLOCK;
	return hkdf_extract(prk, HASH_SIZE, block, info_size + 1, out);
}

/* RFC 8291, 3.4: the browser's secret goes into the key, so that the push service, which knows both
 * points, cannot pass for a sender. */
static int derive_keys(const struct webpush_target *target, const uint8_t own[WEBPUSH_POINT_SIZE],
		       const uint8_t shared[ECDH_SECRET_SIZE],
		       const uint8_t salt[WEBPUSH_SALT_SIZE], struct content_keys *keys)
{
	uint8_t info[KEY_INFO_SIZE] = KEY_INFO;
	uint8_t prk[HASH_SIZE];
	uint8_t input[HASH_SIZE];

	memcpy(info + sizeof(KEY_INFO), target->point, WEBPUSH_POINT_SIZE);
	memcpy(info + sizeof(KEY_INFO) + WEBPUSH_POINT_SIZE, own, WEBPUSH_POINT_SIZE);
	bool done = hkdf_extract(target->auth, WEBPUSH_AUTH_SIZE, shared, ECDH_SECRET_SIZE, prk) &&
		    hkdf_expand(prk, info, sizeof(info), input) &&
		    hkdf_extract(salt, WEBPUSH_SALT_SIZE, input, HASH_SIZE, prk) &&
		    hkdf_expand(prk, CONTENT_INFO, sizeof(CONTENT_INFO), keys->key) &&
		    hkdf_expand(prk, NONCE_INFO, sizeof(NONCE_INFO), keys->nonce);
	OPENSSL_cleanse(prk, sizeof(prk));
	OPENSSL_cleanse(input, sizeof(input));
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

/* --- the record --- */

static int encrypt_text(const struct content_keys *keys, const void *text, size_t length,
			uint8_t *out)
{
	static const uint8_t end = LAST_RECORD;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int size = 0;
	bool done = context &&
		    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, keys->key, keys->nonce) &&
		    EVP_EncryptUpdate(context, out, &size, text, (int)length) &&
		    EVP_EncryptUpdate(context, out + length, &size, &end, 1) &&
		    EVP_EncryptFinal_ex(context, out + length + 1, &size) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + length + 1);

	EVP_CIPHER_CTX_free(context);
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static int peer_of_point(const uint8_t point[WEBPUSH_POINT_SIZE], EVP_PKEY **peer)
{
	char hex[2 * WEBPUSH_POINT_SIZE + 1];

	hex_encode(point, WEBPUSH_POINT_SIZE, HEX_LOWER, hex);
	return ecdh_peer_key(hex, peer);
}

/* Writes the own point into the head. */
static int share_secret(const struct webpush_target *target, const struct webpush_once *once,
			uint8_t *head, uint8_t shared[ECDH_SECRET_SIZE])
{
	EVP_PKEY *own = NULL;
	EVP_PKEY *peer = NULL;
	int error = peer_of_point(target->point, &peer);

	if (!error) {
		error = ecdh_own_key(once ? once->scalar : NULL, head + POINT_AT, &own);
	}
	if (!error) {
		error = ecdh_derive(own, peer, shared);
	}
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return error;
}

static int write_head(const struct webpush_target *target, const struct webpush_once *once,
		      uint8_t *head, struct content_keys *keys)
{
	uint8_t shared[ECDH_SECRET_SIZE];

	if (once) {
		memcpy(head, once->salt, WEBPUSH_SALT_SIZE);
	} else if (RAND_bytes(head, WEBPUSH_SALT_SIZE) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	bytes_write_u32be(head + SIZE_AT, RECORD_SIZE);
	head[LENGTH_AT] = WEBPUSH_POINT_SIZE;
	int error = share_secret(target, once, head, shared);
	if (!error) {
		error = derive_keys(target, head + POINT_AT, shared, head, keys);
	}
	OPENSSL_cleanse(shared, sizeof(shared));
	return error;
}

int webpush_seal(const struct webpush_target *target, const struct webpush_once *once,
		 const void *text, size_t length, uint8_t *out, size_t capacity, size_t *written)
{
	struct content_keys keys;

	if (length > WEBPUSH_TEXT_MAX) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (capacity < length + WEBPUSH_OVERHEAD) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	/* What a refused key leaves in OpenSSL's queue would end a TLS connection of the caller. */
	ERR_set_mark();
	int error = write_head(target, once, out, &keys);
	if (!error) {
		error = encrypt_text(&keys, text, length, out + HEAD_SIZE);
	}
	ERR_pop_to_mark();
	OPENSSL_cleanse(&keys, sizeof(keys));
	if (!error) {
		*written = length + WEBPUSH_OVERHEAD;
	}
	return error;
}

int webpush_point_check(const uint8_t point[WEBPUSH_POINT_SIZE])
{
	EVP_PKEY *peer = NULL;

	ERR_set_mark();
	int error = peer_of_point(point, &peer);
	ERR_pop_to_mark();
	EVP_PKEY_free(peer);
	return error;
}
