/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_SESSION_H
#define VENDOR_API_SESSION_H

#include "protocol/signed_session.h"

#include <flagship/account.h>
#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * The client's side of the signed session (protocol.md 4): what goes into the key exchange, into
 * requests and out of answers. No I/O. Who has one wipes it.
 */
#define VENDOR_SESSION_PATH     "/v3/pc/oauth/key_exchange"
#define VENDOR_SESSION_HEX_SIZE (2 * 16 + 1)
#define VENDOR_SESSION_TS_SIZE  24

struct vendor_session {
	uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE]; /* the own key, of passwords too */
	bool has_scalar;
	bool open; /* the keys were exchanged */
	char ident[VENDOR_SESSION_HEX_SIZE];
	struct signed_key key; /* the fixed one until it is open */
};

/* What the headers of one request say. */
struct vendor_signature {
	const char *ident;
	char timestamp[VENDOR_SESSION_TS_SIZE];
	char once[VENDOR_SESSION_HEX_SIZE];
	char signature[SIGNED_SIGNATURE_HEX];
	bool exchange;
};

/* An own key, where there is none yet. Errors: CRYPTO. */
int vendor_session_prepare(struct vendor_session *session);

/* The body of the key exchange, of a session that has an own key, which becomes a new one; and its
 * signature. Errors: BUFFER, MEMORY, CRYPTO. */
int vendor_session_begin(struct vendor_session *session, char *body, size_t capacity,
			 size_t *length, struct vendor_signature *signature);

/* The data of its answer. Errors: JSON (no point sealed in it), MEMORY, CRYPTO. */
int vendor_session_open(struct vendor_session *session, struct flagship_json data);

/* Signs what is sent, anew each time: nothing is taken twice. Errors: CRYPTO. */
int vendor_session_sign(const struct vendor_session *session, const char *body, size_t length,
			struct vendor_signature *signature);

/*
 * The data of an answer, where it is sealed, in new memory: the caller wipes *length bytes and
 * frees it. Errors: JSON (not sealed with this key, or no JSON inside), MEMORY.
 */
int vendor_session_unseal(const struct vendor_session *session, struct flagship_json data,
			  char **text, size_t *length);

#endif
