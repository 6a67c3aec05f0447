/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/log/log.h"

#include <stdio.h>
#include <string.h>

#define ID  "6272226d4a896272226d4a896272226d4a891234"
#define GAP "****************************************"

static const struct {
	const char *line;
	const char *masked;
} lines[] = {
	{"", ""},
	{"mosquitto version 2.0.11 running", "mosquitto version 2.0.11 running"},
	{"New client connected from 127.0.0.1:1 as eufy_app (p2, c1, k60, u'eufy_" ID "').",
	 "New client connected from 127.0.0.1:1 as eufy_*** (p2, c1, k60, u'eufy_" GAP "')."},
	{"as pc_linux_AnkerMakeStudio_direct_" ID "_17 (p2",
	 "as pc_linux_AnkerMakeStudio_direct_" GAP "_17 (p2"},
	{"eufy_", "eufy_"},
	{"eufy_x", "eufy_*"},
	{"eufy_eufy_" ID, "eufy_*****" GAP},
	{"client AK7ABC0123456789 may not publish", "client AK7ABC0123456789 may not publish"},
	{"client 0123456789abcdef0123456 stays", "client 0123456789abcdef0123456 stays"},
	{"client 0123456789ABCDEF01234567 goes", "client ************************ goes"},
	{"u'eufy_odd shape'", "u'eufy_*** shape'"},
};

static void masks_what_is_half_of_a_login(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "%s", lines[i].line);
		log_mask(text);
		assert_string_equal(text, lines[i].masked);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_what_is_half_of_a_login),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
