/* SPDX-License-Identifier: MIT */
#ifndef WEBPUSH_SEAL_H
#define WEBPUSH_SEAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Encrypts a message to one browser, so that the push service which carries it reads nothing: RFC
 * 8291, in the content coding aes128gcm of RFC 8188, as one record. Sans I/O.
 */
#define WEBPUSH_POINT_SIZE  65 /* of P-256, uncompressed */
#define WEBPUSH_SCALAR_SIZE 32
#define WEBPUSH_AUTH_SIZE   16
#define WEBPUSH_SALT_SIZE   16
#define WEBPUSH_TEXT_MAX    3993 /* that every push service takes: 4096 with what is added */
#define WEBPUSH_OVERHEAD    103  /* 16 salt, 4 size, 1 length, 65 key, 1 end of the text, 16 tag */

/* What the browser gave away with its subscription. */
struct webpush_target {
	uint8_t point[WEBPUSH_POINT_SIZE]; /* p256dh */
	uint8_t auth[WEBPUSH_AUTH_SIZE];
};

/* What each message has anew. */
struct webpush_once {
	uint8_t scalar[WEBPUSH_SCALAR_SIZE];
	uint8_t salt[WEBPUSH_SALT_SIZE];
};

/*
 * Writes length + WEBPUSH_OVERHEAD bytes. once: NULL for random ones; else of a test. Errors:
 * ARGUMENT (no point of the curve), TOO_LARGE, BUFFER, CRYPTO.
 */
int webpush_seal(const struct webpush_target *target, const struct webpush_once *once,
		 const void *text, size_t length, uint8_t *out, size_t capacity, size_t *written)
	__attribute__((warn_unused_result));

/* Whether the point is one of the curve. */
int webpush_point_check(const uint8_t point[WEBPUSH_POINT_SIZE])
	__attribute__((warn_unused_result));

#endif
