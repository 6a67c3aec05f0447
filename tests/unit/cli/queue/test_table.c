/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/queue/table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PRINTED_SIZE 4096

static const char printers[] =
	"[{\"serial\": \"A1\", \"name\": \"Left\"}, {\"serial\": \"B2\", \"name\": \"\"}]";

struct entry_case {
	const char *entry;
	const char *line;
};

static const struct entry_case cases[] = {
	{"{\"id\": 3, \"name\": \"cube\", \"path\": \"a/cube.gcode\", \"printer\": \"A1\", "
	 "\"state\": \"waiting\", \"reason\": \"the plate is to be cleared\"}",
	 "cube for Left (3) is waiting: the plate is to be cleared\n"},
	{"{\"id\": 4, \"path\": \"a/cube.gcode\", \"printer\": \"A1\", \"taken_by\": \"B2\", "
	 "\"state\": \"printing\", \"reason\": \"\"}",
	 "a/cube.gcode for B2 (4) is printing\n"},
	{"{\"id\": 5, \"name\": \"cube\", \"model\": \"M5C\", \"state\": \"held\"}",
	 "cube for any M5C (5) is held\n"},
	{"{\"id\": 6, \"name\": \"cube\", \"state\": \"held\"}",
	 "cube for any printer (6) is held\n"},
	{"{}", " for any printer (0) is \n"},
};

/* What is printed meanwhile to standard output. */
static void print_captured(const cJSON *value, const cJSON *all, char out[PRINTED_SIZE])
{
	int kept = dup(STDOUT_FILENO);
	FILE *file = tmpfile();

	assert_non_null(file);
	fflush(stdout);
	assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
	if (cJSON_IsArray(value)) {
		(void)queue_table_print(value, all);
	} else {
		queue_entry_print(value, all);
	}
	fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	rewind(file);
	out[fread(out, 1, PRINTED_SIZE - 1, file)] = '\0';
	fclose(file);
}

static void an_entry_is_told_in_a_line(void **state)
{
	cJSON *all = cJSON_Parse(printers);
	char out[PRINTED_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *entry = cJSON_Parse(cases[i].entry);

		print_captured(entry, all, out);
		assert_string_equal(out, cases[i].line);
		cJSON_Delete(entry);
	}
	cJSON *entry = cJSON_Parse(cases[0].entry);
	print_captured(entry, NULL, out);
	assert_non_null(strstr(out, "for A1 (3)"));
	cJSON_Delete(entry);
	cJSON_Delete(all);
}

static void copies_are_counted(void **state)
{
	cJSON *entries = cJSON_Parse(
		"[{\"id\": 1, \"copies\": 5, \"copies_done\": 2}, {\"id\": 2, \"copies\": 1}]");
	char out[PRINTED_SIZE];

	(void)state;
	print_captured(entries, NULL, out);
	assert_non_null(strstr(out, "COPIES"));
	assert_non_null(strstr(out, "2 of 5"));
	assert_null(strstr(out, "of 1"));
	cJSON_Delete(entries);
}

static void what_is_over_is_not_open(void **state)
{
	static const char *const over[] = {"finished", "failed", "cancelled"};
	static const char *const open[] = {"waiting", "uploading", "printing", "held", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		cJSON *entry = cJSON_CreateObject();

		cJSON_AddStringToObject(entry, "state", over[i]);
		assert_false(queue_entry_is_open(entry));
		cJSON_Delete(entry);
	}
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		cJSON *entry = cJSON_CreateObject();

		cJSON_AddStringToObject(entry, "state", open[i]);
		assert_true(queue_entry_is_open(entry));
		cJSON_Delete(entry);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_told_in_a_line),
		cmocka_unit_test(copies_are_counted),
		cmocka_unit_test(what_is_over_is_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
