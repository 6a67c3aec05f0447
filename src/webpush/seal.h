/* SPDX-License-Identifier: MIT */
#ifndef PUSH_SEAL_H
#define PUSH_SEAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Encrypts a message to one browser, so that the push service which carries it reads nothing: RFC
 * 8291, in the content coding aes128gcm of RFC 8188, as one record. Sans I/O.
 */
#define PUSH_POINT_SIZE  65 /* of P-256, uncompressed */
#define PUSH_SCALAR_SIZE 32
#define PUSH_AUTH_SIZE   16
#define PUSH_SALT_SIZE   16
#define PUSH_TEXT_MAX    3993 /* that every push service takes: 4096 with what is added */
#define PUSH_OVERHEAD    103  /* 16 salt, 4 size, 1 length, 65 key, 1 end of the text, 16 tag */

/* What the browser gave away with its subscription. */
struct push_target {
	uint8_t point[PUSH_POINT_SIZE]; /* p256dh */
	uint8_t auth[PUSH_AUTH_SIZE];
};

/* What each message has anew. */
struct push_once {
	uint8_t scalar[PUSH_SCALAR_SIZE];
	uint8_t salt[PUSH_SALT_SIZE];
};

/*
 * Writes length + PUSH_OVERHEAD bytes. once: NULL for random ones; else of a test. Errors: ARGUMENT
 * (no point of the curve), TOO_LARGE, BUFFER, CRYPTO.
 */
int push_seal(const struct push_target *target, const struct push_once *once, const void *text,
	      size_t length, uint8_t *out, size_t capacity, size_t *written)
	__attribute__((warn_unused_result));

/* Whether the point is one of the curve. */
int push_point_check(const uint8_t point[PUSH_POINT_SIZE]) __attribute__((warn_unused_result));

#endif
