/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/login/password.h"

#include <flagship/error.h>

#include <string.h>

static void the_right_password_fits_and_no_other(void **state)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("correct horse", hash), 0);
	assert_int_equal(password_hash("correct horse", again), 0);
	assert_string_not_equal(hash, again);
	assert_true(password_verify("correct horse", hash));
	assert_false(password_verify("correct hors", hash));
	assert_false(password_verify("", hash));
	hash[strlen(hash) - 1] ^= 1;
	assert_false(password_verify("correct horse", hash));
}

/* Computed with Python's hashlib.scrypt. */
static void takes_the_parameters_from_the_hash(void **state)
{
	static const char cheap[] = "scrypt$4$1$1$000102030405060708090a0b0c0d0e0f$"
				    "a5c3eae270fffa208ff24daa81487d76"
				    "be75b6fb909b2035684147a553f76e8e";

	(void)state;
	assert_true(password_verify("pleaseletmein", cheap));
	assert_false(password_verify("pleaseletmeout", cheap));
}

static void damaged_hashes_fit_nothing(void **state)
{
	static const char *const damaged[] = {
		"",
		"scrypt",
		"scrypt$15$8$1$00$00",
		"scrypt$63$8$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$15$8$999$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$4$1$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		assert_false(password_verify("x", damaged[i]));
	}
}

static void some_passwords_cannot_be_kept(void **state)
{
	char hash[PASSWORD_HASH_SIZE];
	char endless[2000];

	(void)state;
	memset(endless, 'a', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_int_equal(password_hash("", hash), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(password_hash(NULL, hash), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(password_hash(endless, hash), FLAGSHIP_ERROR_ARGUMENT);
	assert_false(password_verify(endless, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_password_fits_and_no_other),
		cmocka_unit_test(takes_the_parameters_from_the_hash),
		cmocka_unit_test(damaged_hashes_fit_nothing),
		cmocka_unit_test(some_passwords_cannot_be_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
