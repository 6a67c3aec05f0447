/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/deadlines.h"

#include <stdlib.h>

#define COUNT 500
#define MOVES 20000
#define SPAN  1000

static int64_t least_of(const struct deadline *all)
{
	int64_t least = DEADLINE_NEVER;

	for (size_t i = 0; i < COUNT; i++) {
		least = all[i].due_ms < least ? all[i].due_ms : least;
	}
	return least;
}

static void the_first_is_the_least_whatever_moves(void **state)
{
	static struct deadline all[COUNT];
	struct deadlines deadlines = {0};
	unsigned int seed = 7;

	(void)state;
	assert_null(deadlines_first(&deadlines));
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(deadlines_add(&deadlines, &all[i]));
	}
	assert_true(deadlines_first(&deadlines)->due_ms == DEADLINE_NEVER);
	for (size_t i = 0; i < MOVES; i++) {
		struct deadline *moved = &all[(size_t)rand_r(&seed) % COUNT];
		int64_t due_ms = rand_r(&seed) % SPAN;

		deadlines_set(&deadlines, moved, due_ms == 0 ? DEADLINE_NEVER : due_ms);
		assert_true(deadlines_first(&deadlines)->due_ms == least_of(all));
	}
	deadlines_finish(&deadlines);
}

static void all_come_out_in_order(void **state)
{
	static struct deadline all[COUNT];
	struct deadlines deadlines = {0};
	unsigned int seed = 8;
	int64_t before_ms = 0;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(deadlines_add(&deadlines, &all[i]));
		deadlines_set(&deadlines, &all[i], rand_r(&seed) % SPAN);
	}
	for (size_t i = 0; i < COUNT; i++) {
		struct deadline *first = deadlines_first(&deadlines);

		assert_true(first->due_ms >= before_ms && first->due_ms < DEADLINE_NEVER);
		before_ms = first->due_ms;
		deadlines_set(&deadlines, first, DEADLINE_NEVER);
	}
	assert_true(deadlines_first(&deadlines)->due_ms == DEADLINE_NEVER);
	deadlines_finish(&deadlines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_the_least_whatever_moves),
		cmocka_unit_test(all_come_out_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
