/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_KEY_H
#define PROTOCOL_KEY_H

#include <flagship/key.h>

#include <openssl/evp.h>

#define KEY_BLOCK_SIZE 16

/* OpenSSL counts bytes in an int; longer data goes through the context in pieces of this size. */
#define KEY_CHUNK_SIZE ((size_t)1 << 20)

/*
 * One direction of AES-CBC. Giving the context a new IV costs three times as much as decrypting a
 * usual frame. So it never gets one: for OpenSSL all messages are one stream, in which the first
 * block of a message is chained to the last ciphertext block of the message before, and the
 * difference between that block and the IV is added to the first block here.
 */
struct key_stream {
	EVP_CIPHER_CTX *context;
	uint8_t last[KEY_BLOCK_SIZE];
};

/* Each context holds the expanded key and serves one direction. The key itself is not kept. */
struct flagship_key {
	struct key_stream decrypt;
	struct key_stream encrypt;
	EVP_CIPHER_CTX *gcm_decrypt; /* NULL where the key is not of 32 bytes */
	EVP_CIPHER_CTX *gcm_encrypt; /* likewise */
};

/*
 * AES-CBC with the IV of protocol.md 2, in place, without padding. length: a positive multiple of
 * KEY_BLOCK_SIZE. Errors: CRYPTO.
 */
int key_decrypt(struct flagship_key *key, uint8_t *data, size_t length);
int key_encrypt(struct flagship_key *key, uint8_t *data, size_t length);

/* Sends any length through a context that was started, in place. Errors: CRYPTO. */
int key_update(EVP_CIPHER_CTX *context, uint8_t *data, size_t length);

#endif
