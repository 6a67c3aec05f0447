/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_CREDENTIALS_H
#define GATEWAY_ACCESS_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a request presents, of its headers. No heap, no I/O. */
#define CREDENTIALS_TEXT_MAX 512 /* of a key, a password or a name, with the NUL */

enum credentials_kind {
	CREDENTIALS_NONE,
	CREDENTIALS_KEY,    /* X-Api-Key, or Authorization: Bearer */
	CREDENTIALS_BASIC,  /* name and password */
	CREDENTIALS_DIGEST, /* the text is in the header */
	CREDENTIALS_BROKEN, /* of a kind that is not taken, or malformed: nobody's */
};

struct credentials {
	enum credentials_kind kind;
	char name[CREDENTIALS_TEXT_MAX];
	char secret[CREDENTIALS_TEXT_MAX];
	const char *digest; /* in the header */
};

/* Either header may be NULL; an empty one counts as none. To be wiped. */
void credentials_read(const char *authorization, const char *api_key,
		      struct credentials *credentials);

/* One cookie of a Cookie header (may be NULL). False, with out "", where it is absent, does not
 * fit, or is there twice with different values. */
bool cookie_get(const char *header, const char *name, char *out, size_t capacity);

/* HTTP Digest (RFC 7616) with MD5 and qop=auth, as programs for PrusaLink have it. */
#define DIGEST_FIELD_MAX 256
#define DIGEST_HEX_SIZE  (32 + 1)

struct digest {
	char username[DIGEST_FIELD_MAX];
	char realm[DIGEST_FIELD_MAX];
	char nonce[DIGEST_FIELD_MAX];
	char cnonce[DIGEST_FIELD_MAX];
	char uri[2048];
	char response[DIGEST_HEX_SIZE];
	uint32_t count; /* nc */
	char count_text[8 + 1];
};

/* Behind "Digest ". False where it is malformed, or of another algorithm. */
bool digest_read(const char *text, struct digest *digest);

/* What the response has to be. False where libcrypto failed. */
bool digest_response(const struct digest *digest, const char *ha1, const char *method,
		     char out[DIGEST_HEX_SIZE]);

#endif
