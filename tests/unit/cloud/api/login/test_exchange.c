/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/api/login/exchange.h"
#include "cloud/broker/certificate.h"

#include "stride.h"

#include <flagship/error.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct files {
	char folder[PATH_MAX / 2];
	char key[PATH_MAX];
};

static int make(void **state)
{
	struct files *files = calloc(1, sizeof(*files));
	const char *parent = getenv("TMPDIR");

	if (files == NULL) {
		return 1;
	}
	snprintf(files->folder, sizeof(files->folder), "%s/flagship-exchange.XXXXXX",
		 parent != NULL ? parent : "/tmp");
	*state = files;
	if (mkdtemp(files->folder) == NULL) {
		return 1;
	}
	snprintf(files->key, sizeof(files->key), "%s/key", files->folder);
	return 0;
}

static int drop(void **state)
{
	struct files *files = *state;
	int result;

	unlink(files->key);
	result = rmdir(files->folder);
	free(files);
	return result;
}

static void opens_what_the_library_encrypts(void **state)
{
	static const char *const passwords[] = {"",
						"x",
						"correct horse battery staple",
						"fifteen bytes!!",
						"sixteen bytes!!!",
						"p\xc3\xa4ssw\xc3\xb6rd"};
	struct files *files = *state;
	struct exchange *exchange;
	char encrypted[FLAGSHIP_LOGIN_ENCRYPTED_SIZE];
	char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	char opened[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char longest[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];

	assert_int_equal(certificate_make_key(files->key, CERTIFICATE_ECDSA), 0);
	assert_int_equal(exchange_create(files->key, &exchange), 0);
	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		assert_int_equal(flagship_login_password(passwords[i], NULL,
							 exchange_public_hex(exchange), encrypted,
							 sizeof(encrypted), public_hex),
				 0);
		assert_true(exchange_open(exchange, encrypted, public_hex, opened));
		assert_string_equal(opened, passwords[i]);
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(flagship_login_password(longest, NULL, exchange_public_hex(exchange),
						 encrypted, sizeof(encrypted), public_hex),
			 0);
	assert_true(exchange_open(exchange, encrypted, public_hex, opened));
	assert_string_equal(opened, longest);
	/* For the vendor's service, and with another point. */
	assert_int_equal(
		flagship_login_password("x", NULL, NULL, encrypted, sizeof(encrypted), public_hex),
		0);
	assert_false(exchange_open(exchange, encrypted, public_hex, opened) &&
		     strcmp(opened, "x") == 0);
	exchange_destroy(exchange);
	exchange_destroy(NULL);
}

static void refuses_what_is_no_exchange(void **state)
{
	static const char good_point[] =
		"04c5c00c4f8d1197cc7c3167c52bf7acb054d722f0ef08dcd7e0883236e0d72a38"
		"68d9750cb47fa4619248f3d83f0f662671dadc6e2d31c2f41db0161651c7c076";
	static const struct {
		const char *encrypted;
		const char *point;
	} cases[] = {
		{"", good_point},
		{"AAAA", good_point},
		{"AAAAAAAAAAAAAAAAAAAAAA=", good_point},
		{"AAAAAAAAAAAAAAAAAAAAA!==", good_point},
		{"====", good_point},
		{"AAAAAAAAAAAAAAAAAAAAAA==", ""},
		{"AAAAAAAAAAAAAAAAAAAAAA==", "04"},
		{"AAAAAAAAAAAAAAAAAAAAAA==",
		 "04000000000000000000000000000000000000000000000000000000000000000000000000000000"
		 "00000000000000000000000000000000000000000000000000"},
		{"AAAAAAAAAAAAAAAAAAAAAA==",
		 "zzc5c00c4f8d1197cc7c3167c52bf7acb054d722f0ef08dcd7e0883236e0d72a3868d9750cb47fa4"
		 "619248f3d83f0f662671dadc6e2d31c2f41db0161651c7c076"},
	};
	struct files *files = *state;
	struct exchange *exchange;
	char opened[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];

	assert_int_equal(certificate_make_key(files->key, CERTIFICATE_ECDSA), 0);
	assert_int_equal(exchange_create(files->key, &exchange), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (exchange_open(exchange, cases[i].encrypted, cases[i].point, opened)) {
			fail_msg("case %zu was opened", i);
		}
	}
	exchange_destroy(exchange);
}

static void only_a_p256_key_will_do(void **state)
{
	struct files *files = *state;
	struct exchange *exchange;
	FILE *file;

	assert_int_equal(exchange_create(files->key, &exchange), FLAGSHIP_ERROR_STORE);
	file = fopen(files->key, "w");
	assert_non_null(file);
	fputs("no key\n", file);
	fclose(file);
	assert_int_equal(exchange_create(files->key, &exchange), FLAGSHIP_ERROR_STORE);
	/* Its primes take a minute to be found where each step is slow. */
	if (test_stride() == 1) {
		assert_int_equal(certificate_make_key(files->key, CERTIFICATE_RSA), 0);
		assert_int_equal(exchange_create(files->key, &exchange), FLAGSHIP_ERROR_STORE);
	}
	assert_null(exchange);
}

static void hosts_are_names_or_addresses(void **state)
{
	static const char *const good[] = {"localhost", "a.b-c.example", "*.example.org",
					   "192.0.2.1", "::1",           "2001:db8::1",
					   "my_host"};
	static const char *const bad[] = {"",   "with space", "*",   "*.",    ".x",
					  "-x", "a*b",        "a/b", "DNS:x", "x,IP:1.2.3.4"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(certificate_host_valid(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(certificate_host_valid(bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_what_the_library_encrypts, make, drop),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_exchange, make, drop),
		cmocka_unit_test_setup_teardown(only_a_p256_key_will_do, make, drop),
		cmocka_unit_test(hosts_are_names_or_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
