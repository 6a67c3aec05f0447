/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/networks.h"

static void networks_hold_what_is_in_them(void **state)
{
	(void)state;
	assert_true(networks_have("192.168.1.0/24", "192.168.1.77"));
	assert_true(networks_have("192.168.1.0/24", "::ffff:192.168.1.77"));
	assert_false(networks_have("192.168.1.0/24", "192.168.2.1"));
	assert_true(networks_have("10.0.0.1 fd00::/8", "fd12::1"));
	assert_false(networks_have("fd00::/8", "fe00::1"));
	assert_true(networks_have("0.0.0.0/0", "203.0.113.9"));
	assert_false(networks_have("0.0.0.0/0", "2001:db8::1"));
	assert_true(networks_have("10.0.0.128/25", "10.0.0.200"));
	assert_false(networks_have("10.0.0.128/25", "10.0.0.100"));
	assert_false(networks_have("", "127.0.0.1"));
	assert_false(networks_have("10.0.0.0/8", "nonsense"));
}

static void lists_are_checked(void **state)
{
	static const char *const wrong[] = {
		"x",           "10.0.0.0/33", "::/129",      "10.0.0.0/", "10.0.0.0/-1",
		"10.0.0.0/ 8", "10.0.0",      "1.2.3.4/8/8", " ",         "10.0.0.1  10.0.0.2"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(networks_valid(wrong[i]));
	}
	assert_true(networks_valid(""));
	assert_true(networks_valid("10.0.0.0/8 ::1 fd00::/8 127.0.0.1"));
}

static void loopback_is_told_from_all_others(void **state)
{
	(void)state;
	assert_true(address_is_loopback("127.0.0.1"));
	assert_true(address_is_loopback("127.255.0.1"));
	assert_true(address_is_loopback("::1"));
	assert_true(address_is_loopback("::ffff:127.0.0.1"));
	assert_false(address_is_loopback("128.0.0.1"));
	assert_false(address_is_loopback("::2"));
	assert_false(address_is_loopback("unix"));
	assert_false(address_is_loopback(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_what_is_in_them),
		cmocka_unit_test(lists_are_checked),
		cmocka_unit_test(loopback_is_told_from_all_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
