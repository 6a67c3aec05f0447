/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/message.h>

#include "base/json/reader.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH         4

static struct json_reader reader_of(const char *json)
{
	return (struct json_reader){json, json + strlen(json)};
}

struct value_case {
	const char *json;
	enum json_kind kind;
};

static void takes_every_kind_of_value(void **state)
{
	static const struct value_case cases[] = {
		{"null", JSON_NULL},
		{"true", JSON_TRUE},
		{" false", JSON_FALSE},
		{"0", JSON_NUMBER},
		{"-0.5e+3", JSON_NUMBER},
		{"\t\r\n\"a\\u00e9\\\\\"", JSON_STRING},
		{"[]", JSON_ARRAY},
		{"[ 1 , [ 2 ] , {} ]", JSON_ARRAY},
		{"{}", JSON_OBJECT},
		{"{ \"a\" : { \"b\" : [ true , null ] } , \"c\":1}", JSON_OBJECT},
		{"[[[[]]]]", JSON_ARRAY},
		{"\"\x7f\xff\xc3\xa9\"", JSON_STRING},
		{"\"eight by\\tte words, then more than eight\"", JSON_STRING},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct json_reader reader = reader_of(cases[i].json);
		struct json_value value;
		assert_int_equal(json_read_value(&reader, DEPTH, &value), 0);
		assert_int_equal(value.kind, cases[i].kind);
		assert_ptr_equal(reader.cursor, reader.end);
		assert_ptr_equal(value.json.data + value.json.length, reader.end);
	}
}

struct error_case {
	const char *json;
	size_t offset;
	int error;
};

static void refuses_what_is_no_json(void **state)
{
	static const struct error_case cases[] = {
		{"", 0, FLAGSHIP_ERROR_JSON},
		{"  ", 2, FLAGSHIP_ERROR_JSON},
		{"nul", 3, FLAGSHIP_ERROR_JSON},
		{"truE", 3, FLAGSHIP_ERROR_JSON},
		{"falze", 3, FLAGSHIP_ERROR_JSON},
		{"x", 0, FLAGSHIP_ERROR_JSON},
		{"+1", 0, FLAGSHIP_ERROR_JSON},
		{"-", 1, FLAGSHIP_ERROR_JSON},
		{"-x", 1, FLAGSHIP_ERROR_JSON},
		{"1.", 2, FLAGSHIP_ERROR_JSON},
		{"1.x", 2, FLAGSHIP_ERROR_JSON},
		{"1e", 2, FLAGSHIP_ERROR_JSON},
		{"1e+", 3, FLAGSHIP_ERROR_JSON},
		{"1E-x", 3, FLAGSHIP_ERROR_JSON},
		{"\"abc", 4, FLAGSHIP_ERROR_JSON},
		{"\"a\nb\"", 2, FLAGSHIP_ERROR_JSON},
		{"\"abcdefghi\x1f\"", 10, FLAGSHIP_ERROR_JSON},
		{"\"\\", 2, FLAGSHIP_ERROR_JSON},
		{"\"\\x\"", 2, FLAGSHIP_ERROR_JSON},
		{"\"\\u12\"", 5, FLAGSHIP_ERROR_JSON},
		{"\"\\u12", 5, FLAGSHIP_ERROR_JSON},
		{"\"\\u12g4\"", 5, FLAGSHIP_ERROR_JSON},
		{"[1,]", 3, FLAGSHIP_ERROR_JSON},
		{"[1 2]", 3, FLAGSHIP_ERROR_JSON},
		{"[1", 2, FLAGSHIP_ERROR_JSON},
		{"[,", 1, FLAGSHIP_ERROR_JSON},
		{"{1:2}", 1, FLAGSHIP_ERROR_JSON},
		{"{\"a\"}", 4, FLAGSHIP_ERROR_JSON},
		{"{\"a\":}", 5, FLAGSHIP_ERROR_JSON},
		{"{\"a\":1,}", 7, FLAGSHIP_ERROR_JSON},
		{"{\"a\":1", 6, FLAGSHIP_ERROR_JSON},
		{"[[[[[]]]]]", 4, FLAGSHIP_ERROR_TOO_DEEP},
		{"{\"a\":[[[{}]]]}", 8, FLAGSHIP_ERROR_TOO_DEEP},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct json_reader reader = reader_of(cases[i].json);
		const char *start = reader.cursor;
		assert_int_equal(json_skip_value(&reader, DEPTH), cases[i].error);
		assert_int_equal((size_t)(reader.cursor - start), cases[i].offset);
	}
}

struct integer_case {
	const char *json;
	bool taken;
	int64_t value;
};

static void reads_integers_in_every_spelling(void **state)
{
	static const struct integer_case cases[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"42", true, 42},
		{"2.2e4", true, 22000},
		{"22000.000", true, 22000},
		{"2200000e-2", true, 22000},
		{"0e999999999999", true, 0},
		{"0.000e-5", true, 0},
		{"\"18000\"", true, 18000},
		{"\"-5\"", true, -5},
		{"true", true, 1},
		{"false", true, 0},
		{"4294967296", true, INT64_C(4294967296)},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"92233720368547758070e-1", true, INT64_MAX},
		{"1e18", true, INT64_C(1000000000000000000)},
		{"100000000000000000000000e-5", true, INT64_C(1000000000000000000)},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"99999999999999999999", false, 0},
		{"1e19", false, 0},
		{"1e999999999999", false, 0},
		{"0.5", false, 0},
		{"2200.01", false, 0},
		{"1e-1", false, 0},
		{"1.00000000000000000000000001", false, 0},
		{"\"\"", false, 0},
		{"\" 1\"", false, 0},
		{"\"1 \"", false, 0},
		{"\"1\\u0030\"", false, 0},
		{"\"PLA\"", false, 0},
		{"null", false, 0},
		{"[1]", false, 0},
		{"{}", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct json_reader reader = reader_of(cases[i].json);
		struct json_value value;
		int64_t integer = 0;
		assert_int_equal(json_read_value(&reader, DEPTH, &value), 0);
		assert_ptr_equal(reader.cursor, reader.end);
		assert_int_equal(json_value_to_int(&value, &integer), cases[i].taken);
		assert_true(integer == cases[i].value);
	}
}

static void rounds_integers(void **state)
{
	static const struct integer_case cases[] = {
		{"0.5", true, 1},
		{"0.49999999999999999999999", true, 0},
		{"-0.5", true, -1},
		{"-0.4", true, 0},
		{"2200.01", true, 2200},
		{"21999.5", true, 22000},
		{"1e-1", true, 0},
		{"5e-2", true, 0},
		{"5e-1", true, 1},
		{"99e-99999", true, 0},
		{"12.5e1", true, 125},
		{"\"60.75\"", true, 61},
		{"7", true, 7},
		{"true", true, 1},
		{"9223372036854775807.25", true, INT64_MAX},
		{"9223372036854775808.5", false, 0},
		{"-9223372036854775808.4", true, INT64_MIN},
		{"1e19", false, 0},
		{"\"fast\"", false, 0},
		{"null", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct json_reader reader = reader_of(cases[i].json);
		struct json_value value;
		int64_t integer = 0;
		assert_int_equal(json_read_value(&reader, DEPTH, &value), 0);
		assert_int_equal(json_value_round(&value, &integer), cases[i].taken);
		assert_true(integer == cases[i].value);
	}
}

struct real_case {
	const char *json;
	bool taken;
	double value;
};

static void reads_reals(void **state)
{
	static const struct real_case cases[] = {
		{"0", true, 0.0},      {"12.5", true, 12.5},  {"-0.25", true, -0.25},
		{"1e-3", true, 0.001}, {"1e22", true, 1e22},  {"\"3.75\"", true, 3.75},
		{"1e-400", true, 0.0}, {"1e400", false, 0.0}, {"-1e999999999999", false, 0.0},
		{"\"x\"", false, 0.0}, {"null", false, 0.0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct json_reader reader = reader_of(cases[i].json);
		struct json_value value;
		double real = 0.0;
		assert_int_equal(json_read_value(&reader, DEPTH, &value), 0);
		assert_int_equal(json_value_to_real(&value, &real), cases[i].taken);
		assert_true(real == cases[i].value);
	}
}

static bool find(const char *json, const char *name, struct json_value *value)
{
	struct flagship_json object = {json, (uint32_t)strlen(json)};

	return json_object_find(object, name, value);
}

static void finds_members(void **state)
{
	struct json_value value;
	int64_t integer = 0;

	(void)state;
	assert_true(find("{\"a\":1,\"b\":{\"a\":2},\"a\":3}", "a", &value));
	assert_true(json_value_to_int(&value, &integer));
	assert_int_equal(integer, 3);
	assert_true(find("{\"\\u0061\":4}", "a", &value));
	assert_false(find("{\"b\":{\"a\":2}}", "a", &value));
	assert_false(find("{}", "a", &value));
	assert_false(find("[1]", "a", &value));
	assert_false(find("{\"a\":1,\"b\"}", "a", &value));
	assert_false(find("{\"a\":1,\"b\":x}", "a", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_kind_of_value),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(reads_integers_in_every_spelling),
		cmocka_unit_test(rounds_integers),
		cmocka_unit_test(reads_reals),
		cmocka_unit_test(finds_members),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("json_reader", tests, NULL, NULL);
}
