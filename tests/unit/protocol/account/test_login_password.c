/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/account.h>
#include <flagship/error.h>

#include "account_vectors.h"
#include "base/hex.h"

#include <openssl/err.h>

#include <string.h>

#define FILL 'Z'

/* What flagship_login_password writes. */
struct output {
	char encrypted[FLAGSHIP_LOGIN_ENCRYPTED_SIZE];
	char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
};

static int encrypt(const char *password, const char *private_hex, const char *service_hex,
		   struct output *output)
{
	uint8_t private_key[FLAGSHIP_LOGIN_PRIVATE_SIZE];

	if (private_hex) {
		assert_int_equal(strlen(private_hex), 2 * sizeof(private_key));
		assert_true(hex_decode(private_hex, private_key, sizeof(private_key)));
	}
	memset(output, FILL, sizeof(*output));
	return flagship_login_password(password, private_hex ? private_key : NULL, service_hex,
				       output->encrypted, sizeof(output->encrypted),
				       output->public_hex);
}

static void assert_untouched(const struct output *output)
{
	struct output before;

	memset(&before, FILL, sizeof(before));
	assert_memory_equal(output, &before, sizeof(before));
}

static void vectors_pass(void **state)
{
	cJSON *vectors = vectors_read("login_password.json");
	const cJSON *vector;
	size_t count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		struct output output;
		assert_int_equal(encrypt(vectors_text(vector, "password"),
					 vectors_text(vector, "private"), NULL, &output),
				 0);
		assert_string_equal(output.encrypted, vectors_text(vector, "encrypted"));
		assert_string_equal(output.public_hex, vectors_text(vector, "public"));
		count++;
	}
	assert_int_equal(count, 3);
	cJSON_Delete(vectors);
}

#define SERVICE_PRIVATE "5b2c93ddf2fc6260321dbda4f494c7dc19dde0a5b11515a47b3f83198cffee86"

/* Both sides of the exchange arrive at the same secret, whatever the own key was. */
static void a_fresh_key_works_and_is_new_each_time(void **state)
{
	struct output service;
	struct output first;
	struct output second;
	struct output check;

	(void)state;
	assert_int_equal(encrypt("hunter2", SERVICE_PRIVATE, NULL, &service), 0);
	assert_int_equal(encrypt("hunter2", NULL, service.public_hex, &first), 0);
	assert_int_equal(encrypt("hunter2", NULL, service.public_hex, &second), 0);
	assert_string_not_equal(first.public_hex, second.public_hex);
	assert_string_not_equal(first.encrypted, second.encrypted);

	assert_int_equal(encrypt("hunter2", SERVICE_PRIVATE, first.public_hex, &check), 0);
	assert_string_equal(check.encrypted, first.encrypted);
	assert_int_equal(encrypt("hunter2", SERVICE_PRIVATE, second.public_hex, &check), 0);
	assert_string_equal(check.encrypted, second.encrypted);
	assert_int_equal(encrypt("hunter2", NULL, NULL, &check), 0);
}

static void upper_case_keys_are_the_same(void **state)
{
	struct output lower;
	struct output upper;

	(void)state;
	assert_int_equal(
		encrypt("x", SERVICE_PRIVATE,
			"04c5c00c4f8d1197cc7c3167c52bf7acb054d722f0ef08dcd7e0883236e0d72a38"
			"68d9750cb47fa4619248f3d83f0f662671dadc6e2d31c2f41db0161651c7c076",
			&lower),
		0);
	assert_int_equal(
		encrypt("x", SERVICE_PRIVATE,
			"04C5C00C4F8D1197CC7C3167C52BF7ACB054D722F0EF08DCD7E0883236E0D72A38"
			"68D9750CB47FA4619248F3D83F0F662671DADC6E2D31C2F41DB0161651C7C076",
			&upper),
		0);
	assert_string_equal(lower.encrypted, upper.encrypted);
	assert_int_equal(encrypt("x", SERVICE_PRIVATE, NULL, &upper), 0);
	assert_string_equal(lower.encrypted, upper.encrypted);
}

/* The base point of P-256 and its mirror image. */
#define BASE_X   "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define BASE_Y   "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define MIRROR_Y "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a"

struct scalar_case {
	const char *private_hex;
	const char *public_hex; /* NULL where it is refused */
};

static void private_keys_are_within_the_order(void **state)
{
	static const struct scalar_case cases[] = {
		{"0000000000000000000000000000000000000000000000000000000000000001",
		 "04" BASE_X BASE_Y},
		{"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
		 "04" BASE_X MIRROR_Y},
		{"0000000000000000000000000000000000000000000000000000000000000000", NULL},
		{"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NULL},
		{"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552", NULL},
		{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output output;
		int error = encrypt("hunter2", cases[i].private_hex, NULL, &output);
		if (cases[i].public_hex) {
			assert_int_equal(error, 0);
			assert_string_equal(output.public_hex, cases[i].public_hex);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
			assert_untouched(&output);
		}
	}
}

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static void refuses_what_is_no_point(void **state)
{
	static const char *const cases[] = {
		"",
		"04",
		"00",
		BASE_X BASE_Y,
		"02" BASE_X,
		"03" BASE_X BASE_Y,
		"06" BASE_X BASE_Y,
		"07" BASE_X BASE_Y,
		"00" BASE_X BASE_Y,
		"04" BASE_X BASE_Y "0",
		"04" BASE_X BASE_Y "00",
		"04" BASE_Y BASE_X,
		"04" ZERO ZERO,
		"04" BASE_X ZERO,
		"04" BASE_X "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4",
		"04" BASE_X "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51fg",
		"04" BASE_X "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f",
		/* X beyond the field. */
		"04ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" BASE_Y,
		/* X = 5 plus the field's prime, a second spelling of a point with X = 5. */
		"04ffffffff00000001000000000000000000000001000000000000000000000004"
		"459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
	};

	(void)state;
	ERR_clear_error();
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output output;
		assert_int_equal(encrypt("hunter2", NULL, cases[i], &output),
				 FLAGSHIP_ERROR_ARGUMENT);
		assert_untouched(&output);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

struct length_case {
	size_t password;
	size_t encrypted;
};

static void passwords_of_any_length(void **state)
{
	static const struct length_case cases[] = {
		{0, 24},  {1, 24},  {15, 24},     {16, 44},
		{31, 44}, {32, 64}, {1023, 1368}, {1024, FLAGSHIP_LOGIN_ENCRYPTED_SIZE - 1},
	};
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 2];
	uint8_t private_key[FLAGSHIP_LOGIN_PRIVATE_SIZE] = {1};
	struct output output;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		memset(password, 'p', cases[i].password);
		password[cases[i].password] = '\0';
		memset(&output, FILL, sizeof(output));
		assert_int_equal(flagship_login_password(password, private_key, NULL,
							 output.encrypted, cases[i].encrypted,
							 output.public_hex),
				 FLAGSHIP_ERROR_BUFFER);
		assert_untouched(&output);
		assert_int_equal(flagship_login_password(password, private_key, NULL,
							 output.encrypted, cases[i].encrypted + 1,
							 output.public_hex),
				 0);
		assert_int_equal(strlen(output.encrypted), cases[i].encrypted);
	}
}

static void refuses_passwords_that_are_too_long(void **state)
{
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 2];
	struct output output;

	(void)state;
	memset(password, 'p', sizeof(password) - 1);
	password[sizeof(password) - 1] = '\0';
	assert_int_equal(encrypt(password, NULL, NULL, &output), FLAGSHIP_ERROR_ARGUMENT);
	assert_untouched(&output);
	assert_int_equal(encrypt(NULL, NULL, NULL, &output), FLAGSHIP_ERROR_ARGUMENT);
	assert_untouched(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_pass),
		cmocka_unit_test(a_fresh_key_works_and_is_new_each_time),
		cmocka_unit_test(upper_case_keys_are_the_same),
		cmocka_unit_test(private_keys_are_within_the_order),
		cmocka_unit_test(refuses_what_is_no_point),
		cmocka_unit_test(passwords_of_any_length),
		cmocka_unit_test(refuses_passwords_that_are_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
