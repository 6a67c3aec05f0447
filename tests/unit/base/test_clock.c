/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

/* What the clocks say, beginning with a machine that has just started. */
static struct clock_times awake_for(struct clock_times *now, int64_t ms)
{
	now->steady_ms += ms;
	now->awake_ms += ms;
	now->unix_ms += ms;
	return *now;
}

static void test_clocks_agree(void **context)
{
	struct clock_times now;
	int64_t before_ms = clock_steady_ms();
	int64_t unix_s = clock_unix_s();

	(void)context;
	clock_read_times(&now);
	assert_true(now.steady_ms >= before_ms);
	/* They are read one after the other, and a machine may be busy in between. */
	assert_true(clock_steady_ms() >= now.awake_ms);
	assert_true(now.unix_ms / 1000 >= unix_s);
	assert_true(clock_unix_ms() >= now.unix_ms);
	assert_true(clock_steady_s() >= now.steady_ms / 1000);
}

static void test_watch(void **context)
{
	static const struct {
		int64_t awake_ms;
		int64_t asleep_ms;
		int64_t step_ms;
		struct clock_change change;
	} cases[] = {
		{1000, 0, 0, {0, 0}},
		{1000, 0, HOUR_MS, {HOUR_MS, 0}},
		{1000, 0, -HOUR_MS, {-HOUR_MS, 0}},
		{1000, 0, CLOCK_STEP_MS, {0, 0}}, /* that much is not set by hand */
		{1000, 0, -CLOCK_STEP_MS - 1, {-CLOCK_STEP_MS - 1, 0}},
		{1000, HOUR_MS, 0, {0, HOUR_MS}}, /* the wall clock goes on in the sleep */
		{0, HOUR_MS, -2 * HOUR_MS, {-2 * HOUR_MS, HOUR_MS}}, /* and was set meanwhile */
		{1000, CLOCK_SLEEP_MS, 0, {0, 0}},
		{1000, 1, 0, {0, CLOCK_SLEEP_MS + 1}}, /* naps add up */
		{1000, 0, 0, {0, 0}},
		{-1, 0, 0, {0, 0}}, /* clocks never go back, but two readings are no one moment */
	};
	struct clock_times now = {.steady_ms = 5, .awake_ms = 5, .unix_ms = 1700000000000};
	struct clock_change change;
	struct clock_watch watch;

	(void)context;
	clock_watch_init(&watch, &now);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		awake_for(&now, cases[i].awake_ms);
		now.steady_ms += cases[i].asleep_ms;
		now.unix_ms += cases[i].asleep_ms + cases[i].step_ms;
		bool changed = clock_watch_look(&watch, &now, &change);
		assert_int_equal(change.stepped_ms, cases[i].change.stepped_ms);
		assert_int_equal(change.slept_ms, cases[i].change.slept_ms);
		assert_int_equal(changed, change.stepped_ms != 0 || change.slept_ms != 0);
	}
}

/* NTP slows the wall clock down or hurries it by 500 ppm at most: in a day 43 s, but no step. */
static void test_slewing_is_no_step(void **context)
{
	struct clock_times now = {.unix_ms = 1700000000000};
	struct clock_change change;
	struct clock_watch watch;

	(void)context;
	clock_watch_init(&watch, &now);
	for (int second = 0; second < 86400; second++) {
		awake_for(&now, 1000);
		now.unix_ms += second % 2;
		assert_false(clock_watch_look(&watch, &now, &change));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks_agree),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_slewing_is_no_step),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
