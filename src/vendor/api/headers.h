/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_HEADERS_H
#define VENDOR_API_HEADERS_H

#include "vendor/api/session.h"

#include <flagship/account.h>

#include <stddef.h>

#define VENDOR_HEADERS_MAX 20
#define VENDOR_HEADER_MAX  (FLAGSHIP_ACCOUNT_FIELD_MAX + 32)

/* The headers of a call (protocol.md 4). Holds the token: the caller wipes it. */
struct vendor_headers {
	char texts[VENDOR_HEADERS_MAX][VENDOR_HEADER_MAX];
	const char *list[VENDOR_HEADERS_MAX];
	size_t count;
};

/* country: "" for none. token: NULL for none, and then user_id is not read. signature: NULL where
 * there is no signed session. Errors: CRYPTO. */
int vendor_headers_make(struct vendor_headers *headers, const char *country, const char *token,
			const char *user_id, const struct vendor_signature *signature);

#endif
