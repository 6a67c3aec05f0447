/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/printer/playback.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_MAX     8192
#define CAPTURE     CAPTURES_DIR "/m5c-print.jsonl"
#define CAPTURE_MAX (1024 * 1024)

static struct playback playback;
static char out[OUT_MAX];

static int load(const char *text, size_t *bad_line)
{
	return playback_init(&playback, text, strlen(text), bad_line);
}

static const char *next(void)
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	playback_write_next(&playback, &writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	return out;
}

static const char *burst(void)
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	playback_write_burst(&playback, &writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	return out;
}

static void plays_in_time(void **state)
{
	size_t bad_line;

	(void)state;
	assert_int_equal(
		load("\xef\xbb\xbf{\"_event\":\"connected\",\"t\":0.1}\n"
		     "{\"commandType\":1003,\"currentTemp\":2400,\"targetTemp\":0,\"_t\":1.9}\n"
		     "\r\n"
		     "{\"commandType\":1004,\"_t\":1.910,\"_wall\":\"15:35\",\"a\\nb\":[1,{}]}\n"
		     "{\"commandType\":1000,\"_t\":1.911}\n"
		     "{\"_t\":\"3.5\",\"commandType\":1003,\"currentTemp\":2500}\n"
		     "{\"commandType\":1052}\n"
		     "[{\"commandType\":1,\"_t\":2},{\"commandType\":2,\"_t\":4}]",
		     &bad_line),
		0);
	assert_int_equal(playback_next_ms(&playback), 0);
	assert_string_equal(next(), "[{\"commandType\":1003,\"currentTemp\":2400,\"targetTemp\":0},"
				    "{\"commandType\":1004,\"a\\nb\":[1,{}]}]");
	assert_int_equal(playback_next_ms(&playback), 11);
	assert_string_equal(next(), "[{\"commandType\":1000}]");
	assert_int_equal(playback_next_ms(&playback), 1600);
	assert_string_equal(next(), "[{\"commandType\":1003,\"currentTemp\":2500},"
				    "{\"commandType\":1052},{\"commandType\":1}]");
	assert_int_equal(playback_next_ms(&playback), 2100);
	assert_string_equal(next(), "[{\"commandType\":2}]");
	assert_true(playback_next_ms(&playback) == INT64_MAX);
	assert_string_equal(burst(),
			    "[{\"commandType\":1003,\"currentTemp\":2500,\"targetTemp\":0},"
			    "{\"commandType\":1004,\"a\\nb\":[1,{}]},{\"commandType\":1000},"
			    "{\"commandType\":1052},{\"commandType\":1},{\"commandType\":2}]");
	playback_finish(&playback);
}

struct bad_case {
	const char *text;
	int error;
	size_t line;
};

static void names_the_line_that_is_bad(void **state)
{
	static const struct bad_case cases[] = {
		{"", FLAGSHIP_ERROR_ARGUMENT, 1},
		{"\n\n{\"_event\":1}\n", FLAGSHIP_ERROR_ARGUMENT, 4},
		{"{\"commandType\":1}\n{\"commandType\":", FLAGSHIP_ERROR_JSON, 2},
		{"{\"commandType\":1} x\n", FLAGSHIP_ERROR_JSON, 1},
		{"{\"commandType\":1}\n7\n", FLAGSHIP_ERROR_NOT_OBJECT, 2},
		{"\n[7]\n", FLAGSHIP_ERROR_NOT_OBJECT, 2},
		{"nonsense", FLAGSHIP_ERROR_JSON, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t bad_line;
		assert_int_equal(load(cases[i].text, &bad_line), cases[i].error);
		assert_int_equal(bad_line, cases[i].line);
		playback_finish(&playback);
	}
}

static char *read_capture(void)
{
	FILE *file = fopen(CAPTURE, "r");

	assert_non_null(file);
	char *text = calloc(1, CAPTURE_MAX);
	assert_non_null(text);
	assert_true(fread(text, 1, CAPTURE_MAX - 1, file) > 0);
	fclose(file);
	return text;
}

static void plays_the_capture(void **state)
{
	size_t notices = 0;
	size_t bad_line;
	char *text = read_capture();

	(void)state;
	assert_int_equal(load(text, &bad_line), 0);
	assert_int_equal(playback.count, 1467);
	while (playback_next_ms(&playback) != INT64_MAX) {
		assert_null(strstr(next(), "\"_"));
		notices++;
	}
	/* One each 3.00 s of 898 s, one more at the job's start and two of their own. */
	assert_in_range(notices, 300, 305);
	assert_non_null(strstr(burst(), "\"targetTemp\":22000"));
	playback_finish(&playback);
	free(text);
}

static int run_capture_tests(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(plays_the_capture)};

	/* Not skip(): cmocka writes it in a way that other readers of TAP take for a failure. */
	if (access(CAPTURE, R_OK)) {
		puts("1..0 # SKIP no " CAPTURE);
		return 0;
	}
	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}

/* With an argument: what needs a capture of somebody's printer. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_in_time),
		cmocka_unit_test(names_the_line_that_is_bad),
	};

	(void)argv;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return argc > 1 ? run_capture_tests()
			: cmocka_run_group_tests_name("playback", tests, NULL, NULL);
}
