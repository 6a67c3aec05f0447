/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>

#include "../stride.h"
#include "base/base64.h"
#include "protocol/ecdh.h"
#include "webpush/vapid.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <string.h>

#define AUDIENCE  "https://push.example.net"
#define CONTACT   "mailto:owner@example.net"
#define NOW_S     INT64_C(1700000000)
#define PREFIX    "vapid t="
#define NUMBER    32
#define SIGNATURE (2 * NUMBER)
#define SIGNED    600

/* The parts of "vapid t=HEADER.CLAIMS.SIGNATURE, k=KEY". */
struct parts {
	char text[VAPID_HEADER_MAX];
	char *header;
	char *claims;
	char *signature;
	char *key;
	size_t signed_length; /* from the header on */
};

static void split(const char *value, struct parts *parts)
{
	memcpy(parts->text, value, strlen(value) + 1);
	assert_memory_equal(parts->text, PREFIX, strlen(PREFIX));
	parts->header = parts->text + strlen(PREFIX);
	parts->claims = strchr(parts->header, '.') + 1;
	parts->signature = strchr(parts->claims, '.') + 1;
	parts->key = strstr(parts->signature, ", k=") + strlen(", k=");
	parts->signed_length = (size_t)(parts->signature - 1 - parts->header);
	parts->claims[-1] = '\0';
	parts->signature[-1] = '\0';
	parts->key[-(ptrdiff_t)strlen(", k=")] = '\0';
}

static void check_json(const char *text, const char *expected)
{
	uint8_t bytes[VAPID_HEADER_MAX] = {0};

	assert_int_equal(strlen(text), BASE64_URL_LENGTH(strlen(expected)));
	assert_true(base64_url_decode(text, bytes, strlen(expected)));
	assert_string_equal((const char *)bytes, expected);
}

/* As a push service does it: by the public key alone. */
static int verify(EVP_PKEY *key, const char *text, size_t length, const char *signature_text)
{
	uint8_t bytes[SIGNATURE];
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *der = NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_true(base64_url_decode(signature_text, bytes, sizeof(bytes)));
	assert_int_equal(ECDSA_SIG_set0(signature, BN_bin2bn(bytes, NUMBER, NULL),
					BN_bin2bn(bytes + NUMBER, NUMBER, NULL)),
			 1);
	int size = i2d_ECDSA_SIG(signature, &der);
	assert_true(size > 0);
	assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
	int result = EVP_DigestVerify(context, der, (size_t)size, (const uint8_t *)text, length);
	EVP_MD_CTX_free(context);
	OPENSSL_free(der);
	ECDSA_SIG_free(signature);
	return result;
}

static void signs_what_a_service_verifies(void **state)
{
	uint8_t scalar[WEBPUSH_SCALAR_SIZE];
	uint8_t point[WEBPUSH_POINT_SIZE];
	uint8_t shown[WEBPUSH_POINT_SIZE];
	char value[VAPID_HEADER_MAX];
	struct parts parts;
	EVP_PKEY *key = NULL;

	(void)state;
	assert_int_equal(vapid_key_make(scalar), 0);
	assert_int_equal(vapid_key_point(scalar, point), 0);
	/* Many, since r and s have leading zeros now and then. */
	for (size_t i = 0; i < SIGNED; i += test_stride()) {
		assert_int_equal(vapid_authorise(scalar, AUDIENCE, CONTACT, NOW_S, value), 0);
		split(value, &parts);
		assert_true(base64_url_decode(parts.key, shown, sizeof(shown)));
		assert_memory_equal(shown, point, sizeof(point));
		if (i == 0) {
			uint8_t unused[WEBPUSH_POINT_SIZE];

			check_json(parts.header, "{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
			check_json(parts.claims, "{\"aud\":\"" AUDIENCE "\",\"exp\":1700043200,"
						 "\"sub\":\"" CONTACT "\"}");
			assert_int_equal(ecdh_own_key(scalar, unused, &key), 0);
		}
		parts.claims[-1] = '.';
		assert_int_equal(verify(key, parts.header, parts.signed_length, parts.signature),
				 1);
		parts.claims[0] ^= 1;
		assert_int_equal(verify(key, parts.header, parts.signed_length, parts.signature),
				 0);
	}
	EVP_PKEY_free(key);
}

static void refuses_what_is_too_long(void **state)
{
	char contact[VAPID_HEADER_MAX];
	uint8_t scalar[WEBPUSH_SCALAR_SIZE];
	char value[VAPID_HEADER_MAX];

	(void)state;
	assert_int_equal(vapid_key_make(scalar), 0);
	memset(contact, 'a', sizeof(contact) - 1);
	contact[sizeof(contact) - 1] = '\0';
	assert_int_equal(vapid_authorise(scalar, AUDIENCE, contact, NOW_S, value),
			 FLAGSHIP_ERROR_BUFFER);
	memset(scalar, 0, sizeof(scalar));
	assert_int_equal(vapid_authorise(scalar, AUDIENCE, CONTACT, NOW_S, value),
			 FLAGSHIP_ERROR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_what_a_service_verifies),
		cmocka_unit_test(refuses_what_is_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
