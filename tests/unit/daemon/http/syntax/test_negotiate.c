/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/negotiate.h"

#define ALL (HTTP_IDENTITY | HTTP_GZIP | HTTP_BROTLI)

static const struct {
	const char *header;
	unsigned int offered;
	enum http_coding chosen;
} codings[] = {
	{NULL, ALL, HTTP_IDENTITY},
	{"", ALL, HTTP_IDENTITY},
	{"gzip", ALL, HTTP_GZIP},
	{"gzip, deflate, br", ALL, HTTP_BROTLI},
	{"GZIP,BR", HTTP_IDENTITY | HTTP_GZIP, HTTP_GZIP},
	{"br", HTTP_IDENTITY, HTTP_IDENTITY},
	{"br;q=0, gzip", ALL, HTTP_GZIP},
	{"br;q=0.5, gzip;q=0.8", ALL, HTTP_GZIP},
	{"br; q=0.9 , gzip; q=0.8", ALL, HTTP_BROTLI},
	{"gzip;q=0.000", ALL, HTTP_IDENTITY},
	{"gzip;q=0.001", ALL, HTTP_GZIP},
	{"*", ALL, HTTP_BROTLI},
	{"*;q=0", ALL, HTTP_IDENTITY},
	{"br;q=0, *", ALL, HTTP_GZIP},
	{"xgzip, gzipx", ALL, HTTP_IDENTITY},
	{"gzip;x=1", ALL, HTTP_GZIP},
	{"gzip;", ALL, HTTP_GZIP},
	{"gzip ;q=0", ALL, HTTP_IDENTITY},
	{"identity", ALL, HTTP_IDENTITY},
	{"gzip;q=9", ALL, HTTP_GZIP},
};

static void a_coding_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (http_coding_choose(codings[i].header, codings[i].offered) !=
		    codings[i].chosen) {
			fail_msg("%s", codings[i].header);
		}
	}
	assert_string_equal(http_coding_name(HTTP_BROTLI), "br");
	assert_string_equal(http_coding_name(HTTP_GZIP), "gzip");
	assert_string_equal(http_coding_name(HTTP_IDENTITY), "");
}

static const struct {
	const char *header;
	const char *etag;
	bool known;
} tags[] = {
	{NULL, "\"a\"", false},
	{"\"a\"", "\"a\"", true},
	{"W/\"a\"", "\"a\"", true},
	{"\"a\"", "W/\"a\"", true},
	{"\"b\", \"a\"", "\"a\"", true},
	{"\"b,\\\", W/\"a\"", "\"a\"", true},
	{"*", "\"a\"", true},
	{"\"ab\"", "\"a\"", false},
	{"a", "\"a\"", false},
	{"\"b\",,", "\"a\"", false},
	{"\"x", "\"a\"", false},
	{"\"x, \"a\"", "\"a\"", false},
	{"\"a\"", "", false},
};

static void what_a_client_has_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (http_etag_matches(tags[i].header, tags[i].etag) != tags[i].known) {
			fail_msg("%s", tags[i].header);
		}
	}
}

static void ranges_are_of_the_same(void **state)
{
	(void)state;
	assert_true(http_etag_in_range(NULL, "\"a\""));
	assert_true(http_etag_in_range("\"a\"", "\"a\""));
	assert_false(http_etag_in_range("\"b\"", "\"a\""));
	assert_false(http_etag_in_range("W/\"a\"", "W/\"a\""));
	assert_false(http_etag_in_range("Sat, 28 Nov 2026 21:17:31 GMT", "\"a\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_coding_is_chosen),
		cmocka_unit_test(what_a_client_has_is_known),
		cmocka_unit_test(ranges_are_of_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
