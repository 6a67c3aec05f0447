/* SPDX-License-Identifier: MIT */
#include "printer/state/file_list.h"

#include "printer/state/parts.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX     1024

static struct flagship_json json_of(const char *text)
{
	return (struct flagship_json){.data = text, .length = (uint32_t)strlen(text)};
}

/* NAME|PATH|SIZE|TIME of each file, - where it is not told. */
static void write_list(const struct file_list *list, char out[TEXT_MAX])
{
	size_t length = 0;

	out[0] = '\0';
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_file *file = &list->files[i];
		char size[32] = "-";
		char time[32] = "-";

		if (file->size != PRINTER_NEVER) {
			snprintf(size, sizeof(size), "%lld", (long long)file->size);
		}
		if (file->unix_s != PRINTER_NEVER) {
			snprintf(time, sizeof(time), "%lld", (long long)file->unix_s);
		}
		length += (size_t)snprintf(out + length, TEXT_MAX - length, "%s%s|%s|%s|%s",
					   i > 0 ? " " : "", file->name, file->path, size, time);
	}
}

static void test_shapes(void **context)
{
	static const struct {
		const char *json;
		bool told;
		const char *files;
	} cases[] = {
		{"{\"commandType\":1009,\"reply\":0}", false, ""},
		{"{\"fileLists\":null}", false, ""},
		{"{\"fileLists\":7}", false, ""},
		{"{\"fileLists\":[]}", true, ""},
		{"{\"fileLists\":\"[]\"}", true, ""},
		{"{\"fileLists\":\"\"}", false, ""},
		{"{\"fileLists\":\"none\"}", false, ""},
		{"{\"fileLists\":\"{}\"}", false, ""},
		{"{\"fileLists\":[{\"name\":\"a\",\"path\":\"/m/a\",\"timestamp\":5}]}", true,
		 "a|/m/a|-|5"},
		{"{\"fileLists\":\"[{\\\"name\\\":\\\"a\\\",\\\"path\\\":\\\"/m/a\\\","
		 "\\\"timestamp\\\":\\\"5\\\"}]\"}",
		 true, "a|/m/a|-|5"},
		{"{\"fileLists\":\"[{\\\"name\\\":\\\"\\\\u7acb\\\\\\\"\\\",\\\"path\\\":\\\"/"
		 "\\u7acb\\\"}"
		 "]\"}",
		 true, "\xe7\xab\x8b\"|/\xe7\xab\x8b|-|-"},
		{"{\"fileLists\":[{\"name\":\"a\",\"path\":\"/m/"
		 "a\",\"timestamp\":\"1679000000123\","
		 "\"size\":\"7\"}]}",
		 true, "a|/m/a|7|1679000000"},
		{"{\"fileLists\":[{\"name\":\"a\"},{\"path\":\"/m/b\"},\"/m/c\",{},5,null,[],"
		 "{\"name\":7},{\"name\":\"\",\"path\":\"\"}]}",
		 true, "a|a|-|- b|/m/b|-|- c|/m/c|-|-"},
		{"{\"fileLists\":[{\"name\":\"a\",\"path\":\"/m/"
		 "a\",\"timestamp\":-1,\"size\":\"x\"},"
		 "{\"name\":\"z\",\"path\":\"/m/a\"}]}",
		 true, "a|/m/a|-|-"},
		{"{\"fileLists\":[{\"fileName\":\"a\",\"filePath\":\"/m/a\",\"timestamp\":0}]}",
		 true, "a|/m/a|-|-"},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file_list list = {0};
		struct file_page page;
		char files[TEXT_MAX];

		assert_int_equal(
			file_list_add(&list, FILE_PLACE_BOARD, json_of(cases[i].json), &page), 0);
		write_list(&list, files);
		assert_string_equal(files, cases[i].files);
		assert_int_equal(page.reported, cases[i].told);
		assert_int_equal(page.fresh, list.count);
		file_list_finish(&list);
	}
}

static void test_pages_and_finding(void **context)
{
	struct file_list list = {0};
	struct file_page page;

	(void)context;
	file_list_add(&list, FILE_PLACE_BOARD, json_of("{\"fileLists\":[\"/m/a\",\"/m/b\"]}"),
		      &page);
	assert_int_equal(page.files, 2);
	assert_false(page.first_known);
	file_list_add(&list, FILE_PLACE_USB, json_of("{\"fileLists\":[\"/m/b\",\"/u/a\"]}"), &page);
	assert_int_equal(page.files, 2);
	assert_int_equal(page.fresh, 1);
	assert_true(page.first_known);
	assert_string_equal(file_list_find(&list, "a", true)->path, "/m/a");
	assert_string_equal(file_list_find(&list, "/u/a", false)->name, "a");
	assert_int_equal(file_list_find(&list, "/u/a", false)->place, FILE_PLACE_USB);
	assert_null(file_list_find(&list, "/m/a", true));
	assert_null(file_list_find(&list, "a", false));
	assert_null(file_list_find(&list, "/m/", false));
	file_list_finish(&list);
	file_list_finish(&list);
}

static void test_too_many(void **context)
{
	struct file_list list = {0};
	struct file_page page;
	char json[TEXT_MAX];

	(void)context;
	for (size_t i = 0; i <= FILE_LIST_MAX; i++) {
		assert_false(list.truncated);
		snprintf(json, sizeof(json), "{\"fileLists\":[\"/m/%zu\"]}", i);
		assert_int_equal(file_list_add(&list, FILE_PLACE_BOARD, json_of(json), &page), 0);
	}
	assert_int_equal(list.count, FILE_LIST_MAX);
	assert_true(list.truncated);
	assert_int_equal(page.fresh, 0);
	file_list_finish(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_pages_and_finding),
		cmocka_unit_test(test_too_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
