/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/rest/command_body.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SCHEMA_SIZE  16384

/* As a body that came: with a NUL behind it, and nothing after that which may be read. */
static bool read_body(struct command_body *body, const char *text, struct problem *problem)
{
	size_t length = strlen(text);
	char *copy = malloc(length + 1);

	assert_non_null(copy);
	memcpy(copy, text, length + 1);
	bool is_read = command_body_read(body, copy, length, problem);
	free(copy);
	return is_read;
}

struct taken_case {
	const char *text;
	enum command_kind kind;
	int64_t value;
	const char *words; /* the request's text */
};

static const struct taken_case taken[] = {
	{"{\"command\":\"pause\"}", COMMAND_PAUSE, 0, NULL},
	{" {\"command\" : \"stop\"} ", COMMAND_STOP, 0, NULL},
	{"{\"command\":\"nozzle\",\"target_c\":210}", COMMAND_NOZZLE_TARGET, 21000, NULL},
	{"{\"target_c\":59.996,\"command\":\"bed\"}", COMMAND_BED_TARGET, 6000, NULL},
	{"{\"command\":\"fan\",\"percent\":50}", COMMAND_FAN, 50, NULL},
	{"{\"command\":\"speed\",\"mm_s\":250}", COMMAND_SPEED, 250, NULL},
	{"{\"command\":\"home\"}", COMMAND_HOME, COMMAND_AXES_ALL, NULL},
	{"{\"command\":\"home\",\"axes\":\"zx\"}", COMMAND_HOME, COMMAND_AXIS_X | COMMAND_AXIS_Z,
	 NULL},
	{"{\"command\":\"z-offset\",\"offset_mm\":-0.05}", COMMAND_Z_OFFSET, -5, NULL},
	{"{\"command\":\"rename\",\"name\":\"K\\u00fcche\"}", COMMAND_RENAME, 0,
	 "K\xc3\xbc"
	 "che"},
	{"{\"command\":\"files\"}", COMMAND_FILES, 1, NULL},
	{"{\"command\":\"files\",\"storage\":\"usb\"}", COMMAND_FILES, 0, NULL},
	{"{\"command\":\"start\",\"path\":\"a.gcode\"}", COMMAND_START, 0, "a.gcode"},
	{"{\"command\":\"light\",\"on\":true}", COMMAND_LIGHT, 1, NULL},
	{"{\"command\":\"light\",\"on\":false}", COMMAND_LIGHT, 0, NULL},
	{"{\"command\":\"gcode\",\"line\":\"M105\"}", COMMAND_GCODE, 0, "M105"},
	{"{\"command\":\"send\",\"message\":{\"commandType\": 1006, \"value\": 60}}", COMMAND_SEND,
	 0, "{\"commandType\":1006,\"value\":60}"},
	{"{\"command\":\"query\",\"message\":{\"commandType\":1027}}", COMMAND_QUERY, 0,
	 "{\"commandType\":1027}"},
};

static void each_command_takes_its_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++) {
		struct command_body body;
		struct problem problem = {0};

		if (!read_body(&body, taken[i].text, &problem)) {
			fail_msg("%s: %s", taken[i].text, problem.text);
		}
		assert_int_equal(body.request.kind, taken[i].kind);
		assert_int_equal(body.request.value, taken[i].value);
		assert_false(body.request.force || body.request.relative);
		assert_int_equal(body.request.timeout_ms, 0);
		if (taken[i].words) {
			assert_string_equal(body.request.text, taken[i].words);
		} else {
			assert_null(body.request.text);
		}
		command_body_finish(&body);
	}
}

static void numbers_go_where_they_belong(void **state)
{
	struct command_body body;
	struct problem problem;

	(void)state;
	assert_true(read_body(&body,
			      "{\"command\":\"move\",\"x_mm\":-1.5,\"z_mm\":2,\"feed_mm_s\":40,"
			      "\"relative\":true,\"force\":true,\"timeout_s\":1.5}",
			      &problem));
	assert_true(body.request.position_mm[0] == -1.5 && body.request.position_mm[2] == 2);
	assert_true(isnan(body.request.position_mm[1]));
	assert_true(body.request.feed_mm_s == 40 && body.request.relative && body.request.force);
	assert_int_equal(body.request.timeout_ms, 1500);
	command_body_finish(&body);
	assert_true(read_body(&body, "{\"command\":\"extrude\",\"length_mm\":-3.25}", &problem));
	assert_true(body.request.distance_mm == -3.25 && body.request.feed_mm_s == 0);
	command_body_finish(&body);
}

struct refused_case {
	const char *text;
	const char *problem; /* a part of it */
};

#define NO_COMMAND "is to be an object with a command"

static const struct refused_case refused[] = {
	{"", NO_COMMAND},
	{"[]", NO_COMMAND},
	{"\"pause\"", NO_COMMAND},
	{"{}", NO_COMMAND},
	{"{\"command\":7}", NO_COMMAND},
	{"{\"Command\":\"pause\"}", NO_COMMAND},
	{"{\"command\":\"pause\"", NO_COMMAND},
	{"{\"command\":\"pause\"} x", NO_COMMAND},
	{"{\"command\":\"Pause\"}", "no command 'Pause'"},
	{"{\"command\":\"\"}", "no command ''"},
	{"{\"command\":\"pause\",\"value\":1}", "pause has no member 'value'"},
	{"{\"command\":\"bed\",\"Target_C\":60}", "bed has no member 'Target_C'"},
	{"{\"command\":\"bed\"}", "bed needs target_c"},
	{"{\"command\":\"bed\",\"target_c\":\"60\"}", "bed does not take this target_c"},
	{"{\"command\":\"bed\",\"target_c\":null}", "does not take this target_c"},
	{"{\"command\":\"bed\",\"target_c\":1e7}", "does not take this target_c"},
	{"{\"command\":\"bed\",\"target_c\":1e999}", "does not take this target_c"},
	{"{\"command\":\"bed\",\"target_c\":60,\"target_c\":100}", "has 'target_c' twice"},
	{"{\"command\":\"stop\",\"command\":\"pause\"}", "has 'command' twice"},
	{"{\"command\":\"send\",\"message\":{\"a\":1},\"message\":{\"a\":2}}",
	 "has 'message' twice"},
	{"{\"command\":\"fan\",\"percent\":50.5}", "does not take this percent"},
	{"{\"command\":\"home\",\"axes\":\"\"}", "does not take this axes"},
	{"{\"command\":\"home\",\"axes\":\"xe\"}", "does not take this axes"},
	{"{\"command\":\"home\",\"axes\":7}", "does not take this axes"},
	{"{\"command\":\"move\"}", "move needs x_mm, y_mm or z_mm"},
	{"{\"command\":\"move\",\"relative\":true}", "move needs x_mm, y_mm or z_mm"},
	{"{\"command\":\"move\",\"x_mm\":1,\"feed_mm_s\":0}", "does not take this feed_mm_s"},
	{"{\"command\":\"move\",\"x_mm\":1,\"relative\":1}", "does not take this relative"},
	{"{\"command\":\"extrude\",\"length_mm\":0}", "does not take this length_mm"},
	{"{\"command\":\"rename\",\"name\":\"\"}", "does not take this name"},
	{"{\"command\":\"files\",\"storage\":\"disk\"}", "does not take this storage"},
	{"{\"command\":\"light\",\"on\":1}", "does not take this on"},
	{"{\"command\":\"gcode\"}", "gcode needs line"},
	{"{\"command\":\"send\",\"message\":[1]}", "does not take this message"},
	{"{\"command\":\"pause\",\"force\":\"yes\"}", "does not take this force"},
	{"{\"command\":\"pause\",\"timeout_s\":0}", "does not take this timeout_s"},
	{"{\"command\":\"pause\",\"timeout_s\":3601}", "does not take this timeout_s"},
};

static void what_is_not_understood_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct command_body body;
		struct problem problem = {0};

		if (read_body(&body, refused[i].text, &problem) ||
		    !strstr(problem.text, refused[i].problem)) {
			fail_msg("%s: \"%s\"", refused[i].text, problem.text);
		}
		command_body_finish(&body);
	}
}

static void a_part_of_a_body_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++) {
		size_t end = (size_t)(strrchr(taken[i].text, '}') - taken[i].text);

		for (size_t length = 0; length <= end; length++) {
			char *part = strndup(taken[i].text, length);
			struct command_body body;
			struct problem problem;

			assert_non_null(part);
			assert_false(read_body(&body, part, &problem));
			command_body_finish(&body);
			free(part);
		}
	}
}

/* Every command is in the schema once, with "command" and those members that each has to have. */
static void the_schema_has_every_command(void **state)
{
	static char text[SCHEMA_SIZE];
	struct json_writer writer;
	size_t length;

	(void)state;
	json_writer_init(&writer, text, sizeof(text));
	command_body_write_schema(&writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	cJSON *schema = cJSON_ParseWithLength(text, length);
	assert_non_null(schema);
	cJSON_Delete(schema);
	for (int kind = COMMAND_PAUSE; kind <= COMMAND_STATUS; kind++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "{\"const\":\"%s\"}",
			 command_kind_name((enum command_kind)kind));
		const char *found = strstr(text, expected);
		assert_non_null(found);
		assert_null(strstr(found + 1, expected));
	}
	assert_non_null(strstr(text, "\"required\":[\"command\",\"target_c\"]"));
	assert_non_null(strstr(text, "\"required\":[\"command\"]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_takes_its_members),
		cmocka_unit_test(numbers_go_where_they_belong),
		cmocka_unit_test(what_is_not_understood_is_explained),
		cmocka_unit_test(a_part_of_a_body_is_none),
		cmocka_unit_test(the_schema_has_every_command),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
