/* SPDX-License-Identifier: MIT */
#include "base/time/time_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1795930200123) /* 2026-11-29T10:10:00.123Z */

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_ms;
	} cases[] = {
		{"0", 0},
		{"1795930200", INT64_C(1795930200000)},
		{"1795930200.5", INT64_C(1795930200500)},
		{"2026-11-29T10:10:00.123Z", INT64_C(1795947000123)},
		{"2026-11-29T11:10:00+01:00", INT64_C(1795947000000)},
		{"2026-11-29", INT64_C(1795910400000)},
		{"2026-11-29 00:00", INT64_C(1795910400000)},
		{"1970-01-01", 0},
		{"90s", NOW_MS - 90000},
		{"10m", NOW_MS - 600000},
		{"2h", NOW_MS - 7200000},
		{"1w", NOW_MS - INT64_C(604800000)},
		{"999999999999w", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t unix_ms = -1;

		if (!time_text_read(cases[i].text, NOW_MS, false, &unix_ms) ||
		    unix_ms != cases[i].unix_ms) {
			fail_msg("%s: %lld", cases[i].text, (long long)unix_ms);
		}
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"now",
		"-1",
		"2h ",
		"1y",
		"2026-13-01",
		"2026-02-30",
		"2026-11-29T25:00",
		"2026-11-29T",
		"2026-11-29X",
		"1969-12-31",
		"2026-11-29T1",
		"2026-11-29T10:10+1",
		"1234567890123",
		"1.",
	};
	int64_t unix_ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (time_text_read(cases[i], NOW_MS, false, &unix_ms)) {
			fail_msg("'%s' was taken", cases[i]);
		}
	}
}

static void local_times_have_a_zone(void **state)
{
	int64_t unix_ms;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_true(time_text_read_ahead("2h", NOW_MS, false, &unix_ms));
	assert_int_equal(unix_ms, NOW_MS + 7200000);
	assert_true(time_text_read_ahead("999999999999w", NOW_MS, false, &unix_ms));
	assert_true(unix_ms > NOW_MS);
	assert_true(time_text_read("2026-11-29", NOW_MS, true, &unix_ms));
	assert_int_equal(unix_ms, INT64_C(1795910400000) - 3600000);
	assert_true(time_text_read("2026-07-01T12:00", NOW_MS, true, &unix_ms));
	assert_int_equal(unix_ms, INT64_C(1782900000000));
	assert_true(time_text_read("2026-11-29T00:00Z", NOW_MS, true, &unix_ms));
	assert_int_equal(unix_ms, INT64_C(1795910400000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(local_times_have_a_zone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
