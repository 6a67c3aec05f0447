/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/head.h"

#include <stdlib.h>
#include <string.h>

/* Without a NUL behind it, so that a tool sees who reads beyond. */
static char *copy(const char *text, size_t *length)
{
	char *bytes;

	*length = strlen(text);
	bytes = malloc(*length);
	assert_non_null(bytes);
	memcpy(bytes, text, *length);
	return bytes;
}

static int parse(const char *text, struct http_head *head)
{
	static char *kept; /* as long as the head is looked at */
	size_t length;

	free(kept);
	kept = copy(text, &length);
	return http_head_parse(kept, length, head);
}

static void a_request_is_read(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(parse("POST /a%20b?x=1&y=?2 HTTP/1.1\r\nHost: h\r\nX-Api-KEY: \t k \r\n"
			       "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n",
			       &head),
			 0);
	assert_int_equal(head.method, HTTP_POST);
	assert_string_equal(head.method_name, "POST");
	assert_string_equal(head.target, "/a%20b");
	assert_string_equal(head.query, "x=1&y=?2");
	assert_string_equal(http_head_field(&head, "x-api-key"), "k");
	assert_null(http_head_field(&head, "x-api"));
	assert_int_equal(head.framing, HTTP_FRAMING_LENGTH);
	assert_int_equal(head.length, 12);
	assert_true(head.awaits_continue && head.keeps_alive && !head.upgrades);
}

static void what_a_request_means_is_read(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(parse("GET http://other.example/x HTTP/1.1\r\nHost: h\r\n"
			       "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
			       &head),
			 0);
	assert_string_equal(head.target, "/x");
	assert_string_equal(head.query, "");
	assert_true(head.upgrades && head.keeps_alive);
	assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &head), 0);
	assert_false(head.keeps_alive);
	assert_int_equal(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &head), 0);
	assert_true(head.keeps_alive);
	assert_int_equal(parse("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n"
			       "connection: foo , close\r\n\r\n",
			       &head),
			 0);
	assert_int_equal(head.framing, HTTP_FRAMING_CHUNKED);
	assert_false(head.keeps_alive);
	assert_int_equal(parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", &head),
			 0);
	assert_int_equal(head.framing, HTTP_FRAMING_NONE);
	assert_int_equal(parse("PURGE / HTTP/1.1\r\nHost: h\r\n\r\n", &head), 0);
	assert_int_equal(head.method, HTTP_OTHER);
	assert_string_equal(head.method_name, "PURGE");
}

#define HOST "Host: h\r\n"

static const struct {
	const char *text;
	int status;
} refused[] = {
	{"GET / HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
	{"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
	{"GET / HTTP/1.11\r\n" HOST "\r\n", 505},
	{"GET / http/1.1\r\n" HOST "\r\n", 505},
	{"GET /\r\n" HOST "\r\n", 400},
	{"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
	{" GET / HTTP/1.1\r\n" HOST "\r\n", 400},
	{"G(T / HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET http://x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET /\x80 HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET /#x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"CONNECT h:443 HTTP/1.1\r\n" HOST "\r\n", 400},
	{"PRI * HTTP/2.0\r\n\r\n", 400},
	{"GET / HTTP/1.1\n" HOST "\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: h\n\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "A: b\x01\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "A: b\rX: y\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST "Expect: more\r\n\r\n", 417},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1 2\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000000000000000\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
	 400},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
};

static void what_others_may_read_differently_is_refused(void **state)
{
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		int status = parse(refused[i].text, &head);

		if (status != refused[i].status) {
			fail_msg("%d for %s", status, refused[i].text);
		}
	}
}

static void a_nul_is_no_character(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: h\0\r\n\r\n";
	char bytes[sizeof(text)];
	struct http_head head;

	(void)state;
	memcpy(bytes, text, sizeof(text));
	assert_int_equal(http_head_parse(bytes, sizeof(text) - 1, &head), 400);
}

static void headers_are_counted(void **state)
{
	char text[4096] = "GET / HTTP/1.1\r\n" HOST;
	struct http_head head;

	(void)state;
	for (int i = 1; i < HTTP_HEADERS_MAX; i++) {
		strcat(text, "A: b\r\n");
	}
	size_t length = strlen(text);

	strcat(text, "\r\n");
	assert_int_equal(parse(text, &head), 0);
	assert_int_equal(head.field_count, HTTP_HEADERS_MAX);
	strcpy(text + length, "A: b\r\n\r\n");
	assert_int_equal(parse(text, &head), 431);
}

static void the_end_is_found_in_any_pieces(void **state)
{
	const char *text = "GET / HTTP/1.1\r\nA: b\r\n\r\nrest\r\n\r\n";
	size_t end = strlen(text) - strlen("rest\r\n\r\n");

	(void)state;
	for (size_t first = 0; first < end; first++) {
		assert_int_equal(http_head_find_end(text, first, 0), 0);
		assert_int_equal(http_head_find_end(text, strlen(text), first), end);
	}
	assert_int_equal(http_head_find_end("\r\r\n\r\n", 5, 0), 5);
}

static void lists_have_words(void **state)
{
	(void)state;
	assert_true(http_list_has("a, Close ,b", "close"));
	assert_true(http_list_has("close", "close"));
	assert_false(http_list_has("closed, not close x", "close"));
	assert_false(http_list_has(NULL, "close"));
	assert_false(http_list_has("", "close"));
	assert_false(http_list_has(" ,, ", "close"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read),
		cmocka_unit_test(what_a_request_means_is_read),
		cmocka_unit_test(what_others_may_read_differently_is_refused),
		cmocka_unit_test(a_nul_is_no_character),
		cmocka_unit_test(headers_are_counted),
		cmocka_unit_test(the_end_is_found_in_any_pieces),
		cmocka_unit_test(lists_have_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
