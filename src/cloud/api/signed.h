/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_SIGNED_H
#define CLOUD_API_SIGNED_H

#include "cloud/api/calls.h"
#include "cloud/api/signed_sessions.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The signed session of the API (protocol.md 4): what stands around the calls that it carries. */

#define API_SIGNED_EXCHANGE_PATH "/v3/pc/oauth/key_exchange"
#define API_SIGNED_HEADER_MAX    80

/* Of a request. */
struct api_signed {
	bool wanted;                           /* it says that it is signed (X-Encryption-Info) */
	char ident[API_SIGNED_HEADER_MAX];     /* X-Key-Ident */
	char timestamp[API_SIGNED_HEADER_MAX]; /* X-Request-Ts */
	char once[API_SIGNED_HEADER_MAX];      /* X-Request-Once */
	char signature[API_SIGNED_HEADER_MAX]; /* X-Signature */
	bool sealed; /* it was taken: the answer's data is sealed with the key */
	struct signed_key key;
};

/* The key exchange. */
void api_signed_exchange(struct signed_sessions *sessions, const struct api_signed *headers,
			 const char *body, size_t length, const char *address, int64_t now_s,
			 struct api_answer *answer);

/*
 * Checks a request and opens its body in place; headers->sealed and ->key are set then. False where
 * it is not taken: the answer says why.
 */
bool api_signed_open(struct signed_sessions *sessions, struct api_signed *headers, char *body,
		     size_t *length, const char *address, int64_t now_s, struct api_answer *answer);

/* Puts the sealed text in the place of the answer's data, where there is any. */
void api_signed_seal(const struct api_signed *headers, struct api_answer *answer);

#endif
