/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/registry/hints.h"

#include <string.h>

#define SERIAL "AK7LEFT000000001"

static void forms_are_what_stays_from_connection_to_connection(void **state)
{
	static const char *const cases[][2] = {
		{"device_linux_V8111_direct_0a1b2c3d4e5f_" SERIAL,
		 "device_linux_V8111_direct_HEX_SERIAL"},
		{"device_linux_V8111_direct_ffffffffffff_" SERIAL,
		 "device_linux_V8111_direct_HEX_SERIAL"},
		{"dev_fdm_1700000000_" SERIAL, "dev_fdm_NUMBER_SERIAL"},
		{"auto-6B8D9E1F-0000-AAAA", "auto-"},
		{"printer", "printer"},
		{"", ""},
		{"a1b2c3", "a1b2c3"},
	};
	char form[REGISTRY_TEXT_MAX];
	char long_id[2 * REGISTRY_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hints_form(cases[i][0], SERIAL, form);
		assert_string_equal(form, cases[i][1]);
	}
	memset(long_id, '_', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = '\0';
	hints_form(long_id, SERIAL, form);
	assert_int_equal(strlen(form), REGISTRY_TEXT_MAX - 1);
}

static void what_asks_for_approval_and_what_is_reported(void **state)
{
	static const struct {
		const char *username;
		const char *form;
		const char *address;
		bool is_here;
		unsigned int changes;
		bool asks;
	} cases[] = {
		{"eufy_fdm_X", "dev", "192.168.1.5", true, 0, false},
		{"eufy_fdm_X", "dev", "192.168.1.77", false, HINTS_ADDRESS, false},
		{"eufy_fdm_X", "dev", "192.168.1.77", true, HINTS_ADDRESS, true},
		{"eufy_fdm_X", "dev", "192.168.2.5", false, HINTS_ADDRESS | HINTS_NETWORK, true},
		{"eufy_fdm_X", "dev", "fd00::5", false, HINTS_ADDRESS | HINTS_NETWORK, true},
		{"eufy_fdm_X", "dev", "::ffff:192.168.1.9", false, HINTS_ADDRESS, false},
		{"other", "dev", "192.168.1.5", false, HINTS_USERNAME, true},
		{"eufy_fdm_X", "pc", "192.168.1.5", false, HINTS_FORM, true},
	};
	const struct registry_hints kept = {
		.username = "eufy_fdm_X", .client_form = "dev", .address = "192.168.1.5"};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct registry_hints now = {.username = ""};

		strcpy(now.username, cases[i].username);
		strcpy(now.client_form, cases[i].form);
		strcpy(now.address, cases[i].address);
		unsigned int changes = hints_changes(&kept, &now);
		assert_int_equal(changes, cases[i].changes);
		assert_int_equal(hints_ask(changes, cases[i].is_here), cases[i].asks);
		hints_describe(changes, &kept, &now, text, sizeof(text));
		assert_int_equal(text[0] != '\0', changes != 0);
		assert_true(!(changes & HINTS_ADDRESS) || strstr(text, "instead of 192.168.1.5"));
	}
}

static void networks_of_ipv6_are_a_64(void **state)
{
	struct registry_hints kept = {.address = "fd00:1:2:3::5"};
	struct registry_hints near = {.address = "fd00:1:2:3:aaaa::1"};
	struct registry_hints far = {.address = "fd00:1:2:4::5"};

	(void)state;
	assert_int_equal(hints_changes(&kept, &near), HINTS_ADDRESS);
	assert_int_equal(hints_changes(&kept, &far), HINTS_ADDRESS | HINTS_NETWORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_what_stays_from_connection_to_connection),
		cmocka_unit_test(what_asks_for_approval_and_what_is_reported),
		cmocka_unit_test(networks_of_ipv6_are_a_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
