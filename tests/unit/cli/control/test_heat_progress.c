/* SPDX-License-Identifier: MIT */
#include "cli/control/heat_progress.h"
#include "printer/state/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND_MS INT64_C(1000)

static void test_reached_near_the_target(void **state)
{
	static const struct {
		int64_t target;
		int64_t current;
		bool reached;
	} cases[] = {
		{20000, 19799, false},
		{20000, 19800, true},
		{20000, 20200, true},
		{20000, 20201, false},
		{20000, PRINTER_NEVER, false},
		{0, 5001, false},
		{0, 5000, true},
		{0, 0, true},
		{0, PRINTER_NEVER, false},
	};
	struct heat_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		heat_progress_init(&progress, cases[i].target, 10000, 0);
		assert_int_equal(heat_progress_reached(&progress, cases[i].current),
				 cases[i].reached);
	}
}

static void test_percent_of_the_way(void **state)
{
	static const struct {
		int64_t target;
		int64_t start;
		int64_t current;
		int percent;
	} cases[] = {
		{20000, 10000, 10000, 0},
		{20000, 10000, 15000, 50},
		{20000, 10000, 20000, 100},
		{20000, 10000, 25000, 100},
		{20000, 10000, 9000, 0},
		{20000, 20000, 20000, 100},
		{10000, 20000, 15000, 50},
		{0, 25000, 15000, 50},
		{0, 25000, 5000, 100},
		{20000, PRINTER_NEVER, 15000, 0},
		{20000, 10000, PRINTER_NEVER, 0},
	};
	struct heat_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		heat_progress_init(&progress, cases[i].target, cases[i].start, 0);
		assert_int_equal(heat_progress_percent(&progress, cases[i].current),
				 cases[i].percent);
	}
}

static void test_time_left_at_the_pace_so_far(void **state)
{
	struct heat_progress progress;

	(void)state;
	heat_progress_init(&progress, 20000, 10000, 50 * SECOND_MS);
	assert_int_equal(heat_progress_left_s(&progress, 15000, 50 * SECOND_MS + 999), -1);
	assert_int_equal(heat_progress_left_s(&progress, 10200, 60 * SECOND_MS), -1);
	assert_int_equal(heat_progress_left_s(&progress, 15000, 80 * SECOND_MS), 30);
	assert_int_equal(heat_progress_left_s(&progress, 17500, 80 * SECOND_MS), 10);
	assert_int_equal(heat_progress_left_s(&progress, 20000, 80 * SECOND_MS), 0);
}

static void test_nothing_is_shown_but_on_a_terminal(void **state)
{
	struct heat_progress progress;
	FILE *stream = tmpfile();

	(void)state;
	assert_non_null(stream);
	heat_progress_init(&progress, 20000, 10000, 0);
	heat_progress_show(&progress, stream, "nozzle", 15000, SECOND_MS);
	heat_progress_clear(&progress, stream);
	assert_int_equal(ftell(stream), 0);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reached_near_the_target),
		cmocka_unit_test(test_percent_of_the_way),
		cmocka_unit_test(test_time_left_at_the_pace_so_far),
		cmocka_unit_test(test_nothing_is_shown_but_on_a_terminal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
