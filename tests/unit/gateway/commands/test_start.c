/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/kit/cli.h"
#include "failing_memory.h"
#include "running.h"
#include "stride.h"

/*
 * A gateway that is short of memory while it starts, or ends: it starts nevertheless, or says why
 * not and ends in order, and the next one takes over its folder.
 */

#define LIVES_MIN 39 /* fewer, and the allocations were not those of a start */
#define LIVES_MAX 2000

static void each_loss_ends_in_order(void **state)
{
	unsigned int failed = 0;
	unsigned int number = 1;
	bool fell = true;

	(void)state;
	for (; fell; number += (unsigned int)test_stride()) {
		assert_in_range(number, 1, LIVES_MAX);
		failing_memory_arm(number);
		int status = running_live();
		fell = failing_memory_fell();
		failing_memory_arm(0);
		assert_true(status == CLI_DONE || (fell && status == CLI_FAILED));
		failed += status != CLI_DONE;
	}
	assert_in_range(failed, LIVES_MIN / test_stride(), number);
	assert_int_equal(running_live(), CLI_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_loss_ends_in_order),
	};

	running_prepare();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	running_clear();
	return failed;
}
