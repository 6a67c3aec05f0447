/* SPDX-License-Identifier: MIT */
#include "gateway/push/burst.h"
#include "gateway/push/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1000000)

static void tells_a_few_one_by_one_and_many_as_one(void **state)
{
	struct push_burst burst = {.told = 0};
	char text[PUSH_NOTICE_MAX];
	size_t length;

	(void)state;
	for (uint32_t i = 0; i < PUSH_BURST_FREE; i++) {
		assert_true(push_burst_admit(&burst, PUSH_FINISHED, i, NOW + i));
	}
	assert_false(push_burst_is_due(&burst, NOW + PUSH_BURST_MS));
	assert_true(push_burst_due_ms(&burst) == INT64_MAX);
	for (uint32_t i = 0; i < 7; i++) {
		assert_false(
			push_burst_admit(&burst, i < 4 ? PUSH_FINISHED : PUSH_FAILED, i, NOW + 10));
	}
	/* A printer that has two things to tell is one. */
	assert_false(push_burst_admit(&burst, PUSH_FAILED, 6, NOW + 11));
	assert_true(push_burst_due_ms(&burst) == NOW + PUSH_BURST_MS);
	assert_false(push_burst_is_due(&burst, NOW + PUSH_BURST_MS - 1));
	assert_true(push_burst_is_due(&burst, NOW + PUSH_BURST_MS));
	assert_false(push_burst_admit(&burst, PUSH_FAILED, 6, NOW + PUSH_BURST_MS));
	assert_int_equal(push_notice_write_several(&burst, "de", text, &length), 0);
	assert_string_equal(text, "{\"type\":\"several\",\"language\":\"de\",\"tag\":\"several\","
				  "\"printers\":7,\"counts\":{\"finished\":4,\"failed\":5},"
				  "\"url\":\"/\"}");
	push_burst_reset(&burst);
	assert_false(push_burst_is_due(&burst, NOW + 2 * PUSH_BURST_MS));
	assert_true(push_burst_admit(&burst, PUSH_FAILED, 6, NOW + PUSH_BURST_MS + 1));
}

static void begins_anew_after_a_while(void **state)
{
	struct push_burst burst = {.told = 0};

	(void)state;
	for (uint32_t i = 0; i < 10 * PUSH_BURST_FREE; i++) {
		assert_true(push_burst_admit(&burst, PUSH_PAUSED, i,
					     NOW + (int64_t)(i / PUSH_BURST_FREE) * PUSH_BURST_MS));
	}
}

static void counts_no_more_printers_than_it_tells_apart(void **state)
{
	struct push_burst burst = {.told = 0};

	(void)state;
	for (uint32_t i = 0; i < 3 * PUSH_BURST_PRINTERS; i++) {
		(void)push_burst_admit(&burst, PUSH_OFFLINE, i, NOW);
	}
	assert_int_equal(burst.printer_count, PUSH_BURST_PRINTERS);
	assert_int_equal(burst.of_kind[PUSH_OFFLINE], 3 * PUSH_BURST_PRINTERS - PUSH_BURST_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_few_one_by_one_and_many_as_one),
		cmocka_unit_test(begins_anew_after_a_while),
		cmocka_unit_test(counts_no_more_printers_than_it_tells_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
