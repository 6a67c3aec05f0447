/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/commands/csv/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csv_case {
	const char *text;
	const char *read; /* fields in brackets, records in lines; ! where it is broken */
};

static const struct csv_case cases[] = {
	{"", ""},
	{"\n\r\n  \n", ""},
	{"a", "[a]\n"},
	{"a,b\n", "[a][b]\n"},
	{"a,b\r\nc,d\r\n", "[a][b]\n[c][d]\n"},
	{"a\rb", "[a]\n[b]\n"},
	{" a b , c ,\n", "[a b][c][]\n"},
	{",", "[][]\n"},
	{"\"a,b\",c", "[a,b][c]\n"},
	{"\"a \"\"b\"\"\"", "[a \"b\"]\n"},
	{" \" a \" ,b", "[ a ][b]\n"},
	{"\"a\nb\",c\nd", "[a\nb][c]\n[d]\n"},
	{"\"\"", "[]\n"},
	{"\"a", "!"},
	{"\"a\"b", "!"},
	{"a\"b", "!"},
	{"x\n\"", "[x]\n!"},
	{"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
	 "[1][2][3][4][5][6][7][8][9][10][11][12][13][14][15][16]\n"},
	{"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "!"},
};

static void read_all(const char *text, size_t length, char *out, size_t capacity)
{
	char *copy = malloc(length + 1);
	const char *fields[CSV_FIELDS_MAX];
	enum csv_result result;
	size_t used = 0;
	size_t count;
	struct csv csv;

	assert_non_null(copy);
	memcpy(copy, text, length);
	csv_init(&csv, copy, length);
	out[0] = '\0';
	while ((result = csv_next(&csv, fields, &count)) == CSV_RECORD) {
		for (size_t i = 0; i < count; i++) {
			used += (size_t)snprintf(out + used, capacity - used, "[%s]", fields[i]);
		}
		used += (size_t)snprintf(out + used, capacity - used, "\n");
	}
	snprintf(out + used, capacity - used, "%s", result == CSV_BROKEN ? "!" : "");
	free(copy);
}

static void reads_records(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_all(cases[i].text, strlen(cases[i].text), out, sizeof(out));
		assert_string_equal(out, cases[i].read);
	}
	read_all("a\0b", 3, out, sizeof(out));
	assert_string_equal(out, "!");
}

static void counts_lines(void **state)
{
	char text[] = "\n\"a\nb\"\r\n\r\nc\rd";
	static const size_t lines[] = {2, 5, 6};
	const char *fields[CSV_FIELDS_MAX];
	size_t count;
	struct csv csv;

	(void)state;
	csv_init(&csv, text, strlen(text));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(csv_next(&csv, fields, &count), CSV_RECORD);
		assert_int_equal(csv.line, lines[i]);
	}
	assert_int_equal(csv_next(&csv, fields, &count), CSV_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_records),
		cmocka_unit_test(counts_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
