/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void has_room_for_one_of_each_device(void **state)
{
	static const char text[] = "{}";
	uv_loop_t loop;
	struct push push = {.loop = &loop, .is_busy = true};
	struct push_subscription subscription = {.kinds = 0};
	struct push_treatment treatment;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	list_init(&push.messages);
	list_init(&push.out);
	push_treatment_of(PUSH_TYPE_FINISHED, "SERIAL", &treatment);
	for (unsigned int i = 0; i < PUSH_BOOK_MAX; i++) {
		snprintf(subscription.id, sizeof(subscription.id), "%u", i);
		assert_true(outbox_add(&push, &subscription, &treatment, text, sizeof(text), NULL));
	}
	assert_int_equal(push.message_count, PUSH_BOOK_MAX);
	outbox_forget(&push);
	assert_int_equal(push.message_count, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_room_for_one_of_each_device),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
