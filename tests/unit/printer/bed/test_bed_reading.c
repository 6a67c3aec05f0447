/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bed/heights.h"
#include "printer/bed/mesh.h"
#include "printer/bed/reading.h"

#include "../../stride.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS       (BED_MESH_SIZE * BED_MESH_SIZE)
#define MESSAGE_MAX 2048

static void hear(struct bed_reading *reading, const char *text, size_t length)
{
	char json[MESSAGE_MAX];
	struct flagship_message message;
	struct flagship_payload payload;
	size_t used = (size_t)sprintf(json, "{\"commandType\":1043,\"reply\":0,\"resData\":\"");

	for (size_t i = 0; i < length; i++) {
		used += (size_t)sprintf(json + used, text[i] == '\n' ? "\\n" : "%c", text[i]);
	}
	used += (size_t)sprintf(json + used, "\"}");
	flagship_payload_init(&payload, json, used);
	assert_int_equal(flagship_payload_next(&payload, &message), 1);
	bed_reading_add(reading, &message);
}

/* Wherever an answer is parted, and whatever acknowledges its second half. */
static void answers_in_two_messages(void **state)
{
	static const char *const between[] = {"", "ok\n\n", "ok\n\n+ringbuf:1,512,0\n"};
	struct bed_reading reading;
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	char second[TEXT_MAX];
	size_t length = write_table(text);

	(void)state;
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		for (size_t at = 1; at < length - strlen(TAIL); at += test_stride()) {
			size_t rest = (size_t)sprintf(second, "%s%s", between[i], text + at);

			bed_mesh_init(&mesh);
			bed_reading_clear(&reading);
			hear(&reading, text, at);
			bed_reading_finish(&reading, &mesh);
			check_truth(&mesh);
			hear(&reading, second, rest);
			bed_reading_finish(&reading, &mesh);
			check_truth(&mesh);
			assert_int_equal(bed_mesh_unknown(&mesh), 0);
		}
	}
}

static void a_grid_in_two_messages(void **state)
{
	static const char *const between[] = {"", "ok\n\n", "ok\n\n+ringbuf:1,512,0\n"};
	struct bed_reading reading;
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	char second[TEXT_MAX];
	size_t length = write_grid(text);

	(void)state;
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		for (size_t at = 1; at < length - strlen(GRID_TAIL); at += test_stride()) {
			size_t rest = (size_t)sprintf(second, "%s%s", between[i], text + at);

			bed_mesh_init(&mesh);
			bed_reading_clear(&reading);
			hear(&reading, text, at);
			bed_reading_finish(&reading, &mesh);
			check_truth(&mesh);
			hear(&reading, second, rest);
			bed_reading_finish(&reading, &mesh);
			check_truth(&mesh);
			assert_int_equal(bed_mesh_unknown(&mesh), 0);
		}
	}
}

/* One message a row, as the rows of a long answer may come. */
static void a_grid_in_many_messages(void **state)
{
	struct bed_reading reading;
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	char *line = text;

	(void)state;
	write_grid(text);
	bed_mesh_init(&mesh);
	bed_reading_clear(&reading);
	while (*line != '\0') {
		size_t length = strcspn(line, "\n") + 1;

		hear(&reading, line, length);
		line += length;
	}
	bed_reading_finish(&reading, &mesh);
	check_truth(&mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), 0);
}

static void the_same_reply_is_not_counted_twice(void **state)
{
	struct bed_reading reading;
	struct bed_mesh mesh;

	(void)state;
	bed_mesh_init(&mesh);
	bed_reading_clear(&reading);
	hear(&reading, " 3 +0.001 +", 11);
	bed_reading_finish(&reading, &mesh);
	bed_reading_finish(&reading, &mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
	hear(&reading, "X:0.00 Y:0.00\n", 14);
	bed_reading_finish(&reading, &mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
}

static void too_much_is_no_trouble(void **state)
{
	struct bed_reading reading;
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_table(text);

	(void)state;
	bed_mesh_init(&mesh);
	bed_reading_clear(&reading);
	for (int i = 0; i < 100; i++) {
		hear(&reading, text, length);
	}
	assert_true(reading.truncated);
	bed_reading_finish(&reading, &mesh);
	check_truth(&mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), 0);
}

static void the_plan_ends(void **state)
{
	size_t asked = 0;

	(void)state;
	assert_string_equal(bed_reading_command(0), "M420 V");
	assert_true(bed_reading_begins(0));
	while (bed_reading_command(asked) != NULL) {
		assert_true(bed_reading_begins(asked) !=
			    (strcmp(bed_reading_command(asked), "M114") == 0));
		asked++;
	}
	assert_in_range(asked, 4, 20);
	assert_false(bed_reading_begins(asked));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grid_in_two_messages),
		cmocka_unit_test(a_grid_in_many_messages),
		cmocka_unit_test(answers_in_two_messages),
		cmocka_unit_test(the_same_reply_is_not_counted_twice),
		cmocka_unit_test(too_much_is_no_trouble),
		cmocka_unit_test(the_plan_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
