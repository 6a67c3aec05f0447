/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/output/output.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_SIZE   512
#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	int64_t seconds;
	const char *text;
} durations[] = {
	{0, "0 s"},
	{59, "59 s"},
	{60, "1 min 0 s"},
	{336, "5 min 36 s"},
	{3599, "59 min 59 s"},
	{3600, "1 h 00 min"},
	{86399, "23 h 59 min"},
	{97200, "1 d 3 h"},
};

static void tells_durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		char out[OUTPUT_TIME_MAX];

		assert_string_equal(output_duration(durations[i].seconds, out), durations[i].text);
	}
}

static const struct {
	double seconds;
	const char *text;
} ages[] = {
	{-1, "now"},          {0, "now"},
	{1.9, "now"},         {2, "2 s ago"},
	{59.9, "59 s ago"},   {60, "1 min ago"},
	{3599, "59 min ago"}, {3600, "1 h ago"},
	{86400, "24 h ago"},  {172800, "2 days ago"},
};

static void tells_ages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		char out[OUTPUT_TIME_MAX];

		assert_string_equal(output_age(ages[i].seconds, out), ages[i].text);
	}
}

static void tells_the_time_of_day(void **state)
{
	char out[OUTPUT_TIME_MAX];

	(void)state;
	setenv("TZ", "UTC", 1);
	assert_string_equal(output_clock(INT64_C(1785253573999), out), "15:46:13");
}

static const struct {
	const char *text;
	bool lines;
	const char *shown;
} texts[] = {
	{"plain", false, "plain"},
	{"\xe8\x88\xb9 \xf0\x9f\x98\x80", false, "\xe8\x88\xb9 \xf0\x9f\x98\x80"},
	{"a\033[2Jb", false, "a" REPLACEMENT "[2Jb"},
	{"a\nb\tc", false, "a" REPLACEMENT "b" REPLACEMENT "c"},
	{"a\nb\tc\r\n\r", true, "a\nb c\n" REPLACEMENT},
	{"\x7f\xc2\x9b"
	 "31m",
	 true, REPLACEMENT REPLACEMENT "31m"},
	{"\xc2\xa0\xc3\x9f", false, "\xc2\xa0\xc3\x9f"},
};

static void keeps_control_characters_from_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[TEXT_SIZE] = "";
		struct output output = {.stream = fmemopen(text, sizeof(text), "w")};

		assert_non_null(output.stream);
		output_text(&output, OUTPUT_RED, texts[i].text, strlen(texts[i].text),
			    texts[i].lines);
		fclose(output.stream);
		assert_string_equal(text, texts[i].shown);
	}
}

static void tells_when_it_will_be(void **state)
{
	static const struct {
		int64_t then_s;
		const char *text;
	} cases[] = {
		{1764340200, "14:30"},
		{1764374399, "23:59"},
		{1764374400, "Sat 00:00"},
		{1764288000, "00:00"},
		{1764287999, "2025-11-27 23:59"},
		{1764806399, "Wed 23:59"},
		{1765000000, "2025-12-06 05:46"},
	};
	char text[OUTPUT_TIME_MAX];

	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* It is Friday, 28 November 2025, 14:00. */
		assert_string_equal(
			output_time_of_day(cases[i].then_s * 1000, INT64_C(1764338400000), text),
			cases[i].text);
	}
}

static void colours_only_where_wanted(void **state)
{
	char text[TEXT_SIZE] = "";
	struct output output = {.stream = fmemopen(text, sizeof(text), "w"), .colour = true};

	(void)state;
	assert_non_null(output.stream);
	output_print(&output, OUTPUT_GREEN, "%d", 1);
	output_print(&output, OUTPUT_PLAIN, "%d", 2);
	output.colour = false;
	output_print(&output, OUTPUT_GREEN, "%d", 3);
	fclose(output.stream);
	assert_string_equal(text, "\033[32m1\033[0m23");
}

static void a_file_is_no_terminal(void **state)
{
	FILE *file = tmpfile();
	struct output output;

	(void)state;
	assert_non_null(file);
	unsetenv("NO_COLOR");
	unsetenv("FLAGSHIP_COLOUR");
	output_init(&output, file);
	assert_ptr_equal(output.stream, file);
	assert_false(output.colour);
	fclose(file);
}

static void colours_can_be_wanted_everywhere_and_nowhere(void **state)
{
	static const struct {
		const char *colour;
		const char *no_colour;
		bool wanted;
	} cases[] = {
		{"always", "", true}, {"always", "1", false}, {"never", "", false},
		{"auto", "", false},  {"", "", false},        {"ALWAYS", "", false},
	};
	FILE *file = tmpfile();
	struct output output;

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("FLAGSHIP_COLOUR", cases[i].colour, 1);
		setenv("NO_COLOR", cases[i].no_colour, 1);
		output_init(&output, file);
		assert_int_equal(output.colour, cases[i].wanted);
	}
	fclose(file);
	unsetenv("NO_COLOR");
	unsetenv("FLAGSHIP_COLOUR");
}

static void aligns_columns_by_characters(void **state)
{
	static const char *const cells[] = {"A",
					    "UNIT",
					    "B",
					    "x",
					    "0.01 \xc2\xb0"
					    "C",
					    "\x1b",
					    "long",
					    "-",
					    "z"};
	char text[TEXT_SIZE] = "";
	struct output output = {.stream = fmemopen(text, sizeof(text), "w")};

	(void)state;
	assert_non_null(output.stream);
	output_table(&output, cells, 3, 3);
	fclose(output.stream);
	assert_string_equal(text, "A     UNIT     B\n"
				  "x     0.01 \xc2\xb0"
				  "C  \xef\xbf\xbd\n"
				  "long  -        z\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_durations),
		cmocka_unit_test(tells_ages),
		cmocka_unit_test(tells_the_time_of_day),
		cmocka_unit_test(keeps_control_characters_from_the_terminal),
		cmocka_unit_test(tells_when_it_will_be),
		cmocka_unit_test(colours_only_where_wanted),
		cmocka_unit_test(a_file_is_no_terminal),
		cmocka_unit_test(colours_can_be_wanted_everywhere_and_nowhere),
		cmocka_unit_test(aligns_columns_by_characters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
