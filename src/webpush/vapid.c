/* SPDX-License-Identifier: MIT */
#include "webpush/vapid.h"

#include "base/base64.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* {"typ":"JWT","alg":"ES256"} */
#define HEADER         "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9"
#define NUMBER_SIZE    32 /* of r and of s */
#define SIGNATURE_SIZE (2 * NUMBER_SIZE)
#define DER_MAX        80
#define CLAIMS_SIZE    512

int vapid_key_make(uint8_t scalar[WEBPUSH_SCALAR_SIZE])
{
	return ecdh_random_scalar(scalar);
}

int vapid_key_point(const uint8_t scalar[WEBPUSH_SCALAR_SIZE], uint8_t point[WEBPUSH_POINT_SIZE])
{
	EVP_PKEY *key = NULL;
	int error = ecdh_own_key(scalar, point, &key);

	EVP_PKEY_free(key);
	return error;
}

/* OpenSSL writes DER; tokens have both numbers as they are (RFC 7518, 3.4). */
static int flatten_signature(const uint8_t *der, size_t size, uint8_t out[SIGNATURE_SIZE])
{
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
	int error = FLAGSHIP_ERROR_CRYPTO;

	if (signature &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, NUMBER_SIZE) == NUMBER_SIZE &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + NUMBER_SIZE, NUMBER_SIZE) ==
		    NUMBER_SIZE) {
		error = 0;
	}
	ECDSA_SIG_free(signature);
	return error;
}

static int sign_text(EVP_PKEY *key, const char *text, size_t length, uint8_t out[SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[DER_MAX];
	size_t size = sizeof(der);
	int error = FLAGSHIP_ERROR_CRYPTO;

	if (context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, der, &size, (const uint8_t *)text, length) == 1) {
		error = flatten_signature(der, size, out);
	}
	EVP_MD_CTX_free(context);
	return error;
}

/* Header and claims, which are signed. 0 where they are too long. */
static size_t write_token(const char *audience, const char *contact, int64_t expires_s,
			  char out[VAPID_HEADER_MAX])
{
	char claims[CLAIMS_SIZE];
	int length = snprintf(claims, sizeof(claims),
			      "{\"aud\":\"%s\",\"exp\":%" PRId64 ",\"sub\":\"%s\"}", audience,
			      expires_s, contact);

	if (length < 0 || (size_t)length >= sizeof(claims)) {
		return 0;
	}
	memcpy(out, HEADER ".", sizeof(HEADER));
	return sizeof(HEADER) +
	       base64_url_encode((const uint8_t *)claims, (size_t)length, out + sizeof(HEADER));
}

int vapid_authorise(const uint8_t scalar[WEBPUSH_SCALAR_SIZE], const char *audience,
		    const char *contact, int64_t now_s, char out[VAPID_HEADER_MAX])
{
	char token[VAPID_HEADER_MAX];
	char signature_text[BASE64_URL_LENGTH(SIGNATURE_SIZE) + 1];
	char point_text[BASE64_URL_LENGTH(WEBPUSH_POINT_SIZE) + 1];
	uint8_t signature[SIGNATURE_SIZE];
	uint8_t point[WEBPUSH_POINT_SIZE];
	EVP_PKEY *key = NULL;

	size_t length = write_token(audience, contact, now_s + VAPID_LIFE_S, token);
	if (length == 0) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	int error = ecdh_own_key(scalar, point, &key);
	if (!error) {
		error = sign_text(key, token, length, signature);
	}
	EVP_PKEY_free(key);
	if (error) {
		return error;
	}
	base64_url_encode(signature, sizeof(signature), signature_text);
	base64_url_encode(point, sizeof(point), point_text);
	int written = snprintf(out, VAPID_HEADER_MAX, "vapid t=%s.%s, k=%s", token, signature_text,
			       point_text);
	return written > 0 && written < VAPID_HEADER_MAX ? 0 : FLAGSHIP_ERROR_BUFFER;
}
