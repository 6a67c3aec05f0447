/* SPDX-License-Identifier: MIT */
#include "daemon/run/bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_read(void **state)
{
	static const struct {
		const char *setting;
		size_t count; /* 0: refused */
	} cases[] = {
		{"127.0.0.1", 1},
		{"  192.168.1.5   fd00::5 ", 2},
		{"a b c d", 4},
		{"", 0},
		{"   ", 0},
		{"a b c d e", 0},
		{"1234:1234:1234:1234:1234:1234:1234:1234%ethernet0", 0},
	};
	struct bind bind;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(bind_read(cases[i].setting, &bind), cases[i].count > 0);
		if (cases[i].count > 0) {
			assert_int_equal(bind.count, cases[i].count);
		}
	}
	assert_true(bind_read(" 192.168.1.5  fd00::5 ", &bind));
	assert_string_equal(bind.addresses[0], "192.168.1.5");
	assert_string_equal(bind.addresses[1], "fd00::5");
}

static void test_check(void **state)
{
	static const struct {
		const char *setting;
		const char *problem; /* NULL: none */
	} cases[] = {
		{"127.0.0.1", NULL},
		{"127.77.0.5", NULL},
		{"0.0.0.0", NULL},
		{"127.0.0.1 127.0.0.2", NULL},
		{"192.0.2.77", "192.0.2.77 is no address of this machine"},
		{"127.0.0.1 192.0.2.77", "192.0.2.77 is no address of this machine"},
		{"localhost", "'localhost' is no address"},
		{"127.1", "'127.1' is no address"},
		{"127.0.0.1:8789", "'127.0.0.1:8789' is no address"},
		{"[::1]", "'[::1]' is no address"},
		{"*", "'*' is no address"},
		{"127.0.0.1 127.0.0.1", "are the same"},
		{"0.0.0.0 127.0.0.1", "holds the other"},
		{"127.0.0.1 0.0.0.0", "holds the other"},
	};
	struct problem problem;
	struct bind bind;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(bind_read(cases[i].setting, &bind));
		assert_int_equal(bind_check(&bind, &problem), cases[i].problem == NULL);
		if (cases[i].problem) {
			assert_non_null(strstr(problem.text, cases[i].problem));
		} else {
			assert_string_equal(problem.text, "");
		}
	}
}

static void test_kinds(void **state)
{
	static const struct {
		const char *setting;
		bool loopback;
	} cases[] = {
		{"127.0.0.1", true},    {"127.9.9.9 ::1", true},    {"0:0:0:0:0:0:0:1", true},
		{"192.168.1.5", false}, {"::1 192.168.1.5", false}, {"0.0.0.0", false},
		{"::", false},
	};
	struct bind bind;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(bind_read(cases[i].setting, &bind));
		assert_int_equal(bind_is_loopback(&bind), cases[i].loopback);
	}
	assert_true(bind_is_all("0.0.0.0") && bind_is_all("::") && bind_is_all("0:0:0:0:0:0:0:0"));
	assert_false(bind_is_all("127.0.0.1") || bind_is_all("::1") || bind_is_all("nonsense"));
	assert_true(bind_is_ipv6("::") && !bind_is_ipv6("0.0.0.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
