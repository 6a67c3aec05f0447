/* SPDX-License-Identifier: MIT */
#include "vendor/api/headers.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <openssl/evp.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define MD5_SIZE     16
#define MD5_HEX_SIZE (2 * MD5_SIZE + 1)

/* Values that depend on nothing: some of them are required at login. */
static const char *const fixed_headers[] = {
	"Content-Type: application/json",
	"Accept: application/json",
	"App_name: anker_make",
	"App_version: 1.5.1",
	"Language: en",
	"Model_type: PC", /* the last */
};

#define FIXED_HEADERS (sizeof(fixed_headers) / sizeof(fixed_headers[0]))

static void add_header(struct vendor_headers *headers, const char *name, const char *value)
{
	char *text = headers->texts[headers->count];

	snprintf(text, VENDOR_HEADER_MAX, "%s: %s", name, value);
	headers->list[headers->count++] = text;
}

static bool md5_hex(const char *text, char out[MD5_HEX_SIZE])
{
	unsigned char digest[MD5_SIZE];

	if (EVP_Digest(text, strlen(text), digest, NULL, EVP_md5(), NULL) != 1) {
		return false;
	}
	hex_encode(digest, MD5_SIZE, HEX_LOWER, out);
	return true;
}

static void add_signature(struct vendor_headers *headers, const struct vendor_signature *signature)
{
	add_header(headers, "X-Key-Ident", signature->ident);
	add_header(headers, "X-Request-Ts", signature->timestamp);
	add_header(headers, "X-Request-Once", signature->once);
	add_header(headers, "X-Signature", signature->signature);
	add_header(headers, "X-Encryption-Info", "algo_ecdh");
	if (signature->exchange) {
		add_header(headers, "Model-Type", "WEB");
	} else {
		add_header(headers, "Model-Type", "PC");
		add_header(headers, "X-Replay-Info", "replay");
	}
}

int vendor_headers_make(struct vendor_headers *headers, const char *country, const char *token,
			const char *user_id, const struct vendor_signature *signature)
{
	char gtoken[MD5_HEX_SIZE];
	struct utsname system;

	headers->count = 0;
	/* The key exchange is of another type of model. */
	size_t fixed = signature && signature->exchange ? FIXED_HEADERS - 1 : FIXED_HEADERS;
	for (size_t i = 0; i < fixed; i++) {
		headers->list[headers->count++] = fixed_headers[i];
	}
	if (uname(&system) == 0) {
		add_header(headers, "Os_type", system.sysname);
		add_header(headers, "Os_version", system.release);
	}
	if (country[0]) {
		add_header(headers, "Country", country);
	}
	if (signature) {
		add_signature(headers, signature);
	}
	if (!token) {
		return 0;
	}
	add_header(headers, "X-Auth-Token", token);
	/* The token of a login that waits for its second factor may come without a user. */
	if (!user_id[0]) {
		return 0;
	}
	if (!md5_hex(user_id, gtoken)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	add_header(headers, "Gtoken", gtoken);
	return 0;
}
