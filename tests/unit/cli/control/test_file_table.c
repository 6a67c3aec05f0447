/* SPDX-License-Identifier: MIT */
#include "cli/control/file_table.h"
#include "cli/control/replies.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEXT_MAX 4096

/* What is written of these replies: as a table, or as JSON. */
static const char *printed(const char *json, bool as_json, char out[TEXT_MAX])
{
	struct output output = {.stream = tmpfile(), .colour = false};
	struct file_table table = {.serial = "AK1", .printer = "Left"};
	size_t length;

	assert_non_null(output.stream);
	assert_int_equal(file_table_read(&table, json, strlen(json), FILE_PLACE_BOARD), 0);
	if (as_json) {
		file_table_print_json(&table, &output);
	} else {
		file_table_print(&table, &output);
	}
	file_list_finish(&table.list);
	rewind(output.stream);
	length = fread(out, 1, TEXT_MAX - 1, output.stream);
	out[length] = '\0';
	fclose(output.stream);
	return out;
}

#define HEADINGS "MODIFIED          NAME  PATH\n"

static void test_tables(void **state)
{
	static const struct {
		const char *json;
		const char *text;
	} cases[] = {
		{"[{\"reply\":0},{\"fileLists\":[{\"name\":\"abcd\",\"path\":\"/l/abcd\","
		 "\"timestamp\":86400}]}]",
		 HEADINGS "1970-01-02 00:00  abcd  /l/abcd\n"},
		{"[{\"fileLists\":\"[{\\\"name\\\":\\\"abcd\\\",\\\"path\\\":\\\"/l/abcd\\\","
		 "\\\"timestamp\\\":\\\"86400\\\"}]\"}]",
		 HEADINGS "1970-01-02 00:00  abcd  /l/abcd\n"},
		{"[{\"fileLists\":[{\"name\":\"b\",\"fileSize\":\"1536\"},{\"name\":\"c\"}]}]",
		 "MODIFIED  SIZE     NAME  PATH\n"
		 "-         1.5 KiB  b     b\n"
		 "-         -        c     c\n"},
		{"[{\"fileLists\":[{\"name\":\"e\\u001b[2J\",\"path\":\"/x\\n\"}]}]",
		 "MODIFIED  NAME   PATH\n"
		 "-         e\xef\xbf\xbd[2J  /x\xef\xbf\xbd\n"},
		{"[{\"fileLists\":[\"/f\"]},{\"fileLists\":[\"/f\",\"/g\"]}]",
		 "MODIFIED  NAME  PATH\n"
		 "-         f     /f\n"
		 "-         g     /g\n"},
	};
	char out[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(printed(cases[i].json, false, out), cases[i].text);
	}
}

static void test_json(void **state)
{
	char out[TEXT_MAX];

	(void)state;
	assert_string_equal(printed("[{\"reply\":0}]", true, out), "");
	assert_string_equal(printed("[", true, out), "");
	assert_string_equal(
		printed("[{\"fileLists\":[{\"name\":\"a\",\"path\":\"/l/a\",\"timestamp\":86400},"
			"{\"name\":\"b\",\"path\":\"/l/b\",\"size\":7}]}]",
			true, out),
		"{\"printer\":\"Left\",\"serial\":\"AK1\",\"name\":\"a\",\"path\":\"/l/a\","
		"\"storage\":\"onboard\",\"modified\":\"1970-01-02T00:00:00Z\"}\n"
		"{\"printer\":\"Left\",\"serial\":\"AK1\",\"name\":\"b\",\"path\":\"/l/b\","
		"\"storage\":\"onboard\",\"size\":7,\"modified\":null}\n");
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
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_replies_become_one_array),
		cmocka_unit_test(test_too_long_replies_are_cut_between_objects),
	};

	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
