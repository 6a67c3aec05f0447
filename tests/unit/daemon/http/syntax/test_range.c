/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/range.h"

#include <stdio.h>

static const struct {
	const char *header;
	uint64_t size;
	enum http_range_kind kind;
	uint64_t first;
	uint64_t length;
} ranges[] = {
	{NULL, 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=0-", 10, HTTP_RANGE_PART, 0, 10},
	{"bytes=0-0", 10, HTTP_RANGE_PART, 0, 1},
	{"Bytes=2-5", 10, HTTP_RANGE_PART, 2, 4},
	{"bytes=9-9", 10, HTTP_RANGE_PART, 9, 1},
	{"bytes=9-100", 10, HTTP_RANGE_PART, 9, 1},
	{"bytes=10-", 10, HTTP_RANGE_NONE, 0, 0},
	{"bytes=0-", 0, HTTP_RANGE_NONE, 0, 0},
	{"bytes=-1", 10, HTTP_RANGE_PART, 9, 1},
	{"bytes=-10", 10, HTTP_RANGE_PART, 0, 10},
	{"bytes=-11", 10, HTTP_RANGE_PART, 0, 10},
	{"bytes=-0", 10, HTTP_RANGE_NONE, 0, 0},
	{"bytes=-1", 0, HTTP_RANGE_NONE, 0, 0},
	{"bytes=4-3", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=0-1,3-4", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=-", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=a-b", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=1", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"lines=0-1", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=99999999999999999999-", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=0-99999999999999999999", 10, HTTP_RANGE_WHOLE, 0, 10},
	{"bytes=4294967296-", 8589934592, HTTP_RANGE_PART, 4294967296, 4294967296},
};

static void ranges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct http_range range = http_range_parse(ranges[i].header, ranges[i].size);

		if (range.kind != ranges[i].kind || range.first != ranges[i].first ||
		    range.length != ranges[i].length) {
			fail_msg("%s", ranges[i].header);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
