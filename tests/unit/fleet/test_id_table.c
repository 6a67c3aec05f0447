/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/id_table.h"

#include <string.h>

#define IDS    65536
#define ROUNDS 200000
#define SEED   UINT32_C(2463534242)

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Against a table with a place for each id there is. */
static void agrees_with_a_plain_table(void **context)
{
	static char *owners[IDS];
	static char owner[IDS];
	struct id_table outstanding = {0};
	uint32_t random = SEED;
	size_t count = 0;

	(void)context;
	for (size_t i = 0; i < ROUNDS; i++) {
		/* Few ids that share their homes at first, then all. */
		uint32_t number = next_random(&random);
		uint64_t id = (uint64_t)(1 + (i < ROUNDS / 2 ? (number % 64) * 16
							     : number % (IDS - 1)));

		if (number & UINT32_C(0x10000)) {
			assert_true(id_table_add(&outstanding, id, &owner[id]));
			count += owners[id] == NULL;
			owners[id] = &owner[id];
		} else {
			assert_ptr_equal(id_table_take(&outstanding, id), owners[id]);
			count -= owners[id] != NULL;
			owners[id] = NULL;
		}
		assert_int_equal(outstanding.count, count);
	}
	for (uint64_t id = 1; id < IDS; id++) {
		assert_ptr_equal(id_table_take(&outstanding, id), owners[id]);
	}
	assert_int_equal(outstanding.count, 0);
	id_table_finish(&outstanding);
}

static void is_empty_after_a_lost_connection(void **context)
{
	struct id_table outstanding = {0};
	int owner;

	(void)context;
	id_table_clear(&outstanding);
	assert_null(id_table_take(&outstanding, 1));
	assert_true(id_table_add(&outstanding, 1, &owner));
	id_table_clear(&outstanding);
	assert_null(id_table_take(&outstanding, 1));
	assert_null(id_table_take(&outstanding, 0));
	assert_int_equal(outstanding.count, 0);
	id_table_finish(&outstanding);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_plain_table),
		cmocka_unit_test(is_empty_after_a_lost_connection),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
