/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/http/retry.h"

#include <string.h>

#define NOW     INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOTHING (-1)

struct value_case {
	const char *text;
	int64_t seconds; /* NOTHING where it is no value */
};

static const struct value_case values[] = {
	{"0", 0},
	{"120", 120},
	{" \t7 \r\n", 7},
	{"007", 7},
	{"99999999999999999999999999", 1000000000},
	{"Sun, 06 Nov 1994 08:49:37 GMT", 0},
	{"Sun, 06 Nov 1994 08:49:38 GMT\r\n", 1},
	{"Sun, 06 Nov 1994 08:50:37 GMT", 60},
	{"Mon, 07 Nov 1994 08:49:37 GMT", 86400},
	{"Wed, 28 Feb 1996 08:49:37 GMT", 479 * 86400},
	{"Thu, 29 Feb 1996 08:49:37 GMT", 480 * 86400},
	{"Fri, 01 Mar 1996 08:49:37 GMT", 481 * 86400},
	{"Wed, 01 Mar 2000 08:49:37 GMT", 1942 * 86400},
	{"Tue, 29 Feb 2000 08:49:37 GMT", 1941 * 86400},
	{"Sun, 06 Nov 1994 08:49:36 GMT", 0},
	{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	{"Sun, 06 Nov 1994 08:49:60 GMT", 23},
	{"", NOTHING},
	{" ", NOTHING},
	{"-1", NOTHING},
	{"1.5", NOTHING},
	{"12 s", NOTHING},
	{"soon", NOTHING},
	{"Sun, 06 Nov 1994 08:49:37 UTC", NOTHING},
	{"Sun, 06 Nov 1994 08:49:37", NOTHING},
	{"Sun, 00 Nov 1994 08:49:37 GMT", NOTHING},
	{"Sun, 32 Nov 1994 08:49:37 GMT", NOTHING},
	{"Sun, 06 nov 1994 08:49:37 GMT", NOTHING},
	{"Sun, 06 ovD 1994 08:49:37 GMT", NOTHING},
	{"Sun, 06 Nov 1969 08:49:37 GMT", NOTHING},
	{"Sun, 06 Nov 1994 24:49:37 GMT", NOTHING},
	{"Sun, 06 Nov 1994 08:60:37 GMT", NOTHING},
	{"Sun, 06 Nov 1994 08:49:61 GMT", NOTHING},
	{"Sun, 06 Nov 1994 0x:49:37 GMT", NOTHING},
	{"Sun, 06 Nov 1994 08-49-37 GMT", NOTHING},
	{"Sun, 06 Nov 1994 08:49:37 GMTx", NOTHING},
};

static void reads_both_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		int64_t seconds = NOTHING;
		bool read = http_retry_after_parse(values[i].text, strlen(values[i].text), NOW,
						   &seconds);

		assert_int_equal(seconds, values[i].seconds);
		assert_int_equal(read, values[i].seconds != NOTHING);
	}
}

static void reads_no_further_than_told(void **state)
{
	int64_t seconds;

	(void)state;
	assert_true(http_retry_after_parse("123", 2, NOW, &seconds));
	assert_int_equal(seconds, 12);
	assert_false(http_retry_after_parse("Sun, 06 Nov 1994 08:49:37 GMT", 28, NOW, &seconds));
}

static void knows_what_may_pass(void **state)
{
	static const long again[] = {429, 500, 502, 503, 504, 599};
	static const long never[] = {0, 200, 301, 400, 401, 404, 408, 428, 430, 499, 600};

	(void)state;
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		assert_true(http_retry_status(again[i]));
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_false(http_retry_status(never[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_forms),
		cmocka_unit_test(reads_no_further_than_told),
		cmocka_unit_test(knows_what_may_pass),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
