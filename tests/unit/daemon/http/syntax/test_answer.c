/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/answer.h"

#include <string.h>

static void a_head_is_written(void **state)
{
	const struct http_header headers[] = {{"etag", "\"a\""}, {"x-empty", ""}};
	const struct http_answer answer = {
		.status = 200,
		.date = "Sat, 28 Nov 2026 21:17:31 GMT",
		.content_type = "text/plain",
		.length = 5,
		.closes = true,
		.headers = headers,
		.header_count = 2,
	};
	char out[512];
	size_t length = http_answer_write(&answer, out, sizeof(out));

	(void)state;
	out[length] = '\0';
	assert_string_equal(out, "HTTP/1.1 200 OK\r\ndate: Sat, 28 Nov 2026 21:17:31 GMT\r\n"
				 "content-type: text/plain\r\ncontent-length: 5\r\n"
				 "connection: close\r\netag: \"a\"\r\nx-empty: \r\n\r\n");
	for (size_t capacity = 0; capacity <= length; capacity++) {
		assert_int_equal(http_answer_write(&answer, out, capacity), 0);
	}
}

static void the_end_of_a_body_is_told(void **state)
{
	static const struct {
		int64_t length;
		const char *has;
	} ends[] = {
		{0, "\r\ncontent-length: 0\r\n"},
		{HTTP_LENGTH_CHUNKED, "\r\ntransfer-encoding: chunked\r\n"},
		{HTTP_LENGTH_CLOSE, "\r\nconnection: close\r\n"},
		{HTTP_LENGTH_NONE, "Not Modified\r\n\r\n"},
	};
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const struct http_answer answer = {.status = 304, .length = ends[i].length};

		out[http_answer_write(&answer, out, sizeof(out))] = '\0';
		assert_non_null(strstr(out, ends[i].has));
	}
}

static void no_header_begins_another(void **state)
{
	static const struct http_header bad[] = {
		{"a", "b\r\nset-cookie: c"},
		{"a", "b\n"},
		{"a\r\nb", "c"},
		{"a: b", "c"},
		{"a b", "c"},
		{"a", "\x7f"},
	};
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct http_answer answer = {
			.status = 200, .headers = &bad[i], .header_count = 1};

		assert_int_equal(http_answer_write(&answer, out, sizeof(out)), 0);
	}
	const struct http_answer type = {.status = 200, .content_type = "a\r\nb: c"};
	const struct http_answer status = {.status = 1000};

	assert_int_equal(http_answer_write(&type, out, sizeof(out)), 0);
	assert_int_equal(http_answer_write(&status, out, sizeof(out)), 0);
}

static void dates_are_written(void **state)
{
	char out[HTTP_DATE_SIZE];

	(void)state;
	http_date(0, out);
	assert_string_equal(out, "Thu, 01 Jan 1970 00:00:00 GMT");
	http_date(1795900651, out);
	assert_string_equal(out, "Sat, 28 Nov 2026 21:17:31 GMT");
	http_date(4102444799, out);
	assert_string_equal(out, "Thu, 31 Dec 2099 23:59:59 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_written),
		cmocka_unit_test(the_end_of_a_body_is_told),
		cmocka_unit_test(no_header_begins_another),
		cmocka_unit_test(dates_are_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
