/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/kit/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8
#define TEXT_SIZE 4096

struct values {
	bool json;
	const char *broker;
	const char *file;
	int64_t count;
	double speed;
	int64_t wait_ms;
	int format;
	struct options_list tags;
};

struct other_values {
	bool loud;
};

static const char *const formats[] = {"1", "2", "6", NULL};

static const struct options_option table[] = {
	{.name = "json",
	 .letter = 'j',
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct values, json)},
	{.name = "broker",
	 .letter = 'b',
	 .kind = OPTIONS_TEXT,
	 .value = "URL",
	 .help = "where",
	 .offset = offsetof(struct values, broker)},
	{.name = "file",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "which",
	 .offset = offsetof(struct values, file)},
	{.name = "count",
	 .kind = OPTIONS_INTEGER,
	 .value = "N",
	 .help = "how many",
	 .minimum = 1,
	 .maximum = 100,
	 .offset = offsetof(struct values, count)},
	{.name = "speed",
	 .kind = OPTIONS_REAL,
	 .value = "X",
	 .help = "how fast",
	 .minimum = 0,
	 .maximum = 1000,
	 .offset = offsetof(struct values, speed)},
	{.name = "wait",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long",
	 .offset = offsetof(struct values, wait_ms)},
	{.name = "format",
	 .kind = OPTIONS_CHOICE,
	 .choices = formats,
	 .help = "one of several; this sentence is long enough to be broken into two lines",
	 .offset = offsetof(struct values, format)},
	{.name = "tag",
	 .kind = OPTIONS_LIST,
	 .value = "NAME",
	 .help = "any number of them",
	 .offset = offsetof(struct values, tags)},
};

static const struct options_option other_table[] = {
	{.name = "loud",
	 .kind = OPTIONS_FLAG,
	 .help = "shout",
	 .offset = offsetof(struct other_values, loud)},
};

static const struct options_group group = OPTIONS_GROUP("Options", table);
static const struct options_group other_group = OPTIONS_GROUP("Other", other_table);

static const struct cli_command command = {
	.name = "test",
	.summary = "try the options",
	.arguments = "[WORD...]",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&group, &other_group, NULL},
};

struct parsed {
	struct values values;
	struct other_values other;
	char *words[WORDS_MAX];
	int count;
	int result;
};

/* Words up to the first NULL. */
static struct parsed parse(const char *const words[WORDS_MAX])
{
	struct parsed parsed = {.values = {.count = 7, .speed = 1.5, .format = 1}};

	while (parsed.count < WORDS_MAX && words[parsed.count] != NULL) {
		parsed.words[parsed.count] = (char *)words[parsed.count];
		parsed.count++;
	}
	parsed.result = options_parse(&command, &parsed.count, parsed.words,
				      (void *[]){&parsed.values, &parsed.other});
	return parsed;
}

#define PARSE(...) parse((const char *const[WORDS_MAX]){__VA_ARGS__})

static void leaves_defaults_alone(void **state)
{
	struct parsed parsed = PARSE(NULL);

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.count, 0);
	assert_false(parsed.values.json);
	assert_null(parsed.values.broker);
	assert_int_equal(parsed.values.count, 7);
	assert_int_equal(parsed.values.format, 1);
	assert_false(parsed.other.loud);
}

static void takes_every_kind(void **state)
{
	struct parsed parsed = PARSE("--json", "--broker=a=b", "--file", "-", "--count", "100",
				     "--speed", "20.5");

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.count, 0);
	assert_true(parsed.values.json);
	assert_string_equal(parsed.values.broker, "a=b");
	assert_string_equal(parsed.values.file, "-");
	assert_int_equal(parsed.values.count, 100);
	assert_true(fabs(parsed.values.speed - 20.5) < 1e-9);

	parsed = PARSE("--wait", "1.5", "--format", "6", "--loud");
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.values.wait_ms, 1500);
	assert_int_equal(parsed.values.format, 2);
	assert_true(parsed.other.loud);
}

static void options_stand_anywhere(void **state)
{
	struct parsed parsed = PARSE("one", "--json", "-b", "x", "-", "--loud");

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.count, 2);
	assert_string_equal(parsed.words[0], "one");
	assert_string_equal(parsed.words[1], "-");
	assert_true(parsed.values.json);
	assert_true(parsed.other.loud);
	assert_string_equal(parsed.values.broker, "x");
}

static void two_dashes_end_the_options(void **state)
{
	struct parsed parsed = PARSE("-j", "--", "--json", "--");

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.count, 2);
	assert_string_equal(parsed.words[0], "--json");
	assert_string_equal(parsed.words[1], "--");
}

static void a_value_may_look_like_an_option(void **state)
{
	struct parsed parsed = PARSE("--broker", "--json");

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_string_equal(parsed.values.broker, "--json");
	assert_false(parsed.values.json);
}

static void negative_numbers_are_arguments(void **state)
{
	struct parsed parsed = PARSE("-5", "-.25", "--json");

	(void)state;
	assert_int_equal(parsed.result, OPTIONS_RUN);
	assert_int_equal(parsed.count, 2);
	assert_string_equal(parsed.words[0], "-5");
	assert_string_equal(parsed.words[1], "-.25");
	assert_true(parsed.values.json);
	assert_int_equal(PARSE("-5x").result, CLI_USAGE);
}

static void a_list_grows_to_its_limit(void **state)
{
	char *words[2 * (OPTIONS_LIST_MAX + 1)];
	struct values values = {0};
	struct other_values other = {0};
	int count = 2 * OPTIONS_LIST_MAX;

	(void)state;
	for (int i = 0; i <= OPTIONS_LIST_MAX; i++) {
		words[2 * i] = "--tag";
		words[2 * i + 1] = i == 0 ? "first" : "other";
	}
	assert_int_equal(options_parse(&command, &count, words, (void *[]){&values, &other}),
			 OPTIONS_RUN);
	assert_int_equal(values.tags.count, OPTIONS_LIST_MAX);
	assert_string_equal(values.tags.items[0], "first");
	assert_string_equal(values.tags.items[OPTIONS_LIST_MAX - 1], "other");

	values.tags.count = 0;
	for (int i = 0; i <= OPTIONS_LIST_MAX; i++) {
		words[2 * i] = "--tag";
		words[2 * i + 1] = "x";
	}
	count = 2 * (OPTIONS_LIST_MAX + 1);
	assert_int_equal(options_parse(&command, &count, words, (void *[]){&values, &other}),
			 CLI_USAGE);
}

static void the_last_one_counts(void **state)
{
	struct parsed parsed = PARSE("--count", "3", "--count=4");

	(void)state;
	assert_int_equal(parsed.values.count, 4);
}

static const char *const mistakes[][WORDS_MAX] = {
	{"--jsn"},        {"--jso"},           {"-x"},
	{"-jb"},          {"--json=1"},        {"--broker"},
	{"--count", "0"}, {"--count", "101"},  {"--count", "1x"},
	{"--count", ""},  {"--count", " 1"},   {"--count=1.5"},
	{"--count=0x10"}, {"--speed", "fast"}, {"--speed=nan"},
	{"--speed=1e3"},  {"--speed=-1"},      {"--wait", "-1"},
	{"--wait", "1d"}, {"--wait="},         {"--format", "3"},
	{"--format", ""}, {"a", "b", "c"},     {"--count=99999999999999999999"},
};

static void mistakes_are_usage_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct parsed parsed = parse(mistakes[i]);

		if (parsed.result != CLI_USAGE) {
			fail_msg("%s %s was taken", mistakes[i][0],
				 mistakes[i][1] != NULL ? mistakes[i][1] : "");
		}
	}
}

static const struct {
	const char *text;
	int64_t milliseconds; /* -1: refused */
} durations[] = {
	{"0", 0},
	{"10", 10000},
	{"1.5", 1500},
	{".5", 500},
	{"500ms", 500},
	{"2s", 2000},
	{"2m", 120000},
	{"1min", 60000},
	{"1h", 3600000},
	{"1e3", -1},
	{"", -1},
	{"ms", -1},
	{"-1", -1},
	{"1 s", -1},
	{"inf", -1},
	{"1.2.3", -1},
	{"99999999999999h", -1},
};

static void reads_durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		int64_t milliseconds = -1;
		bool taken = options_read_duration(durations[i].text, &milliseconds);

		assert_int_equal(taken, durations[i].milliseconds >= 0);
		assert_int_equal(milliseconds, durations[i].milliseconds);
	}
}

static const struct {
	const char *text;
	bool taken;
	int64_t value;
} integers[] = {
	{"0", true, 0},
	{"-5", true, -5},
	{"+5", true, 5},
	{"9223372036854775807", true, INT64_MAX},
	{"9223372036854775808", false, 0},
	{"-9223372036854775808", true, INT64_MIN},
	{"", false, 0},
	{"-", false, 0},
	{"1-2", false, 0},
	{"12a", false, 0},
	{" 1", false, 0},
};

static void reads_integers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		int64_t value = 0;

		assert_int_equal(options_read_integer(integers[i].text, &value), integers[i].taken);
		assert_int_equal(value, integers[i].value);
	}
}

static char *captured(void (*print)(const struct cli_command *, FILE *), char text[TEXT_SIZE])
{
	FILE *stream = fmemopen(text, TEXT_SIZE, "w");

	assert_non_null(stream);
	print(&command, stream);
	fclose(stream);
	return text;
}

static void help_shows_every_option(void **state)
{
	char text[TEXT_SIZE] = "";

	(void)state;
	captured(options_print_help, text);
	assert_non_null(strstr(text, "Usage: flagship test [OPTIONS] [WORD...]\n"));
	assert_non_null(strstr(text, "\nOptions\n  -j, --json                print JSON\n"));
	assert_non_null(strstr(text,
			       "  --format 1|2|6            one of several; this sentence is "
			       "long enough to be\n                            broken into two "
			       "lines\n"));
	assert_non_null(strstr(text, "  -h, --help                print this text\n\nOther\n"));
	assert_non_null(strstr(text, "  --loud                    shout\n"));
}

static void completions_list_every_option(void **state)
{
	char text[TEXT_SIZE] = "";

	(void)state;
	captured(options_print_completions, text);
	assert_non_null(strstr(text, "option\t--json\t\tflag\tprint JSON\n"));
	assert_non_null(strstr(text, "option\t--broker\tURL\ttext\twhere\n"));
	assert_non_null(strstr(text, "option\t--file\tFILE\tfile\twhich\n"));
	assert_non_null(strstr(text, "option\t--count\tN\tinteger\thow many\n"));
	assert_non_null(strstr(text, "option\t--speed\tX\treal\thow fast\n"));
	assert_non_null(strstr(text, "option\t--wait\tSECONDS\tduration\thow long\n"));
	assert_non_null(strstr(text, "option\t--format\t1|2|6\tchoice\t"));
	assert_non_null(strstr(text, "option\t--tag\tNAME\tlist\tany number of them\n"));
	assert_non_null(strstr(text, "option\t--loud\t\tflag\tshout\n"));
	assert_non_null(strstr(text, "option\t--help\t\tflag\tprint this text\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_defaults_alone),
		cmocka_unit_test(takes_every_kind),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(negative_numbers_are_arguments),
		cmocka_unit_test(a_list_grows_to_its_limit),
		cmocka_unit_test(the_last_one_counts),
		cmocka_unit_test(mistakes_are_usage_errors),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(reads_integers),
		cmocka_unit_test(help_shows_every_option),
		cmocka_unit_test(completions_list_every_option),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
