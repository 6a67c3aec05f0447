/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_KEY_H
#define FLAGSHIP_KEY_H

#include <flagship/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_KEY_SIZE_AES128 16
#define FLAGSHIP_KEY_SIZE_AES256 32

/*
 * A printer's key (`secret_key` of the vendor's API, protocol.md 2 and 4) with the cipher contexts
 * that are reused for every frame. Not for use from two threads at once.
 */
struct flagship_key;

/*
 * size: 16 (AES-128) or 32 (AES-256), in bytes. The caller owns *key and ends it with
 * flagship_key_destroy. Errors: KEY (any other size), MEMORY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_key_create(const uint8_t *bytes, size_t size,
					 struct flagship_key **key);

/*
 * The same from hex digits, either case, `length` characters; white space at either end is
 * skipped. Errors: KEY, MEMORY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_key_create_hex(const char *hex, size_t length,
					     struct flagship_key **key);

/* Wipes and frees. NULL is accepted. */
void flagship_key_destroy(struct flagship_key *key);

#ifdef __cplusplus
}
#endif

#endif
