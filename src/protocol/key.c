/* SPDX-License-Identifier: MIT */
#include "protocol/key.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEX_DIGITS_PER_BYTE 2
#define KEY_DECRYPT         0
#define KEY_ENCRYPT         1
#define KEY_SAME_DIRECTION  (-1)

static const uint8_t key_iv[KEY_BLOCK_SIZE] = {'3', 'D', 'P', 'r', 'i', 'n', 't', 'A',
					       'n', 'k', 'e', 'r', 'M', 'a', 'k', 'e'};

static int key_create_context(const EVP_CIPHER *cipher, const uint8_t *bytes, const uint8_t *iv,
			      int direction, EVP_CIPHER_CTX **context)
{
	*context = EVP_CIPHER_CTX_new();
	if (!*context) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (!EVP_CipherInit_ex(*context, cipher, NULL, bytes, iv, direction) ||
	    !EVP_CIPHER_CTX_set_padding(*context, 0)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return 0;
}

static int key_create_stream(const EVP_CIPHER *cipher, const uint8_t *bytes, int direction,
			     struct key_stream *stream)
{
	memcpy(stream->last, key_iv, sizeof(key_iv));
	return key_create_context(cipher, bytes, key_iv, direction, &stream->context);
}

static int key_create_contexts(struct flagship_key *key, const uint8_t *bytes, size_t size)
{
	const bool long_key = size == FLAGSHIP_KEY_SIZE_AES256;
	const EVP_CIPHER *cbc = long_key ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
	const EVP_CIPHER *gcm = EVP_aes_256_gcm();

	int error = key_create_stream(cbc, bytes, KEY_DECRYPT, &key->decrypt);
	if (!error) {
		error = key_create_stream(cbc, bytes, KEY_ENCRYPT, &key->encrypt);
	}
	if (!error && long_key) {
		error = key_create_context(gcm, bytes, NULL, KEY_DECRYPT, &key->gcm_decrypt);
	}
	if (!error && long_key) {
		error = key_create_context(gcm, bytes, NULL, KEY_ENCRYPT, &key->gcm_encrypt);
	}
	return error;
}

int flagship_key_create(const uint8_t *bytes, size_t size, struct flagship_key **key)
{
	struct flagship_key *created;

	*key = NULL;
	if (size != FLAGSHIP_KEY_SIZE_AES128 && size != FLAGSHIP_KEY_SIZE_AES256) {
		return FLAGSHIP_ERROR_KEY;
	}
	created = calloc(1, sizeof(*created));
	if (!created) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = key_create_contexts(created, bytes, size);
	if (error) {
		flagship_key_destroy(created);
		return error;
	}
	*key = created;
	return 0;
}

static bool key_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int flagship_key_create_hex(const char *hex, size_t length, struct flagship_key **key)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];
	int error = FLAGSHIP_ERROR_KEY;

	*key = NULL;
	while (length > 0 && key_is_space(hex[length - 1])) {
		length--;
	}
	while (length > 0 && key_is_space(*hex)) {
		hex++;
		length--;
	}
	if (length % HEX_DIGITS_PER_BYTE != 0 || length / HEX_DIGITS_PER_BYTE > sizeof(bytes)) {
		return FLAGSHIP_ERROR_KEY;
	}
	if (hex_decode(hex, bytes, length / HEX_DIGITS_PER_BYTE)) {
		error = flagship_key_create(bytes, length / HEX_DIGITS_PER_BYTE, key);
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}

void flagship_key_destroy(struct flagship_key *key)
{
	if (!key) {
		return;
	}
	/* These wipe the expanded keys. */
	EVP_CIPHER_CTX_free(key->decrypt.context);
	EVP_CIPHER_CTX_free(key->encrypt.context);
	EVP_CIPHER_CTX_free(key->gcm_decrypt);
	EVP_CIPHER_CTX_free(key->gcm_encrypt);
	OPENSSL_cleanse(key, sizeof(*key));
	free(key);
}

int key_update(EVP_CIPHER_CTX *context, uint8_t *data, size_t length)
{
	while (length > 0) {
		size_t chunk = length < KEY_CHUNK_SIZE ? length : KEY_CHUNK_SIZE;
		int written;

		if (!EVP_CipherUpdate(context, data, &written, data, (int)chunk)) {
			return FLAGSHIP_ERROR_CRYPTO;
		}
		data += chunk;
		length -= chunk;
	}
	return 0;
}

/* Takes a first block from being chained to the last message to being chained to the IV, or back.
 */
static void key_rechain(const struct key_stream *stream, uint8_t *block)
{
	uint64_t words[KEY_BLOCK_SIZE / sizeof(uint64_t)];
	uint64_t last[KEY_BLOCK_SIZE / sizeof(uint64_t)];
	uint64_t iv[KEY_BLOCK_SIZE / sizeof(uint64_t)];

	memcpy(words, block, sizeof(words));
	memcpy(last, stream->last, sizeof(last));
	memcpy(iv, key_iv, sizeof(iv));
	words[0] ^= last[0] ^ iv[0];
	words[1] ^= last[1] ^ iv[1];
	memcpy(block, words, sizeof(words));
}

/* After a failure nobody knows what the context is chained to. */
static int key_restart(struct key_stream *stream)
{
	memcpy(stream->last, key_iv, sizeof(key_iv));
	EVP_CipherInit_ex(stream->context, NULL, NULL, NULL, key_iv, KEY_SAME_DIRECTION);
	return FLAGSHIP_ERROR_CRYPTO;
}

int key_decrypt(struct flagship_key *key, uint8_t *data, size_t length)
{
	struct key_stream *stream = &key->decrypt;
	uint8_t last[KEY_BLOCK_SIZE];

	memcpy(last, data + length - sizeof(last), sizeof(last));
	if (key_update(stream->context, data, length)) {
		return key_restart(stream);
	}
	key_rechain(stream, data);
	memcpy(stream->last, last, sizeof(last));
	return 0;
}

int key_encrypt(struct flagship_key *key, uint8_t *data, size_t length)
{
	struct key_stream *stream = &key->encrypt;

	key_rechain(stream, data);
	if (key_update(stream->context, data, length)) {
		return key_restart(stream);
	}
	memcpy(stream->last, data + length - sizeof(stream->last), sizeof(stream->last));
	return 0;
}
