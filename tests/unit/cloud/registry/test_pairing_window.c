/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

#include "cloud/registry/pairing_window.h"

#include <string.h>
#include <time.h>

#define WALL INT64_C(1800000000)
#define YEAR INT64_C(31536000)
#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define NEXT "11234567-89ab-cdef-0123-456789abcdef"

/* A machine that has run for a thousand seconds. */
static struct clock_reading reading(int64_t wall_s, int64_t since_s, const char *boot)
{
	struct clock_reading now = {.wall_s = wall_s, .steady_s = 1000 + since_s};

	strcpy(now.boot, boot);
	return now;
}

static bool is_open(int64_t for_s, struct clock_reading now)
{
	const struct clock_reading begun = reading(WALL, 0, BOOT);
	char text[REGISTRY_TEXT_MAX];

	pairing_window_write(&begun, for_s, text);
	return pairing_window_is_open(text, &now);
}

/* The attack: the clock on the wall is put right by a year, to either side. */
static void no_correction_moves_its_end(void **state)
{
	static const int64_t corrections[] = {0, 1, -1, 3600, -3600, YEAR, -YEAR, -WALL};

	(void)state;
	for (size_t i = 0; i < sizeof(corrections) / sizeof(corrections[0]); i++) {
		int64_t wall_s = WALL + corrections[i];

		assert_true(is_open(600, reading(wall_s, 0, BOOT)));
		assert_true(is_open(600, reading(wall_s, 599, BOOT)));
		assert_false(is_open(600, reading(wall_s, 600, BOOT)));
		assert_false(is_open(600, reading(wall_s, YEAR, BOOT)));
		/* The steady clock cannot go back: it is another machine's, or a forgery. */
		assert_false(is_open(600, reading(wall_s, -1, BOOT)));
	}
}

static void after_a_start_of_the_machine_the_wall_counts_within_its_time(void **state)
{
	static const char *const boots[] = {NEXT, ""};

	(void)state;
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		assert_true(is_open(600, reading(WALL, -990, boots[i])));
		assert_true(is_open(600, reading(WALL + 599, YEAR, boots[i])));
		assert_false(is_open(600, reading(WALL + 600, -990, boots[i])));
		assert_false(is_open(600, reading(WALL - 1, -990, boots[i])));
		assert_false(is_open(600, reading(WALL - YEAR, -990, boots[i])));
		assert_false(is_open(600, reading(WALL + YEAR, -990, boots[i])));
	}
}

static void it_is_closed_and_no_longer_than_a_day(void **state)
{
	(void)state;
	assert_false(is_open(0, reading(WALL, 0, BOOT)));
	assert_false(is_open(-1, reading(WALL, 0, BOOT)));
	assert_true(is_open(YEAR, reading(WALL, PAIRING_WINDOW_MAX_S - 1, BOOT)));
	assert_false(is_open(YEAR, reading(WALL, PAIRING_WINDOW_MAX_S, BOOT)));
}

static void what_was_written_otherwise_opens_nothing(void **state)
{
	static const struct {
		const char *text;
		bool open;
	} cases[] = {
		{"1800000600", true}, /* of a program of before */
		{"1800000000", false},
		{"1800086400", true},
		{"1800086401", false}, /* a day at most */
		{"9999999999", false},
		{"9223372036854775807", false},
		{"9999999999999999999999", false},
		{"-9223372036854775808 1 1 " BOOT, false},
		{"1800000600 99999999999 1000 " BOOT, false},
		{"1800000600 -600 1000 " BOOT, false},
		{"1800000600 600 -9223372036854775808 " BOOT, false},
		{"1800000600 600 9223372036854775807 " BOOT, false},
		{"1800000600 600 1000 " BOOT, true},
		{"0", false},
		{"", false},
		{"open", false},
	};
	const struct clock_reading now = reading(WALL, 0, BOOT);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (pairing_window_is_open(cases[i].text, &now) != cases[i].open) {
			fail_msg("'%s'", cases[i].text);
		}
	}
}

/* The clock of this machine, as the registry keeps and asks it. */
static void the_registry_goes_by_the_steady_clock(void **state)
{
	struct temporary temporary;
	struct clock_reading now;

	(void)state;
	temporary_open(&temporary);
	clock_read(&now);
	assert_true(now.steady_s >= 0 && now.steady_s <= clock_steady_s());
	assert_true(pairing_window_open(temporary.registry, "ONE TWO", 600) >= 0);
	assert_true(registry_pairing_is_open(temporary.registry, "TWO", now.wall_s));
	assert_false(registry_pairing_is_open(temporary.registry, "THREE", now.wall_s));
	if (now.boot[0] != '\0') {
		assert_true(registry_pairing_is_open(temporary.registry, "TWO", now.wall_s + YEAR));
		assert_true(registry_pairing_is_open(temporary.registry, "TWO", now.wall_s - YEAR));
	}
	assert_true(pairing_window_close(temporary.registry) >= 0);
	assert_false(registry_pairing_is_open(temporary.registry, NULL, now.wall_s));
	temporary_close(&temporary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_correction_moves_its_end),
		cmocka_unit_test(after_a_start_of_the_machine_the_wall_counts_within_its_time),
		cmocka_unit_test(it_is_closed_and_no_longer_than_a_day),
		cmocka_unit_test(what_was_written_otherwise_opens_nothing),
		cmocka_unit_test(the_registry_goes_by_the_steady_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
