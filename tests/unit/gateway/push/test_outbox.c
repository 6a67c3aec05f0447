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
	struct push push = {.loop = &loop, .pace = {.is_awake = true}};
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

static void add_for(struct push *push, const char *id, const char *serial)
{
	struct push_subscription subscription = {.kinds = 0};
	struct push_treatment treatment;

	snprintf(subscription.id, sizeof(subscription.id), "%s", id);
	push_treatment_of(PUSH_TYPE_FINISHED, serial, &treatment);
	assert_true(outbox_add(push, &subscription, &treatment, "{}", 2, NULL));
}

static struct push_message *oldest_of(const struct push *push)
{
	return LIST_OF(push->messages.next, struct push_message, place);
}

/* The child has been told to end: nothing goes. */
static void knows_when_the_next_thing_is_due(void **state)
{
	uv_loop_t loop;
	struct push push = {.loop = &loop, .pace = {.is_awake = true}, .child_ends = true};

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	list_init(&push.messages);
	list_init(&push.out);
	int64_t now_ms = (int64_t)uv_now(&loop);
	assert_true(outbox_beat(&push, now_ms) == INT64_MAX);
	add_for(&push, "1", "LEFT");
	struct push_message *message = oldest_of(&push);
	message->due_ms = now_ms + 15000;
	message->expires_ms = now_ms + 20000;
	assert_true(outbox_beat(&push, now_ms) == message->due_ms);
	message->due_ms = now_ms + 30000;
	assert_true(outbox_beat(&push, now_ms) == message->expires_ms);
	/* A test does not become too old. */
	message->is_test = true;
	assert_true(outbox_beat(&push, now_ms) == message->due_ms);
	/* The first of several. */
	add_for(&push, "2", "LEFT");
	struct push_message *other = LIST_OF(message->place.next, struct push_message, place);
	other->due_ms = now_ms + 1000;
	assert_true(outbox_beat(&push, now_ms) == other->due_ms);
	outbox_forget(&push);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_room_for_one_of_each_device),
		cmocka_unit_test(knows_when_the_next_thing_is_due),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
