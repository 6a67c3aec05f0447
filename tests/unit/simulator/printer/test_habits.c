/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/printer/reply_habits.h"

#include <flagship/gcode.h>

#include <stdio.h>
#include <string.h>

static struct reply_text answer;
static struct reply_text reply;
static struct random_source random_source;

static void say(enum flagship_model model, const char *word, const char *text, uint32_t queued)
{
	reply_text_init(&answer);
	reply_text_add(&answer, "%s", text);
	reply_habits_apply(simulator_model_find(model)->habits,
			   flagship_gcode_class_of(word, strlen(word), model), word, &answer,
			   queued, &random_source, &reply);
	assert_int_equal(strlen(reply.data), reply.length);
}

static void say_lines(enum flagship_model model, const char *word, size_t lines)
{
	char text[REPLY_TEXT_MAX];
	size_t length = 0;

	for (size_t i = 0; i < lines; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "echo:  line %04zu\n", i);
	}
	say(model, word, text, 1);
}

struct whole_case {
	enum flagship_model model;
	const char *word;
	const char *text;
	uint32_t queued;
	const char *reply;
};

/* Where the capture has the command, the reply is the captured one. */
static void answers_as_captured(void **state)
{
	static const struct whole_case cases[] = {
		{FLAGSHIP_MODEL_M5C, "M851", "Probe Offset X0 Y0 Z0.02\n", 1,
		 "Probe Offset X0 Y0 Z0.02\n+ringbuf:1,512,0\nok\n"},
		{FLAGSHIP_MODEL_M5C, "M114",
		 "X:-15.00 Y:232.50 Z:0.25 E:0.00 Count X:-1920 Y:29760 Z:0\n", 1,
		 "X:-15.00 Y:232.50 Z:0.25 E:0.00 Count X:-1920 Y:29760 Z:0\nok\n\n+r"},
		{FLAGSHIP_MODEL_M5C, "M92", "echo: M92 X128.00 Y128.00\n", 1,
		 "ok\n\n+ringbuf:1,512,0\necho: M92 X"},
		{FLAGSHIP_MODEL_M5C, "M204", "Acceleration: P2500.00\n", 1,
		 "ok\n\nok\n\n+ringbuf:1,512,0\nAcceler"},
		{FLAGSHIP_MODEL_M5C, "M104", "", 1, "ok\n\nok\n\n+ringbuf:1,512,0\n"},
		{FLAGSHIP_MODEL_M5C, "M140", "", 1, "ok\n\n+ringbuf:1,512,0\nok\n"},
		{FLAGSHIP_MODEL_M5C, "M105", "T:24.00\n", 1, "ok T:24.00\n"},
		{FLAGSHIP_MODEL_M5C, "M2021", "", 0, "+ringbuf:0,512,1\nok\n"},
		{FLAGSHIP_MODEL_M5C, "M2022", "", 2, "ok\n"},
		{FLAGSHIP_MODEL_M5C, "M2023", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5C, "M2024", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5, "M2021", "", 2, "+ringbuf:2,512,0\nok\n"},
		{FLAGSHIP_MODEL_M5, "M2022", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5, "M2023", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5, "M2024", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5, "M2025", "", 0, "ok\n"},
		{FLAGSHIP_MODEL_M5C, "M2025", "echo:Unknown command: \"M2025\"\n", 1,
		 "echo:Unknown command: \"M2025\"\n+ringbuf:1,512,0\nok\n"},
		{FLAGSHIP_MODEL_M5C, "M220", "FR:100%\n", 1,
		 "ok\n\nok\n\n+ringbuf:1,512,0\nFR:100%"},
		{FLAGSHIP_MODEL_M5C, "G28", "", 2, "+ringbuf:2,512,0\nok\n"},
		{FLAGSHIP_MODEL_M5, "M114", "X:1\n", 0, "X:1\nok\n\n+ringbuf:0,512,1\n"},
		{FLAGSHIP_MODEL_M5, "G1", "", 3, "ok\n\n+ringbuf:3,512,0\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		say(cases[i].model, cases[i].word, cases[i].text, cases[i].queued);
		assert_string_equal(reply.data, cases[i].reply);
	}
}

static void keeps_the_head_beyond_the_limit(void **state)
{
	struct flagship_gcode_reply parsed;

	(void)state;
	say_lines(FLAGSHIP_MODEL_M5C, "M115", 100);
	assert_int_equal(reply.length, REPLY_LIMIT);
	assert_memory_equal(reply.data, answer.data, REPLY_LIMIT);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, reply.data, reply.length,
				   (int64_t)reply.length, &parsed);
	assert_false(parsed.complete);
	assert_true(parsed.cut_at_limit);
}

static void loses_the_head_and_splices(void **state)
{
	char first[REPLY_LIMIT + 1];
	bool differs = false;

	(void)state;
	random_init(&random_source, 1, 1);
	say_lines(FLAGSHIP_MODEL_M5C, "M503", 100);
	memcpy(first, reply.data, sizeof(first));
	for (int i = 0; i < 50; i++) {
		say_lines(FLAGSHIP_MODEL_M5C, "M503", 100);
		assert_int_equal(reply.length, REPLY_LIMIT);
		assert_null(strstr(answer.data, reply.data));
		assert_null(strstr(reply.data, "line 0000"));
		assert_string_not_equal(reply.data + reply.length - 3, "ok\n");
		differs = differs || strcmp(first, reply.data) != 0;
	}
	assert_true(differs);
}

/* Every length about the limit: whole below, never more than the limit, never whole above. */
static void never_exceeds_the_limit(void **state)
{
	char text[2 * REPLY_LIMIT];

	(void)state;
	for (size_t length = 400; length < 700; length++) {
		struct flagship_gcode_reply parsed;
		memset(text, 'x', length);
		text[length - 1] = '\n';
		text[length] = '\0';
		size_t whole = length + strlen("+ringbuf:1,512,0\nok\n");
		say(FLAGSHIP_MODEL_M5C, "M503", text, 1);
		assert_int_equal(reply.length, whole < REPLY_LIMIT ? whole : REPLY_LIMIT);
		flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, reply.data, reply.length, -1,
					   &parsed);
		assert_int_equal(parsed.complete, whole <= REPLY_LIMIT);
	}
}

static void survives_texts_that_do_not_fit(void **state)
{
	(void)state;
	reply_text_init(&answer);
	for (size_t i = 0; i < REPLY_TEXT_MAX; i++) {
		reply_text_add(&answer, "%s", "0123456789");
	}
	assert_int_equal(answer.length, REPLY_TEXT_MAX - 1);
	assert_int_equal(strlen(answer.data), answer.length);
	reply_habits_apply(simulator_model_find(FLAGSHIP_MODEL_M5)->habits, FLAGSHIP_GCODE_AT_ONCE,
			   "M115", &answer, 0, &random_source, &reply);
	assert_int_equal(reply.length, REPLY_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_captured),
		cmocka_unit_test(keeps_the_head_beyond_the_limit),
		cmocka_unit_test(loses_the_head_and_splices),
		cmocka_unit_test(never_exceeds_the_limit),
		cmocka_unit_test(survives_texts_that_do_not_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("habits", tests, NULL, NULL);
}
