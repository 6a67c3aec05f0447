/* SPDX-License-Identifier: MIT */
#include "cli/kit/options.h"
#include "cli/target/match.h"
#include "store/settings/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define PRINTERS 6

static const struct store_printer printers[PRINTERS] = {
	{.serial = "AK7LEFT000000001", .name = "Left"},
	{.serial = "AK7RIGHT00000002", .name = "Right"},
	{.serial = "AK8OTHER00000003", .name = ""},
	{.serial = "AK8COMMA00000004", .name = "Left, the old one"},
	{.serial = "AK9NUMBER0000005", .name = "2"},
	{.serial = "AK9STAR000000006", .name = "Loft *"},
};

static const char settings_text[] = "[group]\n"
				    "upstairs = left, AK8O\n"
				    "House = upstairs, right\n"
				    "old = Left, the old one, right\n"
				    "Left = right\n"
				    "ring = ring\n"
				    "a = b\n"
				    "b = right, A\n"
				    "outer = left, ghosts\n"
				    "d1 = d2\nd2 = d3\nd3 = d4\nd4 = d5\nd5 = d6\n"
				    "d6 = d7\nd7 = d8\nd8 = d9\nd9 = left\n"
				    "ghosts = right, ghost\n";

/* The numbers of what was found, as they were named; "?" where that is a mistake. */
static void check(const char *const *values, const char *wanted)
{
	struct target_choice all[PRINTERS];
	struct target_choice found[PRINTERS];
	struct target_choices choices = {.items = all, .count = PRINTERS};
	struct target_match match = {.all = &choices, .found = found};
	struct settings *settings;
	struct settings_fault fault;
	char text[64] = "";
	int result = OPTIONS_RUN;

	for (size_t i = 0; i < PRINTERS; i++) {
		all[i] = (struct target_choice){.printer = &printers[i], .number = i + 1};
	}
	assert_int_equal(
		settings_text_parse(settings_text, strlen(settings_text), &settings, &fault), 0);
	match.settings = settings;
	for (; *values && result == OPTIONS_RUN; values++) {
		result = target_match_add(&match, *values);
	}
	for (size_t i = 0; i < match.count; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%zu ", found[i].number);
	}
	assert_string_equal(result == OPTIONS_RUN ? text : "?", wanted);
	if (result != OPTIONS_RUN) {
		assert_int_equal(result, CLI_USAGE);
	}
	settings_destroy(settings);
}

static void words(void **state)
{
	static const struct {
		const char *value;
		const char *wanted;
	} cases[] = {
		{"left", "1 "},
		{"LEFT,right", "1 2 "},
		{"right, left", "2 1 "},
		{"left,left,AK7LEFT000000001", "1 "},
		{" left , ", "1 "},
		/* A whole name that has a comma itself. */
		{"Left, the old one", "4 "},
		{"left, the old one,right", "4 2 "},
		{"right,left, the old one", "2 4 "},
		/* Beginnings of serial numbers and of names. */
		{"AK7R", "2 "},
		{"ri", "2 "},
		{"lo", "6 "},
		{"Left,", "1 "},
		{"left, the", "?"},
		{"l", "?"},
		{"AK", "?"},
		/* A whole name counts more than a number. */
		{"2", "5 "},
		{"3", "3 "},
		{"0", "?"},
		{"7", "?"},
		{"-1", "?"},
		/* Globs, and a name that looks like one. */
		{"AK9*", "5 6 "},
		{"*ft*", "1 4 6 "},
		{"l?ft", "1 "},
		{"[LR]*t", "1 2 "},
		{"loft *", "6 "},
		{"x*", "?"},
		{"*", "1 2 3 4 5 6 "},
		/* Groups, and a printer that is called as one. */
		{"upstairs", "1 3 "},
		{"house", "1 3 2 "},
		{"HOUSE,left", "1 3 2 "},
		{"old", "4 2 "},
		{"ring", "?"},
		{"a", "?"},
		{"d2", "1 "},
		{"ghosts", "?"},
		{"all", "1 2 3 4 5 6 "},
		{"right,ALL", "2 1 3 4 5 6 "},
		{"", "?"},
		{" ", "?"},
		{",", "?"},
		{"ghost", "?"},
		{"left,ghost", "?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].value);
		check((const char *[]){cases[i].value, NULL}, cases[i].wanted);
	}
}

static void what_is_wrong(void **state)
{
	static const struct {
		const char *value;
		enum target_fault fault;
		const char *word;
		const char *group;
	} cases[] = {
		{"", TARGET_FAULT_EMPTY, "", NULL},
		{" , ", TARGET_FAULT_EMPTY, " , ", NULL},
		{"left,ghost", TARGET_FAULT_UNKNOWN, "ghost", NULL},
		{"99", TARGET_FAULT_UNKNOWN, "99", NULL},
		{"x*", TARGET_FAULT_GLOB, "x*", NULL},
		{"[", TARGET_FAULT_GLOB, "[", NULL},
		{"AK7", TARGET_FAULT_SEVERAL, "AK7", NULL},
		{"twin", TARGET_FAULT_NAMESAKE, "twin", NULL},
		{"ghosts", TARGET_FAULT_UNKNOWN, "ghost", "ghosts"},
		/* The group that the word stands in, not the one that was named. */
		{"outer", TARGET_FAULT_UNKNOWN, "ghost", "ghosts"},
		{"ring", TARGET_FAULT_RING, "ring", "ring"},
		{"a", TARGET_FAULT_RING, "a", "b"},
		/* Deep, and yet no ring. */
		{"d1", TARGET_FAULT_DEEP, "d9", "d8"},
		/* After a group, a mistake is the command line's again. */
		{"upstairs,ghost", TARGET_FAULT_UNKNOWN, "ghost", NULL},
	};
	struct store_printer twins[PRINTERS + 2];
	struct target_choice all[PRINTERS + 2];
	struct target_choice found[PRINTERS + 2];
	struct target_choices choices = {.items = all, .count = PRINTERS + 2};
	struct settings *settings;
	struct settings_fault fault;

	(void)state;
	memcpy(twins, printers, sizeof(printers));
	twins[PRINTERS] = (struct store_printer){.serial = "TWIN1", .name = "Twin"};
	twins[PRINTERS + 1] = (struct store_printer){.serial = "TWIN2", .name = "tWin"};
	for (size_t i = 0; i < PRINTERS + 2; i++) {
		all[i] = (struct target_choice){.printer = &twins[i], .number = i + 1};
	}
	assert_int_equal(
		settings_text_parse(settings_text, strlen(settings_text), &settings, &fault), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct target_match match = {.all = &choices, .settings = settings, .found = found};

		print_message("%s\n", cases[i].value);
		assert_int_equal(target_match_add(&match, cases[i].value), CLI_USAGE);
		assert_int_equal(match.fault, cases[i].fault);
		assert_string_equal(match.word, cases[i].word);
		if (cases[i].group) {
			assert_string_equal(match.wrong_group, cases[i].group);
		} else {
			assert_null(match.wrong_group);
		}
	}
	settings_destroy(settings);
}

static void several_values(void **state)
{
	(void)state;
	check((const char *[]){"right", "upstairs", NULL}, "2 1 3 ");
	check((const char *[]){"right", "ghost", NULL}, "?");
}

static void a_word_longer_than_any_name(void **state)
{
	char word[2048];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	check((const char *[]){word, NULL}, "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(several_values),
		cmocka_unit_test(a_word_longer_than_any_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
