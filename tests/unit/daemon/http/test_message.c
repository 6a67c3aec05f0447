/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/message.h"

#include <string.h>

#define MESSAGES 3
#define BYTES    30

static void check(struct http_message *message, const char *expected, size_t length)
{
	assert_non_null(message);
	assert_int_equal(message->length, length);
	assert_memory_equal(message->bytes, expected, length);
	http_message_release(message);
}

static void messages_have_their_frames(void **state)
{
	(void)state;
	check(http_message_create(HTTP_MESSAGE_TEXT, "hello", 5), "\x81\5hello", 7);
	check(http_message_create(HTTP_MESSAGE_BINARY, "", 0), "\x82\0", 2);
	check(http_message_create(HTTP_MESSAGE_EVENT, "x", 1), "9\r\ndata: x\n\n\r\n", 14);
	check(http_message_create_event("7", "patch", "a\nb\r\nc\r", 7),
	      "33\r\nid: 7\nevent: patch\ndata: a\ndata: b\ndata: c\ndata: \n\n\r\n", 57);
	check(http_message_create_event(NULL, NULL, "", 0), "8\r\ndata: \n\n\r\n", 13);
	assert_null(http_message_create_event("a\nb", NULL, "x", 1));
	assert_null(http_message_create_event(NULL, "a\rb", "x", 1));
	http_message_release(NULL);
}

static struct http_message *make(const char *text)
{
	return http_message_create(HTTP_MESSAGE_TEXT, text, strlen(text));
}

static void a_queue_is_bounded_by_messages_and_bytes(void **state)
{
	struct http_message *small = make("12345678");
	struct http_message *large = make("12345678901234567890123456789012345678901234567890");
	struct http_queue queue;

	(void)state;
	assert_int_equal(http_queue_init(&queue, MESSAGES, BYTES), 0);
	for (int i = 0; i < MESSAGES; i++) {
		assert_true(http_queue_push(&queue, small));
	}
	assert_false(http_queue_push(&queue, small));
	assert_int_equal(small->references, 1 + MESSAGES);
	while (http_queue_drop(&queue)) {
	}
	assert_int_equal(small->references, 1);
	/* A larger one goes alone, and then nothing else does. */
	assert_true(http_queue_push(&queue, large));
	assert_false(http_queue_push(&queue, small));
	http_queue_finish(&queue);
	assert_int_equal(large->references, 1);
	http_message_release(small);
	http_message_release(large);
}

static void what_was_begun_is_sent_to_its_end(void **state)
{
	struct http_message *messages[] = {make("one"), make("two"), make("six")};
	struct http_queue queue;
	char out[BYTES] = "";

	(void)state;
	assert_int_equal(http_queue_init(&queue, MESSAGES, BYTES), 0);
	for (int i = 0; i < MESSAGES; i++) {
		assert_true(http_queue_push(&queue, messages[i]));
	}
	assert_int_equal(http_queue_take(&queue, out, 4), 4);
	/* The second goes, as the first is under way. */
	assert_true(http_queue_drop(&queue));
	assert_int_equal(http_queue_take(&queue, out + 4, sizeof(out) - 4), 6);
	assert_memory_equal(out, "\x81\3one\x81\3six", 10);
	assert_int_equal(queue.count, 0);
	assert_int_equal(queue.bytes, 0);
	assert_true(http_queue_push(&queue, messages[0]));
	assert_int_equal(http_queue_take(&queue, out, 1), 1);
	assert_false(http_queue_drop(&queue));
	http_queue_finish(&queue);
	for (int i = 0; i < MESSAGES; i++) {
		assert_int_equal(messages[i]->references, 1);
		http_message_release(messages[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_their_frames),
		cmocka_unit_test(a_queue_is_bounded_by_messages_and_bytes),
		cmocka_unit_test(what_was_begun_is_sent_to_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
