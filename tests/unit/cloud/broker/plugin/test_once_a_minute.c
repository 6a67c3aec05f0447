/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/once_a_minute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEN_MINUTES_S 600

static void the_first_time_and_then_after_a_minute(void **state)
{
	int64_t reported_at_s = 0;

	(void)state;
	assert_true(once_a_minute(&reported_at_s, 5));
	assert_false(once_a_minute(&reported_at_s, 5));
	assert_false(once_a_minute(&reported_at_s, 64));
	assert_true(once_a_minute(&reported_at_s, 65));
	assert_false(once_a_minute(&reported_at_s, 66));
	/* After a long silence at once, and no more often for it. */
	assert_true(once_a_minute(&reported_at_s, 1000));
	assert_false(once_a_minute(&reported_at_s, 1001));
}

/* Two printers with a wrong key that speak each second: each of them has a line a minute. */
static void each_thing_by_itself(void **state)
{
	int64_t left_s = 0;
	int64_t right_s = 0;
	int left = 0;
	int right = 0;

	(void)state;
	for (int64_t now_s = 1; now_s <= TEN_MINUTES_S; now_s++) {
		left += once_a_minute(&left_s, now_s);
		right += now_s > TEN_MINUTES_S / 2 && once_a_minute(&right_s, now_s);
	}
	assert_int_equal(left, 10);
	assert_int_equal(right, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_time_and_then_after_a_minute),
		cmocka_unit_test(each_thing_by_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
