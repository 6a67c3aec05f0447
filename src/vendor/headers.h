/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_HEADERS_H
#define VENDOR_HEADERS_H

#include "vendor/session.h"

#include <flagship/account.h>

#include <stddef.h>

#define CLOUD_HEADERS_MAX 20
#define CLOUD_HEADER_MAX  (FLAGSHIP_ACCOUNT_FIELD_MAX + 32)

/* The headers of a call (protocol.md 4). Holds the token: the caller wipes it. */
struct cloud_headers {
	char texts[CLOUD_HEADERS_MAX][CLOUD_HEADER_MAX];
	const char *list[CLOUD_HEADERS_MAX];
	size_t count;
};

/* country: "" for none. token: NULL for none, and then user_id is not read. signature: NULL where
 * there is no signed session. Errors: CRYPTO. */
int cloud_headers_make(struct cloud_headers *headers, const char *country, const char *token,
		       const char *user_id, const struct cloud_signature *signature);

#endif
