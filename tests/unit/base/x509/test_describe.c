/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/x509/describe.h"

#include <string.h>

#define NAME_SIZE 64

static void names_are_texts_that_fit(void **state)
{
	X509_NAME *name = X509_NAME_new();
	char out[NAME_SIZE];

	(void)state;
	assert_non_null(name);
	x509_describe_name(name, out, sizeof(out));
	assert_string_equal(out, "");
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
						    (const unsigned char *)"Anne, Bob", -1, -1, 0),
			 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
						    (const unsigned char *)"broker.example", -1, -1,
						    0),
			 1);
	x509_describe_name(name, out, sizeof(out));
	assert_string_equal(out, "CN=broker.example,O=Anne\\, Bob");
	memset(out, 'x', sizeof(out));
	x509_describe_name(name, out, 10);
	assert_string_equal(out, "CN=broker");
	x509_describe_name(NULL, out, sizeof(out));
	assert_string_equal(out, "");
	X509_NAME_free(name);
}

static void times_are_seconds(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} times[] = {
		{"19700101000000Z", 0},
		{"19700102000001Z", 86401},
		{"19691231235959Z", -1},
		{"20261130184500Z", INT64_C(1796064300)},
		/* Beyond what 32 bits hold. */
		{"20500101000000Z", INT64_C(2524608000)},
		{"99991231235959Z", INT64_C(253402300799)},
	};
	ASN1_TIME *time = ASN1_TIME_new();

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(ASN1_TIME_set_string(time, times[i].text), 1);
		assert_int_equal(x509_unix_seconds(time), times[i].seconds);
	}
	ASN1_TIME_free(time);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_texts_that_fit),
		cmocka_unit_test(times_are_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
