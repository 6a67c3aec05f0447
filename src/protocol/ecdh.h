/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_ECDH_H
#define PROTOCOL_ECDH_H

#include <flagship/account.h>

#include <assert.h>
#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

/* Diffie-Hellman on P-256, as the vendor's login and its signed session have it (protocol.md 4). */

#define ECDH_POINT_SIZE  65 /* 04, X, Y */
#define ECDH_SECRET_SIZE 32 /* X of the shared point */

static_assert(ECDH_POINT_SIZE == 1 + 2 * ECDH_SECRET_SIZE, "a coordinate is a secret's size");

/*
 * An own key pair: of this scalar, or with NULL of a random one; the caller frees *key, also after
 * an error. Errors: ARGUMENT (a scalar outside of the curve's order), CRYPTO.
 */
int ecdh_own_key(const uint8_t *scalar, uint8_t point[ECDH_POINT_SIZE], EVP_PKEY **key);

/* The other side's, uncompressed in hex; the caller frees *key, also after an error. Errors:
 * ARGUMENT (no point of the curve), CRYPTO. */
int ecdh_peer_key(const char *hex, EVP_PKEY **key);

/* Errors: CRYPTO. */
int ecdh_derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t secret[ECDH_SECRET_SIZE]);

/* All three in one, with the own point in hex, which may be NULL. After an error the outputs are as
 * they were. Errors: those of them. */
int ecdh_share(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE], const char *peer_hex,
	       uint8_t secret[ECDH_SECRET_SIZE]);
int ecdh_public_hex(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE],
		    char hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]);

/* A random scalar that is one. Errors: CRYPTO. */
int ecdh_random_scalar(uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE]);

#endif
