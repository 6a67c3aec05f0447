/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 256
#define FLOOD    100000

/* Hands over so many bytes at a time. The last result; what it took of the text as *taken. */
static enum chunked_result decode(const char *text, size_t step, char body[BODY_MAX], size_t *taken)
{
	struct chunked chunked = {0};
	enum chunked_result result = CHUNKED_MORE;
	size_t size = strlen(text);

	body[0] = '\0';
	*taken = 0;
	while (*taken < size && (result == CHUNKED_MORE || result == CHUNKED_DATA)) {
		const char *bytes = text + *taken;
		size_t length = size - *taken < step ? size - *taken : step;
		const char *data;
		size_t data_length;

		while ((result = chunked_take(&chunked, &bytes, &length, &data, &data_length)) ==
		       CHUNKED_DATA) {
			strncat(body, data, data_length);
		}
		*taken = (size_t)(bytes - text);
	}
	return result;
}

static void bodies_come_whole_in_any_pieces(void **state)
{
	static const char *const texts[] = {
		"2\r\n{}\r\n0\r\n\r\n",
		"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
		"0002;name=\"value\"\r\n{}\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n",
		"2\n{}\n0\n\n",
	};
	char body[BODY_MAX];
	size_t taken;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t step = 1; step <= strlen(texts[i]); step++) {
			assert_int_equal(decode(texts[i], step, body, &taken), CHUNKED_END);
			assert_string_equal(body, "{}");
			assert_int_equal(taken, strlen(texts[i]));
		}
	}
	assert_int_equal(decode("c\r\n{\"name\":\"x\"}\r\n0\r\n\r\n", 4, body, &taken),
			 CHUNKED_END);
	assert_string_equal(body, "{\"name\":\"x\"}");
}

static void what_follows_is_left_alone(void **state)
{
	const char *text = "0\r\n\r\nGET / HTTP/1.1\r\n";
	char body[BODY_MAX];
	size_t taken;

	(void)state;
	assert_int_equal(decode(text, strlen(text), body, &taken), CHUNKED_END);
	assert_string_equal(body, "");
	assert_string_equal(text + taken, "GET / HTTP/1.1\r\n");
}

static void half_a_body_is_awaited(void **state)
{
	static const char *const texts[] = {"", "5", "5\r\n", "5\r\nab", "2\r\nab\r\n", "0\r\n"};
	char body[BODY_MAX];
	size_t taken;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(decode(texts[i], 1, body, &taken), CHUNKED_MORE);
	}
}

static void what_is_no_chunk_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}",
		"\r\n",
		"-1\r\n",
		"0x2\r\n{}",
		"2x\r\n{}",
		"2\r\n{}5\r\n",
		"fffffffffffffffff\r\n",
	};
	char body[BODY_MAX];
	size_t taken;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(decode(texts[i], 1, body, &taken), CHUNKED_BROKEN);
	}
}

static void frames_without_a_body_end_some_time(void **state)
{
	char *text = malloc(FLOOD + 1);
	char body[BODY_MAX];
	size_t taken;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', FLOOD);
	text[FLOOD] = '\0';
	text[0] = '1';
	text[1] = ';';
	assert_int_equal(decode(text, FLOOD, body, &taken), CHUNKED_BROKEN);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_come_whole_in_any_pieces),
		cmocka_unit_test(what_follows_is_left_alone),
		cmocka_unit_test(half_a_body_is_awaited),
		cmocka_unit_test(what_is_no_chunk_is_refused),
		cmocka_unit_test(frames_without_a_body_end_some_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
