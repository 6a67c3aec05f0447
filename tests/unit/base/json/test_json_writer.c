/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>

#include "base/json/writer.h"

#include <math.h>
#include <string.h>

#define OUT_SIZE 256
#define WHOLE                                                                                     \
	"{\"null\":null,\"yes\":true,\"no\":false,\"numbers\":[0,-9223372036854775808,0.5,null]," \
	"\"empty\":{},\"text\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\xc3\xa9\xef\xbf\xbd\",\"raw\":[" \
	"1,2]}"

static void write_everything(struct json_writer *writer)
{
	json_object_begin(writer);
	json_key(writer, "null");
	json_string(writer, NULL);
	json_key(writer, "yes");
	json_bool(writer, true);
	json_key(writer, "no");
	json_bool(writer, false);
	json_key(writer, "numbers");
	json_array_begin(writer);
	json_int(writer, 0);
	json_int(writer, INT64_MIN);
	json_real(writer, 0.5);
	json_real(writer, NAN);
	json_array_end(writer);
	json_key(writer, "empty");
	json_object_begin(writer);
	json_object_end(writer);
	json_key(writer, "text");
	json_string_n(writer, "a\"\\\b\f\n\r\t\x01\xc3\xa9\xff", 12);
	json_key(writer, "raw");
	json_raw(writer, "[1,2]", 5);
	json_object_end(writer);
}

static void writes_every_kind_of_value(void **state)
{
	char out[OUT_SIZE];
	struct json_writer writer;
	size_t length;

	(void)state;
	json_writer_init(&writer, out, sizeof(out));
	write_everything(&writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(out, WHOLE);
	assert_int_equal(length, strlen(WHOLE));
}

static void never_writes_beyond_the_buffer(void **state)
{
	size_t needed = strlen(WHOLE) + 1;

	(void)state;
	for (size_t capacity = 0; capacity <= needed; capacity++) {
		char out[OUT_SIZE];
		struct json_writer writer;
		size_t length;
		memset(out, '#', sizeof(out));
		json_writer_init(&writer, out, capacity);
		write_everything(&writer);
		int expected = capacity < needed ? FLAGSHIP_ERROR_BUFFER : 0;
		assert_int_equal(json_writer_finish(&writer, &length), expected);
		assert_int_equal(length, needed - 1);
		assert_int_equal(out[capacity], '#');
		if (expected && capacity > 0) {
			assert_string_equal(out, "");
		}
	}
}

struct scaled_case {
	int64_t value;
	unsigned int decimals;
	const char *text;
};

static void writes_scaled_numbers_exactly(void **state)
{
	static const struct scaled_case cases[] = {
		{6000, 2, "60.0"},
		{6006, 2, "60.06"},
		{3971, 2, "39.71"},
		{-5, 2, "-0.05"},
		{-50, 2, "-0.5"},
		{0, 2, "0.0"},
		{7, 0, "7"},
		{-7, 0, "-7"},
		{64972, 3, "64.972"},
		{65000, 3, "65.0"},
		{INT64_MIN, 2, "-92233720368547758.08"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[OUT_SIZE];
		struct json_writer writer;
		size_t length;
		json_writer_init(&writer, out, sizeof(out));
		json_scaled(&writer, cases[i].value, cases[i].decimals);
		assert_int_equal(json_writer_finish(&writer, &length), 0);
		assert_string_equal(out, cases[i].text);
	}
}

static void writes_real_numbers_with_fifteen_digits(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0"},
		{-0.0, "-0"},
		{7, "7"},
		{-7, "-7"},
		{0.1, "0.1"},
		{123456789.5, "123456789.5"},
		{999999999999999, "999999999999999"},
		{1e15, "1e+15"},
		{1e300, "1e+300"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[OUT_SIZE];
		struct json_writer writer;
		size_t length;
		json_writer_init(&writer, out, sizeof(out));
		json_real(&writer, cases[i].value);
		assert_int_equal(json_writer_finish(&writer, &length), 0);
		assert_string_equal(out, cases[i].text);
	}
}

static void keeps_an_escaped_text_what_it_is(void **state)
{
	struct flagship_text text = flagship_text_from("\\u0041\\n\\ud83d\\ude00\\/\\ud83d");
	char out[OUT_SIZE];
	struct json_writer writer;
	size_t length;

	(void)state;
	text.escaped = true;
	json_writer_init(&writer, out, sizeof(out));
	json_text(&writer, text);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(out, "\"A\\n\xf0\x9f\x98\x80/\xef\xbf\xbd\"");
}

static void writes_what_is_not_known_as_null(void **state)
{
	char out[OUT_SIZE];
	struct json_writer writer;
	size_t length;

	(void)state;
	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_member_known(&writer, "name", "Left");
	json_member_known(&writer, "port", "");
	json_member_known(&writer, "user", NULL);
	json_object_end(&writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(out, "{\"name\":\"Left\",\"port\":null,\"user\":null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_kind_of_value),
		cmocka_unit_test(never_writes_beyond_the_buffer),
		cmocka_unit_test(writes_scaled_numbers_exactly),
		cmocka_unit_test(writes_real_numbers_with_fifteen_digits),
		cmocka_unit_test(keeps_an_escaped_text_what_it_is),
		cmocka_unit_test(writes_what_is_not_known_as_null),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
