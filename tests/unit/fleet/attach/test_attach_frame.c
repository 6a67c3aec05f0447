/* SPDX-License-Identifier: MIT */
#include "fleet/attach/frame.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The values of a frame that was written. */
static struct attach_reader open(struct attach_writer *writer, uint8_t expected)
{
	struct attach_reader values;
	uint8_t kind;
	size_t size;

	assert_true(attach_finish(writer));
	assert_int_equal(attach_next(writer->bytes, writer->length, &kind, &values, &size), 1);
	assert_int_equal(size, writer->length);
	assert_int_equal(kind, expected);
	return values;
}

static void test_requests(void **test)
{
	const struct command_request asked = {
		.kind = COMMAND_MOVE,
		.value = -5,
		.text = "\"é",
		.position_mm = {1.5, NAN, -0.0},
		.distance_mm = -2.25,
		.feed_mm_s = 80,
		.timeout_ms = INT64_MAX,
		.relative = true,
		.as_known = true,
	};
	struct attach_writer writer;
	struct command_request read;
	char *text;

	(void)test;
	attach_begin(&writer, ATTACH_COMMAND);
	attach_put_request(&writer, &asked);
	struct attach_reader values = open(&writer, ATTACH_COMMAND);
	attach_take_request(&values, &read, &text);
	assert_true(attach_end(&values));
	assert_int_equal(read.kind, asked.kind);
	assert_int_equal(read.value, asked.value);
	assert_string_equal(read.text, asked.text);
	assert_memory_equal(read.position_mm, asked.position_mm, sizeof(read.position_mm));
	assert_true(read.distance_mm == asked.distance_mm && read.feed_mm_s == asked.feed_mm_s);
	assert_int_equal(read.timeout_ms, asked.timeout_ms);
	assert_true(read.relative && read.as_known && !read.force && !read.no_wait);
	assert_null(read.user_id);
	free(text);
	attach_writer_free(&writer);
}

static void test_reports(void **test)
{
	char words[] = "ok T:24.00 /0.00\n";
	struct gcode_reply gcode = {.text = words,
				    .length = strlen(words),
				    .messages = 1,
				    .told_length = (int64_t)strlen(words),
				    .class = FLAGSHIP_GCODE_TEMPERATURES};
	const struct command_report ended = {
		.kind = COMMAND_GCODE,
		.outcome = COMMAND_ACCEPTED,
		.guarded = true,
		.detail = "the printer answered",
		.has_reply = true,
		.reply = -7,
		.gcode = &gcode,
		.attempts = 3,
		.elapsed_ms = 1234,
	};
	struct attach_writer writer;
	struct attach_report taken;

	(void)test;
	attach_begin(&writer, ATTACH_DONE);
	attach_put_report(&writer, &ended);
	struct attach_reader values = open(&writer, ATTACH_DONE);
	attach_take_report(&values, &taken);
	assert_true(attach_end(&values));
	assert_int_equal(taken.report.outcome, COMMAND_ACCEPTED);
	assert_true(taken.report.guarded && !taken.report.never && taken.report.has_reply);
	assert_string_equal(taken.report.detail, ended.detail);
	assert_int_equal(taken.report.reply, -7);
	assert_int_equal(taken.report.attempts, 3);
	assert_int_equal(taken.report.elapsed_ms, 1234);
	assert_memory_equal(taken.report.text, "T:24.00", strlen("T:24.00"));
	assert_true(taken.report.text_whole);
	attach_writer_free(&writer);
}

/* Whatever is cut off is no whole frame, and none whose values are all there. */
static void test_what_is_cut(void **test)
{
	const struct command_request asked = {.kind = COMMAND_GCODE, .text = "M105"};
	struct attach_writer writer;
	struct attach_reader values;
	struct command_request read;
	char *text;
	uint8_t kind;
	size_t size;

	(void)test;
	attach_begin(&writer, ATTACH_COMMAND);
	attach_put_request(&writer, &asked);
	struct attach_reader whole = open(&writer, ATTACH_COMMAND);
	for (size_t length = 0; length < writer.length; length++) {
		assert_int_equal(attach_next(writer.bytes, length, &kind, &values, &size), 0);
	}
	for (size_t left = 0; left < whole.left; left++) {
		values = (struct attach_reader){.at = whole.at, .left = left};
		attach_take_request(&values, &read, &text);
		assert_false(attach_end(&values));
		free(text);
	}
	attach_writer_free(&writer);
}

static void test_what_is_too_long(void **test)
{
	const uint8_t none[] = {0, 0, 0, 0, 1};
	const uint8_t much[] = {0xff, 0xff, 0xff, 0xff, 1};
	char *words = calloc(1, ATTACH_FRAME_MAX);
	struct attach_writer writer;
	struct attach_reader values;
	uint8_t kind;
	size_t size;

	(void)test;
	assert_int_equal(attach_next(none, sizeof(none), &kind, &values, &size), -1);
	assert_int_equal(attach_next(much, sizeof(much), &kind, &values, &size), -1);
	assert_non_null(words);
	attach_begin(&writer, ATTACH_PAYLOAD);
	attach_put_bytes(&writer, words, ATTACH_FRAME_MAX);
	assert_false(attach_finish(&writer));
	attach_writer_free(&writer);
	attach_begin(&writer, ATTACH_PAYLOAD);
	attach_put_bytes(&writer, words, ATTACH_FRAME_MAX - ATTACH_HEADER_SIZE);
	values = open(&writer, ATTACH_PAYLOAD);
	attach_writer_free(&writer);
	free(words);
}

/* What one end adds to a state, the other does not understand. */
static void test_the_version_holds_the_fields_of_a_state(void **test)
{
	char version[ATTACH_VERSION_MAX];

	(void)test;
	attach_version(version);
	assert_true(strlen(version) > strlen("0.1.0/1/0123456789abcde"));
	assert_non_null(strchr(version, '/'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_what_is_cut),
		cmocka_unit_test(test_what_is_too_long),
		cmocka_unit_test(test_the_version_holds_the_fields_of_a_state),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
