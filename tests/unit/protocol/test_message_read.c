/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/flagship.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT_SIZE     512
#define PAYLOAD_SIZE  8192
#define WRONG_KEYS    20000

static void read_one(const char *json, struct flagship_message *message)
{
	size_t count;

	assert_int_equal(flagship_payload_read(json, strlen(json), message, 1, &count), 0);
	assert_int_equal(count, 1);
}

static void assert_text(struct flagship_text text, const char *expected)
{
	char out[TEXT_SIZE];

	flagship_text_copy(text, out, sizeof(out));
	assert_string_equal(out, expected);
}

static void reads_an_array_of_messages(void **state)
{
	static const char json[] =
		"[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000},"
		" {\"commandType\":1004,\"currentTemp\":3990}]";
	struct flagship_message messages[2];
	size_t count;

	(void)state;
	assert_int_equal(flagship_payload_read(json, sizeof(json) - 1, messages, 2, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(messages[0].type, FLAGSHIP_MESSAGE_NOZZLE_TEMP);
	assert_string_equal(messages[0].info->name, "nozzle_temp");
	assert_int_equal(messages[0].as.present, FLAGSHIP_NOZZLE_TEMP_HAS_CURRENT_CENTI_C |
							 FLAGSHIP_NOZZLE_TEMP_HAS_TARGET_CENTI_C);
	assert_int_equal(messages[0].as.nozzle_temp.current_centi_c, 5263);
	assert_int_equal(messages[0].as.nozzle_temp.target_centi_c, 18000);
	assert_int_equal(messages[1].as.present, FLAGSHIP_HOTBED_TEMP_HAS_CURRENT_CENTI_C);
	assert_int_equal(messages[1].as.hotbed_temp.current_centi_c, 3990);
	assert_memory_equal(messages[1].json.data, "{\"commandType\":1004,\"currentTemp\":3990}",
			    messages[1].json.length);
}

static void reads_a_job_with_every_kind_of_field(void **state)
{
	struct flagship_message message;
	const struct flagship_print_schedule *job = &message.as.print_schedule;

	(void)state;
	read_one(
		"{\"commandType\":1001,\"time\":470803,\"totalTime\":5301,\"progress\":1893,"
		"\"name\":\"B\\u00e2teau \\\"\\u00e9t\\u00e9\\\" \\u8239.gcode\",\"realSpeed\":169,"
		"\"filamentUsed\":525.25,\"filamentUnit\":\"mm\",\"img\":\"\",\"task_id\":\"船😀\"}",
		&message);
	assert_int_equal(job->remaining, 470803);
	assert_int_equal(job->elapsed_s, 5301);
	assert_int_equal(job->progress_centi_percent, 1893);
	assert_true(job->speed_mm_s == 169.0);
	assert_true(job->filament_estimated == 525.25);
	assert_text(job->name, "Bâteau \"été\" 船.gcode");
	assert_text(job->filament_unit, "mm");
	assert_text(job->image_url, "");
	assert_text(job->task_id, "船😀");
	assert_false(job->present & FLAGSHIP_PRINT_SCHEDULE_HAS_AI_FLAG);
	assert_int_equal(message.refused, 0);
}

struct number_case {
	const char *spelling;
	bool present;
	uint32_t refused;
	int64_t value;
};

static void takes_or_refuses_numbers(void **state)
{
	static const struct number_case cases[] = {
		{"22000", true, 0, 22000},
		{" 22000 ", true, 0, 22000},
		{"-1", true, 0, -1},
		{"0", true, 0, 0},
		{"2.2e4", true, 0, 22000},
		{"22000.0", true, 0, 22000},
		{"\"22000\"", true, 0, 22000},
		{"true", true, 0, 1},
		{"4294967297", true, 0, INT64_C(4294967297)},
		{"999999999999999999", true, 0, INT64_C(999999999999999999)},
		{"9223372036854775807", true, 0, INT64_MAX},
		{"9223372036854775808", false, 1, 0},
		{"18446744073709551616", false, 1, 0},
		{"1e300", false, 1, 0},
		{"0.5", true, 0, 1},
		{"21999.6", true, 0, 22000},
		{"-0.5", true, 0, -1},
		{"9223372036854775808.5", false, 1, 0},
		{"\"warm\"", false, 1, 0},
		{"[22000]", false, 1, 0},
		{"{\"value\":1}", false, 1, 0},
		{"null", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char json[TEXT_SIZE];
		struct flagship_message message;
		snprintf(json, sizeof(json), "{\"commandType\":1003,\"currentTemp\":%s}",
			 cases[i].spelling);
		read_one(json, &message);
		assert_int_equal(message.refused, cases[i].refused);
		assert_int_equal(message.as.present != 0, cases[i].present);
		if (cases[i].present) {
			assert_true(message.as.nozzle_temp.current_centi_c == cases[i].value);
		}
	}
}

static void refuses_text_and_json_of_another_kind(void **state)
{
	struct flagship_message message;

	(void)state;
	read_one("{\"commandType\":1085,\"errorCode\":404,\"errorLevel\":true,\"ext\":[]}",
		 &message);
	assert_text(message.as.printer_error.code, "404");
	assert_int_equal(message.as.present, FLAGSHIP_PRINTER_ERROR_HAS_CODE);
	assert_int_equal(message.refused, 2);
	read_one("{\"commandType\":1098,\"filamentType\":\"PLA\"}", &message);
	assert_int_equal(message.as.present, 0);
	assert_int_equal(message.refused, 1);
	read_one("{\"commandType\":1001,\"realSpeed\":\"fast\",\"filamentUsed\":\"1.5\"}",
		 &message);
	assert_int_equal(message.as.present, FLAGSHIP_PRINT_SCHEDULE_HAS_FILAMENT_ESTIMATED);
	assert_true(message.as.print_schedule.filament_estimated == 1.5);
	assert_int_equal(message.refused, 1);
}

static void the_last_of_two_values_counts(void **state)
{
	struct flagship_message message;

	(void)state;
	read_one("{\"commandType\":1037,\"value\":1,\"value\":0}", &message);
	assert_int_equal(message.as.motor_lock.value, 0);
	read_one("{\"commandType\":1037,\"value\":1,\"value\":\"x\"}", &message);
	assert_int_equal(message.as.present, 0);
}

struct type_case {
	const char *json;
	int64_t type;
	bool known;
	bool has_field;
};

static void finds_the_type_wherever_it_stands(void **state)
{
	static const struct type_case cases[] = {
		{"{\"value\":1,\"commandType\":1037}", 1037, true, true},
		{" { \"value\" : 1 , \"x\" : [ 1 ] , \"commandType\" : 1037 } ", 1037, true, true},
		{"{ \"commandType\": 1037, \"value\": 1}", 1037, true, true},
		{"{\"commandType\":\"1037\",\"value\":1}", 1037, true, true},
		{"{\"command\\u0054ype\":1037,\"val\\u0075e\":1}", 1037, true, true},
		{"{\"commandType\":1037,\"commandType\":1037,\"value\":1}", 1037, true, true},
		{"{\"commandType\":1.037e3,\"value\":1}", 1037, true, true},
		{"{\"commandType\":1037}", 1037, true, false},
		{"{\"commandType\":4711,\"value\":1}", 4711, false, false},
		{"{\"commandType\":-3,\"value\":1}", -3, false, false},
		{"{\"commandType\":99999999999999999999}", FLAGSHIP_MESSAGE_UNTYPED, false, false},
		{"{\"commandType\":null,\"value\":1}", FLAGSHIP_MESSAGE_UNTYPED, false, false},
		{"{\"value\":1}", FLAGSHIP_MESSAGE_UNTYPED, false, false},
		{"{}", FLAGSHIP_MESSAGE_UNTYPED, false, false},
		{"{ }", FLAGSHIP_MESSAGE_UNTYPED, false, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_message message;
		read_one(cases[i].json, &message);
		assert_true(message.type == cases[i].type);
		assert_int_equal(message.info != NULL, cases[i].known);
		assert_int_equal(message.as.present != 0, cases[i].has_field);
	}
}

static void passes_the_unknown_through(void **state)
{
	static const char json[] = "{\"commandType\":1003,\"new\":{\"a\":[1,2,{\"b\":null}]},"
				   "\"currentTemp\":1,\"x\":\"y\"}";
	struct flagship_message message;

	(void)state;
	read_one(json, &message);
	assert_int_equal(message.as.nozzle_temp.current_centi_c, 1);
	assert_int_equal(message.json.length, sizeof(json) - 1);
	assert_ptr_equal(message.json.data, json);
}

static void reads_the_reply(void **state)
{
	struct flagship_message message;

	(void)state;
	read_one("{\"commandType\":1003,\"reply\":0}", &message);
	assert_true(message.has_reply);
	assert_int_equal(message.reply, 0);
	read_one("{\"commandType\":4711,\"reply\":-1}", &message);
	assert_true(message.has_reply);
	assert_int_equal(message.reply, -1);
	read_one("{\"commandType\":1003,\"reply\":\"no\"}", &message);
	assert_false(message.has_reply);
	assert_int_equal(message.refused, 1);
	/* What an object is, and whether it was taken, is never a matter of rounding. */
	read_one("{\"commandType\":1003,\"reply\":0.4}", &message);
	assert_false(message.has_reply);
	assert_int_equal(message.refused, 1);
	read_one("{\"commandType\":1003,\"reply\":null}", &message);
	assert_false(message.has_reply);
	assert_int_equal(message.refused, 0);
}

struct error_case {
	const char *json;
	int error;
	size_t offset;
};

static void refuses_what_is_no_payload(void **state)
{
	static const struct error_case cases[] = {
		{"", FLAGSHIP_ERROR_JSON, 0},
		{"  ", FLAGSHIP_ERROR_JSON, 2},
		{"\x01\x02", FLAGSHIP_ERROR_JSON, 0},
		{"1", FLAGSHIP_ERROR_NOT_OBJECT, 0},
		{" \"text\"", FLAGSHIP_ERROR_NOT_OBJECT, 1},
		{"null", FLAGSHIP_ERROR_NOT_OBJECT, 0},
		{"1x", FLAGSHIP_ERROR_JSON, 1},
		{"[1]", FLAGSHIP_ERROR_NOT_OBJECT, 1},
		{"[1,{}]", FLAGSHIP_ERROR_NOT_OBJECT, 1},
		{"[1", FLAGSHIP_ERROR_JSON, 2},
		{"[1x]", FLAGSHIP_ERROR_JSON, 2},
		{"[{},[]]", FLAGSHIP_ERROR_NOT_OBJECT, 4},
		{"[{},", FLAGSHIP_ERROR_JSON, 4},
		{"[{} {}]", FLAGSHIP_ERROR_JSON, 4},
		{"[{}", FLAGSHIP_ERROR_JSON, 3},
		{"[", FLAGSHIP_ERROR_JSON, 1},
		{"[{}]x", FLAGSHIP_ERROR_JSON, 4},
		{"[]x", FLAGSHIP_ERROR_JSON, 2},
		{"{}{}", FLAGSHIP_ERROR_JSON, 2},
		{"{\"commandType\":1003,}", FLAGSHIP_ERROR_JSON, 20},
		{"{\"commandType\":1003", FLAGSHIP_ERROR_JSON, 19},
		{"{\"commandType\":1003,\"currentTemp\":", FLAGSHIP_ERROR_JSON, 34},
		{"{\"commandType\":1003,\"currentTemp\":01}", FLAGSHIP_ERROR_JSON, 35},
		{"{\"commandType\":1003,\"currentTemp\":1 2}", FLAGSHIP_ERROR_JSON, 36},
		{"{\"commandType\":1003,\"currentTemp\"}", FLAGSHIP_ERROR_JSON, 33},
		{"{\"commandType\":1003,\"commandType\":1004}", FLAGSHIP_ERROR_JSON, 34},
		{"{\"commandType\":1003,\"commandType\":x}", FLAGSHIP_ERROR_JSON, 34},
		{"{\"commandType\":1003,\"reply\":x}", FLAGSHIP_ERROR_JSON, 28},
		{"{\"commandType\":x}", FLAGSHIP_ERROR_JSON, 15},
		{"{\"value\":x,\"commandType\":1003}", FLAGSHIP_ERROR_JSON, 9},
		{"{\"value\"}", FLAGSHIP_ERROR_JSON, 8},
		{"{\"commandType\":1001,\"name\":\"x}", FLAGSHIP_ERROR_JSON, 30},
		{"{1:2}", FLAGSHIP_ERROR_JSON, 1},
		{"{\"a\":[[[[[[[[[[[[[[0]]]]]]]]]]]]]]}", 0, 0},
		{"{\"a\":[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]}", FLAGSHIP_ERROR_TOO_DEEP, 19},
		{"[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]", FLAGSHIP_ERROR_TOO_DEEP, 16},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_payload payload;
		struct flagship_message message;
		int result;
		flagship_payload_init(&payload, cases[i].json, strlen(cases[i].json));
		do {
			result = flagship_payload_next(&payload, &message);
		} while (result > 0);
		assert_int_equal(result, cases[i].error);
		assert_int_equal(flagship_payload_next(&payload, &message), result);
		assert_int_equal(flagship_payload_error_offset(&payload), cases[i].offset);
	}
}

static size_t many_objects(char *out, size_t count)
{
	char *p = out;

	*p++ = '[';
	for (size_t i = 0; i < count; i++) {
		p = stpcpy(p, i ? ",{\"commandType\":1003}" : "{\"commandType\":1003}");
	}
	*p++ = ']';
	return (size_t)(p - out);
}

static void bounds_the_number_of_objects(void **state)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	char json[PAYLOAD_SIZE];
	size_t count;

	(void)state;
	size_t length = many_objects(json, FLAGSHIP_PAYLOAD_OBJECTS_MAX);
	assert_int_equal(flagship_payload_read(json, length, messages, LENGTH(messages), &count),
			 0);
	assert_int_equal(count, FLAGSHIP_PAYLOAD_OBJECTS_MAX);
	assert_int_equal(
		flagship_payload_read(json, length, messages, LENGTH(messages) - 1, &count),
		FLAGSHIP_ERROR_TOO_MANY_OBJECTS);
	assert_int_equal(count, 0);
	length = many_objects(json, FLAGSHIP_PAYLOAD_OBJECTS_MAX + 1);
	assert_int_equal(flagship_payload_read(json, length, messages, LENGTH(messages), &count),
			 FLAGSHIP_ERROR_TOO_MANY_OBJECTS);
}

static void an_empty_array_has_no_objects(void **state)
{
	struct flagship_message message;
	size_t count = 1;

	(void)state;
	assert_int_equal(flagship_payload_read(" [ ] ", 5, &message, 1, &count), 0);
	assert_int_equal(count, 0);
}

static void refuses_what_is_longer_than_a_length_can_say(void **state)
{
	struct flagship_payload payload;
	struct flagship_message message;

	(void)state;
	if (SIZE_MAX == UINT32_MAX) {
		print_message("skipped: nothing is that long where a size has 32 bits\n");
		skip();
	}
	flagship_payload_init(&payload, "{}", (size_t)UINT32_MAX + 1);
	assert_int_equal(flagship_payload_next(&payload, &message), FLAGSHIP_ERROR_TOO_LARGE);
}

/* Whatever stands at the end of memory, it is not read beyond. */
static void ends_where_its_memory_ends(void **state)
{
	static const char *const ends[] = {
		"[{\"commandType\":1003,\"currentTemp\":",
		"[{\"commandType\":1003,\"currentTemp\":-",
		"[{\"commandType\":1003,\"currentTemp\":12",
		"[{\"commandType\":1003,\"currentTemp\":]",
		"[{\"commandType\":1003,\"currentTemp\":-}",
		"[{\"commandType\":1003,\"currentTemp\":7]",
		"[{\"commandType\":1003,\"currentTemp\"}",
		"[{\"commandType\":1001,\"name\":\"a}",
		"[{\"commandType\":1001,\"name\":\"a\"}",
		"[{\"commandType\":-]",
		"[{\"commandType\":1003}",
		"9",
	};
	struct flagship_message messages[2];
	size_t count;

	(void)state;
	for (size_t i = 0; i < LENGTH(ends); i++) {
		const size_t length = strlen(ends[i]);
		char *end = malloc(length);
		assert_non_null(end);
		memcpy(end, ends[i], length);
		assert_true(flagship_payload_read(end, length, messages, 2, &count) < 0);
		free(end);
	}
}

/* Every cut of a good payload is refused, and none is read beyond its end. */
static void refuses_every_cut(void **state)
{
	static const char json[] =
		"[{\"commandType\":1001,\"time\":1,\"name\":\"a\\u00e9\",\"realSpeed\":1.5e1,\"x\":"
		"[true,null]},{\"value\":1,\"commandType\":1037}]";
	struct flagship_message messages[2];
	size_t count;

	(void)state;
	for (size_t length = 0; length < sizeof(json) - 1; length++) {
		char *cut = malloc(length);
		assert_non_null(cut);
		memcpy(cut, json, length);
		assert_int_equal(flagship_payload_read(cut, length, messages, 2, &count),
				 FLAGSHIP_ERROR_JSON);
		free(cut);
	}
}

/* xorshift64: every run of the test sees the same bytes. */
static void fill_random(uint64_t *random, unsigned char *out, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		out[i] = (unsigned char)(*random >> 32);
	}
}

/*
 * A wrong key that happens to leave good padding never passes for printer data. Once in a million
 * its plaintext begins like an array of something else.
 */
static void random_plaintext_is_no_payload(void **state)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	unsigned char plaintext[112];
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);

	(void)state;
	for (int i = 0; i < WRONG_KEYS; i++) {
		size_t count;
		size_t length = sizeof(plaintext) - (size_t)(i % 16);
		fill_random(&random, plaintext, sizeof(plaintext));
		int error = flagship_payload_read(plaintext, length, messages,
						  FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count);
		assert_true(error == FLAGSHIP_ERROR_JSON || error == FLAGSHIP_ERROR_NOT_OBJECT);
		assert_int_equal(count, 0);
	}
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	long size = ftell(file);
	rewind(file);
	char *text = calloc((size_t)size + 1, 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
	fclose(file);
	return text;
}

static void check_integer_fields(const struct flagship_message *message, const cJSON *object)
{
	for (uint32_t i = 0; message->info && i < message->info->field_count; i++) {
		const struct flagship_field_info *field = &message->info->fields[i];
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field->name);
		const void *place = (const char *)&message->as + field->offset;
		bool present = message->as.present & UINT32_C(1) << i;
		assert_int_equal(present, item != NULL);
		if (item && field->kind == FLAGSHIP_FIELD_INT) {
			assert_int_equal(*(const int64_t *)place, (int64_t)item->valuedouble);
		} else if (item && field->kind == FLAGSHIP_FIELD_TEXT) {
			assert_text(*(const struct flagship_text *)place, item->valuestring);
		}
	}
}

/* What another JSON library finds in the vectors is what the reader finds. */
static void agrees_with_another_reader_on_the_vectors(void **state)
{
	char *text = read_file(VECTORS_DIR "/frames.json");
	cJSON *vectors = cJSON_Parse(text);
	const cJSON *vector;
	size_t seen = 0;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		const cJSON *plaintext = cJSON_GetObjectItem(vector, "plaintext");
		if (!plaintext) {
			continue;
		}
		struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
		size_t count;
		const char *json = plaintext->valuestring;
		assert_int_equal(flagship_payload_read(json, strlen(json), messages,
						       LENGTH(messages), &count),
				 0);
		cJSON *other = cJSON_Parse(json);
		const cJSON *first = cJSON_IsArray(other) ? other->child : other;
		for (size_t i = 0; i < count; i++) {
			check_integer_fields(&messages[i], first);
			first = first->next;
			seen++;
		}
		assert_null(cJSON_IsArray(other) ? first : NULL);
		cJSON_Delete(other);
	}
	assert_true(seen > 50);
	cJSON_Delete(vectors);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_an_array_of_messages),
		cmocka_unit_test(reads_a_job_with_every_kind_of_field),
		cmocka_unit_test(takes_or_refuses_numbers),
		cmocka_unit_test(refuses_text_and_json_of_another_kind),
		cmocka_unit_test(the_last_of_two_values_counts),
		cmocka_unit_test(finds_the_type_wherever_it_stands),
		cmocka_unit_test(passes_the_unknown_through),
		cmocka_unit_test(reads_the_reply),
		cmocka_unit_test(refuses_what_is_no_payload),
		cmocka_unit_test(bounds_the_number_of_objects),
		cmocka_unit_test(an_empty_array_has_no_objects),
		cmocka_unit_test(refuses_what_is_longer_than_a_length_can_say),
		cmocka_unit_test(ends_where_its_memory_ends),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(random_plaintext_is_no_payload),
		cmocka_unit_test(agrees_with_another_reader_on_the_vectors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("message_read", tests, NULL, NULL);
}
