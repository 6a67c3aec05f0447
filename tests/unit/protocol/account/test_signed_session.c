/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "protocol/ecdh.h"
#include "protocol/signed_session.h"

#include <flagship/error.h>

#include "account_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_SIZE 1024
#define TEXT_MAX 200
#define FILL     0x5a
#define TOO_LONG ((size_t)16 * 1024 * 1024 + 1)

struct fixture {
	cJSON *root;
	const cJSON *exchange;
	const cJSON *texts;
	uint8_t client[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	uint8_t service[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	uint8_t iv[SIGNED_IV_SIZE];
	struct signed_key fixed;
	struct signed_key key;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->root = vectors_read("signed_session.json");
	fixture->exchange = cJSON_GetObjectItem(fixture->root, "exchange");
	fixture->texts = cJSON_GetObjectItem(fixture->root, "texts");
	assert_true(hex_decode(vectors_text(fixture->root, "client_private"), fixture->client,
			       sizeof(fixture->client)));
	assert_true(hex_decode(vectors_text(fixture->root, "service_private"), fixture->service,
			       sizeof(fixture->service)));
	assert_true(
		hex_decode(vectors_text(fixture->root, "iv"), fixture->iv, sizeof(fixture->iv)));
	signed_key_fixed(&fixture->fixed);
	assert_int_equal(signed_key_derive(fixture->client,
					   vectors_text(fixture->root, "service_public"),
					   &fixture->key),
			 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	cJSON_Delete(fixture->root);
	free(fixture);
	return 0;
}

static void both_sides_derive_the_key(void **state)
{
	const struct fixture *fixture = *state;
	char hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	struct signed_key other;

	assert_string_equal(fixture->key.hex, vectors_text(fixture->root, "key"));
	assert_int_equal(ecdh_public_hex(fixture->client, hex), 0);
	assert_string_equal(hex, vectors_text(fixture->root, "client_public"));
	assert_int_equal(signed_key_derive(fixture->service, hex, &other), 0);
	assert_memory_equal(&other, &fixture->key, sizeof(other));
	assert_string_equal(fixture->fixed.hex, "c4a8f67abb862469c51d054339d999f5");
}

static void the_exchange_is_sealed_and_signed(void **state)
{
	const struct fixture *fixture = *state;
	const char *point = vectors_text(fixture->root, "client_public");
	const char *sealed = vectors_text(fixture->exchange, "sealed");
	char out[OUT_SIZE];
	char signature[SIGNED_SIGNATURE_HEX];
	size_t length;

	assert_int_equal(signed_seal(&fixture->fixed, point, strlen(point), fixture->iv, out,
				     sizeof(out), &length),
			 0);
	assert_string_equal(out, sealed);
	assert_int_equal(length, strlen(sealed));
	assert_int_equal(
		signed_open(&fixture->fixed, sealed, strlen(sealed), out, sizeof(out), &length), 0);
	assert_string_equal(out, point);
	assert_int_equal(signed_sign(&fixture->fixed, vectors_text(fixture->exchange, "timestamp"),
				     vectors_text(fixture->exchange, "once"), sealed,
				     strlen(sealed), signature),
			 0);
	assert_string_equal(signature, vectors_text(fixture->exchange, "signature"));
}

static void texts_are_sealed_and_signed(void **state)
{
	const struct fixture *fixture = *state;
	const char *timestamp = vectors_text(fixture->root, "timestamp");
	const char *once = vectors_text(fixture->root, "once");
	const cJSON *entry;
	size_t count = 0;

	cJSON_ArrayForEach(entry, fixture->texts)
	{
		const char *text = vectors_text(entry, "text");
		const char *sealed = vectors_text(entry, "sealed");
		const char *signature = vectors_text(entry, "signature");
		size_t size = strlen(sealed);
		char out[OUT_SIZE];
		char wrong[SIGNED_SIGNATURE_HEX];
		size_t length;
		assert_int_equal(SIGNED_SEALED_LENGTH(strlen(text)), size);
		assert_int_equal(signed_seal(&fixture->key, text, strlen(text), fixture->iv, out,
					     size + 1, &length),
				 0);
		assert_string_equal(out, sealed);
		assert_int_equal(signed_seal(&fixture->key, text, strlen(text), fixture->iv, out,
					     size, &length),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(signed_open(&fixture->key, sealed, size, out, size + 1, &length),
				 0);
		assert_int_equal(length, strlen(text));
		assert_string_equal(out, text);
		assert_true(signed_verify(&fixture->key, timestamp, once, sealed, size, signature));
		/* Every part of it counts. */
		snprintf(wrong, sizeof(wrong), "%s", signature);
		wrong[7] = wrong[7] == '0' ? '1' : '0';
		assert_false(signed_verify(&fixture->key, timestamp, once, sealed, size, wrong));
		assert_false(signed_verify(&fixture->key, timestamp, once, sealed, size, ""));
		assert_false(signed_verify(&fixture->key, "1", once, sealed, size, signature));
		assert_false(signed_verify(&fixture->key, timestamp, "", sealed, size, signature));
		assert_false(
			signed_verify(&fixture->key, timestamp, once, sealed, size - 1, signature));
		assert_false(
			signed_verify(&fixture->fixed, timestamp, once, sealed, size, signature));
		count++;
	}
	assert_int_equal(count, 7);
}

static void every_length_round_trips(void **state)
{
	const struct fixture *fixture = *state;
	char text[TEXT_MAX + 1];
	char last[OUT_SIZE] = "";

	for (size_t length = 0; length <= TEXT_MAX; length++) {
		char sealed[OUT_SIZE];
		char out[OUT_SIZE];
		size_t size;
		size_t found;
		memset(text, 'a', length);
		text[length] = '\0';
		assert_int_equal(signed_seal(&fixture->key, text, length, NULL, sealed,
					     sizeof(sealed), &size),
				 0);
		/* The IV is another each time. */
		assert_string_not_equal(sealed, last);
		memcpy(last, sealed, sizeof(last));
		assert_int_equal(signed_open(&fixture->key, sealed, size, out, size + 1, &found),
				 0);
		assert_int_equal(found, length);
		assert_string_equal(out, text);
	}
}

static void opens_nothing_else(void **state)
{
	const struct fixture *fixture = *state;
	const char *sealed = vectors_text(cJSON_GetArrayItem(fixture->texts, 3), "sealed");
	const char *const cases[] = {"", "AAAA", "no base64", "AAAAAAAAAAAAAAAAAAAAAA==",
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	char out[OUT_SIZE];
	char changed[OUT_SIZE];
	size_t length = FILL;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(signed_open(&fixture->key, cases[i], strlen(cases[i]), out,
					     sizeof(out), &length),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
	/* Another key; a changed last block shows as wrong padding. */
	assert_int_equal(
		signed_open(&fixture->fixed, sealed, strlen(sealed), out, sizeof(out), &length),
		FLAGSHIP_ERROR_ARGUMENT);
	snprintf(changed, sizeof(changed), "%s", sealed);
	changed[strlen(changed) - 6] = changed[strlen(changed) - 6] == 'A' ? 'B' : 'A';
	assert_int_equal(
		signed_open(&fixture->key, changed, strlen(changed), out, sizeof(out), &length),
		FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(length, FILL);
	assert_int_equal(signed_open(&fixture->key, sealed, strlen(sealed), out, 4, &length),
			 FLAGSHIP_ERROR_BUFFER);
}

/* Some seal the NUL that ends a text as well. */
static void the_end_of_a_text_is_no_part_of_it(void **state)
{
	const struct fixture *fixture = *state;
	char sealed[OUT_SIZE];
	char out[OUT_SIZE];
	size_t size;
	size_t length;

	assert_int_equal(signed_seal(&fixture->key, "{}\0", 4, NULL, sealed, sizeof(sealed), &size),
			 0);
	assert_int_equal(signed_open(&fixture->key, sealed, size, out, sizeof(out), &length), 0);
	assert_int_equal(length, 2);
	assert_string_equal(out, "{}");
	assert_int_equal(signed_seal(&fixture->key, "\0", 2, NULL, sealed, sizeof(sealed), &size),
			 0);
	assert_int_equal(signed_open(&fixture->key, sealed, size, out, sizeof(out), &length), 0);
	assert_int_equal(length, 0);
}

/* Neither is looked at: its length says that it is nothing of ours. */
static void what_is_far_too_long_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	char out[OUT_SIZE];
	size_t length = FILL;

	assert_int_equal(signed_seal(&fixture->key, "", TOO_LONG, NULL, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_TOO_LARGE);
	assert_int_equal(signed_open(&fixture->key, "", TOO_LONG, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(length, FILL);
}

static void points_must_lie_on_the_curve(void **state)
{
	const struct fixture *fixture = *state;
	static const uint8_t zero[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	char point[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	struct signed_key key;
	uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	uint8_t other[FLAGSHIP_LOGIN_PRIVATE_SIZE];

	snprintf(point, sizeof(point), "%s", vectors_text(fixture->root, "service_public"));
	point[sizeof(point) - 2] = point[sizeof(point) - 2] == '0' ? '1' : '0';
	assert_int_equal(signed_key_derive(fixture->client, point, &key), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(signed_key_derive(fixture->client, "", &key), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(
		signed_key_derive(zero, vectors_text(fixture->root, "service_public"), &key),
		FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(ecdh_random_scalar(scalar), 0);
	assert_int_equal(ecdh_random_scalar(other), 0);
	assert_memory_not_equal(scalar, other, sizeof(scalar));
	assert_int_equal(ecdh_public_hex(scalar, point), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_derive_the_key),
		cmocka_unit_test(the_exchange_is_sealed_and_signed),
		cmocka_unit_test(texts_are_sealed_and_signed),
		cmocka_unit_test(every_length_round_trips),
		cmocka_unit_test(opens_nothing_else),
		cmocka_unit_test(the_end_of_a_text_is_no_part_of_it),
		cmocka_unit_test(what_is_far_too_long_is_refused),
		cmocka_unit_test(points_must_lie_on_the_curve),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
