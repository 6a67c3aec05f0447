/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/activity/activity.h"

#include <string.h>

static void changes_count_and_nothing_else(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		bool counts;
	} cases[] = {
		{"PUT", "/api/v1/files/a.gcode", true},
		{"POST", "/octoprint/Left/api/files/local", true},
		{"POST", "/server/files/upload", true},
		{"DELETE", "/api/v1/accounts/01234567", true},
		{"POST", "/api/v1/printers/Left/queue", true},
		{"GET", "/api/v1/backup", true},
		{"DELETE", "/api/v1/timelapses/7", true},
		{"PATCH", "/api/v1/timelapse", true},
		{"PATCH", "/api/v1/printers/Left/timelapse", true},
		{"PUT", "/api/v1/printers/Left/camera", true},
		{"POST", "/api/v1/cloud", true},
		{"POST", "/api/v1/cloud/pairing", true},
		{"POST", "/api/v1/cloud/takeover", false},
		{"GET", "/api/v1/cloud", false},
		{"GET", "/api/v1/printers/Left/camera", false},
		{"POST", "/api/v1/printers/Left/camera/light", false},
		{"GET", "/api/v1/files/a.gcode", false},
		{"HEAD", "/api/v1/backup", false},
		{"POST", "/api/v1/printers/Left/commands", false},
		{"POST", "/api/v1/login", false},
		{"POST", "/api/v1/keysmith", false},
		{"POST", "/printer/gcode/script", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(activity_counts(cases[i].method, cases[i].path), cases[i].counts);
	}
}

static void the_newest_are_kept(void **state)
{
	static struct activity activity;
	struct activity_entry entry = {.method = "PUT"};

	(void)state;
	assert_int_equal(activity_count(&activity), 0);
	for (int i = 0; i < ACTIVITY_MAX + 3; i++) {
		entry.status = i;
		activity_note(&activity, &entry);
		assert_int_equal(activity_at(&activity, 0)->status, i);
	}
	assert_int_equal(activity_count(&activity), ACTIVITY_MAX);
	assert_int_equal(activity_at(&activity, ACTIVITY_MAX - 1)->status, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_count_and_nothing_else),
		cmocka_unit_test(the_newest_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
