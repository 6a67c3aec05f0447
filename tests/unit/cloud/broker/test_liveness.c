/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/broker/status.h"

#define CHILD 4711

static void one_that_ticks_lives(void **state)
{
	struct liveness liveness = {0};

	(void)state;
	for (uint64_t ticks = 0; ticks < 100; ticks++) {
		/* Rarely, as on a machine that has other things to do. */
		for (int look = 0; look < LIVENESS_LOOKS_MAX; look++) {
			assert_false(liveness_look(&liveness, CHILD, CHILD, ticks));
		}
	}
}

static void one_that_stands_still_hangs(void **state)
{
	struct liveness liveness = {0};

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int look = 0; look < LIVENESS_LOOKS_MAX; look++) {
			assert_false(liveness_look(&liveness, CHILD, CHILD, 7));
		}
		assert_true(liveness_look(&liveness, CHILD, CHILD, 7));
	}
}

/* A file of the one before, or none, says nothing of this one. */
static void what_is_not_of_the_child_is_no_sign(void **state)
{
	struct liveness liveness = {0};

	(void)state;
	for (int look = 0; look < 10 * LIVENESS_LOOKS_MAX; look++) {
		assert_false(liveness_look(&liveness, CHILD, CHILD - 1, 7));
		assert_false(liveness_look(&liveness, 0, CHILD - 1, 7));
	}
	for (int look = 0; look < LIVENESS_LOOKS_MAX; look++) {
		assert_false(liveness_look(&liveness, CHILD, CHILD, 7));
	}
	liveness_lose(&liveness);
	assert_false(liveness_look(&liveness, CHILD, CHILD, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_ticks_lives),
		cmocka_unit_test(one_that_stands_still_hangs),
		cmocka_unit_test(what_is_not_of_the_child_is_no_sign),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
