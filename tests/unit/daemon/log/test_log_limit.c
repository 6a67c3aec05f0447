/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/log/limit.h"

#include <stdio.h>
#include <string.h>

static void a_client_has_a_few_lines_a_minute(void **state)
{
	static struct log_limit limit;
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;
	unsigned int written = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		written += log_limit_admits(&limit, "loud", 1000);
	}
	assert_int_equal(written, LOG_LIMIT_LINES);
	assert_true(log_limit_admits(&limit, "quiet", 1000));
	assert_false(log_limit_over(&limit, 1000 + LOG_LIMIT_WINDOW_S - 1, name, &more));
	assert_true(log_limit_over(&limit, 1000 + LOG_LIMIT_WINDOW_S, name, &more));
	assert_string_equal(name, "loud");
	assert_int_equal(more, 100000 - LOG_LIMIT_LINES);
	assert_false(log_limit_over(&limit, 1000 + LOG_LIMIT_WINDOW_S, name, &more));
	assert_true(log_limit_admits(&limit, "loud", 1000 + LOG_LIMIT_WINDOW_S));
}

/* A client that names itself anew each time gets no more than the names that are kept. */
static void many_names_share_one(void **state)
{
	static struct log_limit limit;
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;
	unsigned int written = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "client %d", i);
		written += log_limit_admits(&limit, name, 5);
	}
	assert_int_equal(written, LOG_LIMIT_NAMES + LOG_LIMIT_LINES);
	assert_true(log_limit_over(&limit, 5 + LOG_LIMIT_WINDOW_S, name, &more));
	assert_string_equal(name, "others");
	assert_int_equal(more, 20000 - LOG_LIMIT_NAMES - LOG_LIMIT_LINES);
	/* A minute later all have room again. */
	assert_true(log_limit_admits(&limit, "somebody", 5 + LOG_LIMIT_WINDOW_S));
	assert_false(log_limit_over(&limit, 5 + 2 * LOG_LIMIT_WINDOW_S, name, &more));
}

static void long_names_are_cut(void **state)
{
	static struct log_limit limit;
	char name[200];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < LOG_LIMIT_LINES; i++) {
		assert_true(log_limit_admits(&limit, name, 0));
	}
	assert_false(log_limit_admits(&limit, name, 0));
}

static void lines_are_about_a_client(void **state)
{
	static const struct {
		const char *line, *name;
	} cases[] = {
		{"New client connected from 127.0.0.1:4711 as dev_fdm_1 (p2, c1, k60, u'eufy_x').",
		 "dev_fdm_1"},
		{"New connection from 127.0.0.1:4711 on port 8789.", "127.0.0.1"},
		{"New connection from 2001:db8::1:4711 on port 8789.", "2001:db8::1"},
		{"Client dev_fdm_1 closed its connection.", "dev_fdm_1"},
		{"Client <unknown> disconnected: Protocol error.", "<unknown>"},
		{"Client connection from 10.0.0.1 denied access by tcpd.", "10.0.0.1"},
		{"flagship: client one may not subscribe to #: wildcards", "one"},
		{"flagship: login refused, client two from 10.0.0.1: wrong password", "two"},
		{"OpenSSL Error[0]: error:0A000126:SSL routines", "OpenSSL Error[]: error:A"},
		{"Outgoing messages are being dropped for client x.", "x."},
		{"10.0.0.7 POST /v2/passport/login: 200", "10.0.0.7"},
		{"2001:db8::7 GET /: 404", "2001:db8::7"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[LOG_LIMIT_NAME_SIZE];

		log_limit_name_of(cases[i].line, name);
		assert_string_equal(name, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_has_a_few_lines_a_minute),
		cmocka_unit_test(many_names_share_one),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(lines_are_about_a_client),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
