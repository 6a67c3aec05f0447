/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gcode/header.h"

#include <math.h>
#include <string.h>

struct header_case {
	struct gcode_metadata metadata;
	const char *text;
};

static void writes_what_is_missing_and_known(void **state)
{
	const double none = (double)NAN;
	const struct header_case cases[] = {
		{{.estimated_time_s = 3723, .layer_count = 50}, ";TIME:3723\n;LAYER_COUNT:50\n"},
		{{.estimated_time_s = 3722.1, .layer_count = 50, .tells_layers = true},
		 ";TIME:3723\n"},
		{{.estimated_time_s = 3723, .layer_count = 50, .tells_time = true},
		 ";LAYER_COUNT:50\n"},
		{{.estimated_time_s = 1,
		  .layer_count = 1,
		  .tells_time = true,
		  .tells_layers = true},
		 ""},
		{{.estimated_time_s = none, .layer_count = none}, ""},
		{{.estimated_time_s = 0, .layer_count = -3}, ""},
		{{.estimated_time_s = 1e300, .layer_count = (double)INFINITY}, ""},
		{{.estimated_time_s = 1e9, .layer_count = 1e9},
		 ";TIME:1000000000\n;LAYER_COUNT:1000000000\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[GCODE_HEADER_MAX];

		assert_int_equal(gcode_header_write(&cases[i].metadata, out),
				 strlen(cases[i].text));
		assert_string_equal(out, cases[i].text);
	}
}

struct promise_case {
	const char *file;
	bool time;
	bool layers;
};

static void sees_what_the_printer_will_see(void **state)
{
	const struct promise_case cases[] = {
		{";TIME:12\n;LAYER_COUNT:3\nG28\n", true, true},
		{";TIME:12s\nG28\n", true, false},
		{"G28\n;TIME:12\n;LAYER_COUNT:3\n", false, false},
		{"G28 X\n;TIME:12\n", false, false},
		{"G280\n;TIME:12\nG28\n", true, false},
		{"; TIME:12\n;time:12\n;TIME: 12\n;TIME_ELAPSED:3\nG28\n", false, false},
		{";TIME:\n;LAYER_COUNT:x\nG28\n", false, false},
		{"M73 P0 R3\n; total layer number: 9\nG28\n", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gcode_reader reader;
		struct gcode_metadata metadata;
		struct problem problem;

		gcode_reader_init(&reader);
		assert_int_equal(
			gcode_reader_feed(&reader, cases[i].file, strlen(cases[i].file), &problem),
			0);
		assert_int_equal(gcode_reader_end(&reader, &metadata, &problem), 0);
		gcode_reader_finish(&reader);
		assert_int_equal(metadata.tells_time, cases[i].time);
		assert_int_equal(metadata.tells_layers, cases[i].layers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_is_missing_and_known),
		cmocka_unit_test(sees_what_the_printer_will_see),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gcode_header", tests, NULL, NULL);
}
