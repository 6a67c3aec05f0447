/* SPDX-License-Identifier: MIT */
#ifndef WEBPUSH_VAPID_H
#define WEBPUSH_VAPID_H

#include "webpush/seal.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Says to a push service whose message it is: VAPID (RFC 8292), a JSON Web Token that is signed
 * with ES256. A browser's subscription is bound to the public key. Sans I/O.
 */
#define VAPID_LIFE_S     INT64_C(43200) /* half of what is allowed */
#define VAPID_HEADER_MAX 1024           /* with the NUL */

/* A random private key. Error: CRYPTO. */
int vapid_key_make(uint8_t scalar[WEBPUSH_SCALAR_SIZE]) __attribute__((warn_unused_result));
/* Errors: ARGUMENT (no scalar of the curve), CRYPTO. */
int vapid_key_point(const uint8_t scalar[WEBPUSH_SCALAR_SIZE], uint8_t point[WEBPUSH_POINT_SIZE])
	__attribute__((warn_unused_result));

/*
 * The value of the header Authorization: "vapid t=…, k=…". audience: "https://HOST[:PORT]" of the
 * push service; contact: mailto: or https: of who runs the sender. Neither needs escapes in JSON.
 * Errors: ARGUMENT (no scalar of the curve), BUFFER (longer than VAPID_HEADER_MAX), CRYPTO.
 */
int vapid_authorise(const uint8_t scalar[WEBPUSH_SCALAR_SIZE], const char *audience,
		    const char *contact, int64_t now_s, char out[VAPID_HEADER_MAX])
	__attribute__((warn_unused_result));

#endif
