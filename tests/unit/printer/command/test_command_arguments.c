/* SPDX-License-Identifier: MIT */
#include "command/cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What makes no sense is told at once, and nothing of it is sent. */

#define NO_MOVE               \
	{                     \
		NAN, NAN, NAN \
	}
#define NO_LIMIT  99999

#define NOT_VALID "cannot send it: an argument is not valid"
#define NO_RANGE  "cannot send it: a value is out of its range"
#define NO_OBJECT "cannot send it: it is not one JSON object"

static void test_senseless_requests(void **context)
{
	static const struct {
		struct command_request request;
		const char *why;
	} cases[] = {
		{{.kind = COMMAND_HOME, .value = 0}, NOT_VALID},
		{{.kind = COMMAND_HOME, .value = -1}, NOT_VALID},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL + 1}, NOT_VALID},
		{{.kind = COMMAND_MOVE, .position_mm = NO_MOVE}, NOT_VALID},
		{{.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}, .feed_mm_s = -1}, NOT_VALID},
		{{.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}, .feed_mm_s = NAN}, NOT_VALID},
		{{.kind = COMMAND_MOVE, .position_mm = {1e300, 1e300, 1e300}}, NO_RANGE},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 0}, NOT_VALID},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = NAN}, NOT_VALID},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = INFINITY}, NOT_VALID},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 1, .feed_mm_s = -1}, NOT_VALID},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 1, .feed_mm_s = NAN}, NOT_VALID},
		{{.kind = COMMAND_FAN, .value = -1}, NO_RANGE},
		{{.kind = COMMAND_FAN, .value = 101}, NO_RANGE},
		{{.kind = COMMAND_Z_OFFSET, .value = NO_LIMIT}, NO_RANGE},
		{{.kind = COMMAND_Z_OFFSET, .value = -NO_LIMIT}, NO_RANGE},
		{{.kind = COMMAND_GCODE}, NOT_VALID},
		{{.kind = COMMAND_GCODE, .text = ""}, NOT_VALID},
		{{.kind = COMMAND_RENAME, .text = ""}, NOT_VALID},
		{{.kind = COMMAND_SEND, .text = "1"}, NO_OBJECT},
		{{.kind = COMMAND_SEND, .text = "[]"}, NO_OBJECT},
		{{.kind = COMMAND_SEND, .text = "{"}, NO_OBJECT},
		{{.kind = COMMAND_SEND, .text = "[{},{}]"}, NO_OBJECT},
		{{.kind = (enum command_kind)1000}, NOT_VALID},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct command_request request = cases[i].request;
		struct bench bench;

		request.force = true;
		bench_init(&bench, M5);
		bench.state.z_offset_centi_mm = 0;
		bench_run(&bench, AT_REST);
		bench_submit(&bench, &request);
		bench_wait_until(&bench, FOREVER_MS);
		assert_int_equal(bench.report_count, 1);
		assert_int_equal(bench.reports[0].report.outcome, COMMAND_FAILED);
		assert_string_equal(bench.reports[0].detail, cases[i].why);
		assert_string_equal(bench.log, "");
		bench_finish(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senseless_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
