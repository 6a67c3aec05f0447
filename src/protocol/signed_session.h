/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_SIGNED_SESSION_H
#define PROTOCOL_SIGNED_SESSION_H

#include <flagship/account.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The signed session of the HTTPS API (protocol.md 4), of either side: sealed texts, signatures,
 * and the key that both derive. No I/O, no clock.
 */

#define SIGNED_KEY_SIZE      16
#define SIGNED_KEY_HEX_SIZE  (2 * SIGNED_KEY_SIZE + 1)
#define SIGNED_IV_SIZE       16
#define SIGNED_SIGNATURE_HEX (2 * 32 + 1)

/* Characters of the sealed form of so many bytes, without the NUL. */
#define SIGNED_SEALED_LENGTH(size) \
	(((SIGNED_IV_SIZE + ((size) / SIGNED_KEY_SIZE + 1) * SIGNED_KEY_SIZE) + 2) / 3 * 4)

/* What texts are sealed with and, as its 32 hex digits, what HMACs are keyed with. Wiped by the
 * caller. */
struct signed_key {
	uint8_t bytes[SIGNED_KEY_SIZE];
	char hex[SIGNED_KEY_HEX_SIZE];
};

/* K, which is the same for everybody: the key exchange is sealed and signed with it. */
void signed_key_fixed(struct signed_key *key);

/* S: what the own scalar and the other's point make. Errors: ARGUMENT (one of them is none),
 * CRYPTO. */
int signed_key_derive(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE], const char *peer_hex,
		      struct signed_key *key);

/*
 * base64(IV, AES-128-CBC), NUL-terminated; iv: NULL for a random one. Errors: BUFFER (capacity has
 * to be above SIGNED_SEALED_LENGTH), TOO_LARGE, CRYPTO.
 */
int signed_seal(const struct signed_key *key, const char *text, size_t length, const uint8_t *iv,
		char *out, size_t capacity, size_t *written);

/*
 * The inverse, NUL-terminated; capacity above `length` always suffices. The sealed text may lack
 * its padding, and zeros behind the plain text are cut. Errors: ARGUMENT (no such text, or not
 * sealed with this key), BUFFER, MEMORY. After an error out holds nothing of the text.
 */
int signed_open(const struct signed_key *key, const char *sealed, size_t length, char *out,
		size_t capacity, size_t *written);

/* Hex of the HMAC-SHA256 over "TIMESTAMP+ONCE+BODY". Errors: CRYPTO. */
int signed_sign(const struct signed_key *key, const char *timestamp, const char *once,
		const char *body, size_t length, char out[SIGNED_SIGNATURE_HEX]);

/* Whether that is the signature, of either case; takes as long for any wrong one. */
bool signed_verify(const struct signed_key *key, const char *timestamp, const char *once,
		   const char *body, size_t length, const char *signature);

#endif
