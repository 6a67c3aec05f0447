/* SPDX-License-Identifier: MIT */
#include "base/json/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 3000 /* more of them than what is tried first has room for */

struct numbers {
	size_t count;
	size_t *calls;
};

static void write_numbers(struct json_writer *writer, const void *context)
{
	const struct numbers *numbers = context;

	++*numbers->calls;
	json_array_begin(writer);
	for (size_t i = 0; i < numbers->count; i++) {
		json_int(writer, 10000 + (int64_t)i);
	}
	json_array_end(writer);
}

static void a_short_text_is_written_once(void **state)
{
	size_t calls = 0;
	size_t length;
	char *text = json_compose(write_numbers, &(struct numbers){2, &calls}, &length);

	(void)state;
	assert_string_equal(text, "[10000,10001]");
	assert_int_equal(length, strlen(text));
	assert_int_equal(calls, 1);
	free(text);
}

static void a_long_text_is_whole(void **state)
{
	size_t calls = 0;
	size_t length;
	char *text = json_compose(write_numbers, &(struct numbers){MANY, &calls}, &length);

	(void)state;
	assert_int_equal(length, MANY * 6 + 1);
	assert_int_equal(strlen(text), length);
	assert_string_equal(text + length - 7, ",12999]");
	assert_int_equal(calls, 2);
	free(text);
}

static void lines_are_those_of_json_indent(void **state)
{
	size_t calls = 0;
	size_t length;
	char *text = json_compose_lines(write_numbers, &(struct numbers){2, &calls}, &length);

	(void)state;
	assert_string_equal(text, "[\n\t10000,\n\t10001\n]\n");
	assert_int_equal(length, strlen(text));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_text_is_written_once),
		cmocka_unit_test(a_long_text_is_whole),
		cmocka_unit_test(lines_are_those_of_json_indent),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
