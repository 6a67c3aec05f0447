/* SPDX-License-Identifier: MIT */
#include "cli/control_replies.h"
#include "cli/file_table.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEXT_MAX 4096

/* What file_table_print writes of these replies. */
static const char *printed(const char *json, char out[TEXT_MAX])
{
	struct output output = {.stream = tmpfile(), .colour = false};
	size_t length;

	assert_non_null(output.stream);
	file_table_print(json, strlen(json), &output);
	rewind(output.stream);
	length = fread(out, 1, TEXT_MAX - 1, output.stream);
	out[length] = '\0';
	fclose(output.stream);
	return out;
}

static void test_lists_of_any_shape(void **state)
{
	static const struct {
		const char *json;
		const char *text;
	} cases[] = {
		{"[{\"fileLists\":[{\"name\":\"a\",\"path\":\"/l/a\",\"size\":1,"
		 "\"timestamp\":86400}]}]",
		 "1970-01-02 00:00         1 B  /l/a\n"},
		{"[{\"x\":1,\"files\":[{\"fileName\":\"b\",\"fileSize\":\"1536\"}]}]",
		 "                     1.5 KiB  b\n"},
		{"[{\"files\":[\"c\",\"d\\u00e9\"]}]",
		 "                              c\n                              d\xc3\xa9\n"},
		{"[{\"files\":[{\"name\":\"e\\u001b[2J\"}]}]",
		 "                              e\xef\xbf\xbd[2J\n"},
		{"[{\"files\":[5,{\"size\":3}]}]", "5\n{\"size\":3}\n"},
		{"[{\"files\":[]}]", ""},
		{"[{\"reply\":0}]", "{\"reply\":0}\n"},
		{"[{\"files\":[{\"name\":\"f\"}]},{\"files\":[{\"name\":\"g\"}]}]",
		 "                              f\n                              g\n"},
		{"[{\"files\":[{\"name\":\"h\",\"size\":5e12}]}]",
		 "                     4.5 TiB  h\n"},
		{"[", ""},
		{"", ""},
	};
	char out[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(printed(cases[i].json, out), cases[i].text);
	}
}

static struct flagship_json json_of(const char *text)
{
	return (struct flagship_json){.data = text, .length = (uint32_t)strlen(text)};
}

static void test_replies_become_one_array(void **state)
{
	struct control_replies replies = {0};
	size_t length;

	(void)state;
	assert_null(control_replies_take(&replies, &length));
	assert_int_equal(length, 0);
	control_replies_add(&replies, json_of("{\"a\":1}"));
	assert_memory_equal(control_replies_take(&replies, &length), "[{\"a\":1}]", 9);
	assert_int_equal(length, 9);
	control_replies_add(&replies, json_of("{}"));
	assert_memory_equal(control_replies_take(&replies, &length), "[{\"a\":1},{}]", 12);
	assert_int_equal(length, 12);
	control_replies_add(&replies, json_of("{\"a\":1}"));
	control_replies_take(&replies, &length);
	assert_int_equal(length, 12);
	control_replies_finish(&replies);
	assert_null(control_replies_take(&replies, &length));
}

static void test_too_long_replies_are_cut_between_objects(void **state)
{
	const size_t piece = (size_t)64 * 1024;
	struct control_replies replies = {0};
	char *text = malloc(piece);
	const char *json;
	size_t length;

	(void)state;
	assert_non_null(text);
	memset(text, '5', piece);
	for (size_t i = 0; i < 2 * CONTROL_REPLIES_MAX / piece; i++) {
		/* Each another number. */
		text[0] = (char)('1' + i % 9);
		text[1] = (char)('0' + i / 9);
		control_replies_add(
			&replies, (struct flagship_json){.data = text, .length = (uint32_t)piece});
	}
	json = control_replies_take(&replies, &length);
	assert_true(length <= CONTROL_REPLIES_MAX + 1);
	assert_true(length > CONTROL_REPLIES_MAX - 2 * piece);
	assert_int_equal(length % (piece + 1), 1);
	assert_int_equal(json[0], '[');
	assert_int_equal(json[length - 1], ']');
	control_replies_finish(&replies);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_of_any_shape),
		cmocka_unit_test(test_replies_become_one_array),
		cmocka_unit_test(test_too_long_replies_are_cut_between_objects),
	};

	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
