/* SPDX-License-Identifier: MIT */
#include "command/cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOVE_RELATIVE                                                                  \
	{                                                                              \
		.kind = COMMAND_MOVE, .position_mm = {10, NAN, 0.5}, .relative = true, \
		.feed_mm_s = 20                                                        \
	}
#define EXTRUDE                                            \
	{                                                  \
		.kind = COMMAND_EXTRUDE, .distance_mm = -5 \
	}
#define Z_OFFSET(centi, is_relative)                                              \
	{                                                                         \
		.kind = COMMAND_Z_OFFSET, .value = centi, .relative = is_relative \
	}
#define Z_OFFSET_FORCED(centi)                                          \
	{                                                               \
		.kind = COMMAND_Z_OFFSET, .value = centi, .force = true \
	}

static void test_motion(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"absolute move",
		 M5,
		 {.kind = COMMAND_MOVE, .position_mm = {10, 20.5, NAN}},
		 AT_REST,
		 "10.1:G[" OK "] 10.2:G[" OK "]",
		 "10:g[G90] 10.1:g[G1 X10.000 Y20.500 F3000]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 10.2,
		 1},
		{"relative move", M5, MOVE_RELATIVE, AT_REST,
		 "10.1:G[" OK "] 10.2:G[" OK "] 10.3:G[" OK "]",
		 "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200] 10.2:g[G90]", COMMAND_ACCEPTED,
		 "the printer took the move", 10.3, 1},
		{"not moved where G91 was not answered", M5, MOVE_RELATIVE, AT_REST,
		 "40.5:G[" OK "]", "10:g[G91] 40:g[G90]", COMMAND_UNANSWERED,
		 "the printer answered only a part of it within 30 s", 42, 1},
		{"absolute again where the move was not answered", M5, MOVE_RELATIVE, AT_REST,
		 "10.1:G[" OK "]", "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200] 40.1:g[G90]",
		 COMMAND_UNANSWERED,
		 "the printer answered only a part of it within 30 s; it may be left in relative "
		 "coordinates: send G90",
		 70.1, 1},
		{"lost in the middle", M5, MOVE_RELATIVE, AT_REST, "10.1:G[" OK "] 11:lost 12:back",
		 "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200]", COMMAND_UNANSWERED,
		 "the connection was lost before the printer had answered; it may be left in "
		 "relative coordinates: send G90",
		 11, 1},
		{"retract", M5, EXTRUDE, AT_REST, "10.1:G[" OK "] 10.2:G[" OK "] 10.3:G[" OK "]",
		 "10:g[M83] 10.1:g[G1 E-5.000 F180] 10.2:g[M82]", COMMAND_ACCEPTED,
		 "the printer took the move", 10.3, 1},
		{"extrude asks whether a job runs", M5, EXTRUDE, "", "10.2:s1", "10:q1027",
		 COMMAND_REFUSED,
		 "a job is running, and moving the printer, or changing how moves are read, would "
		 "spoil it",
		 10.2, 0},
		{"extrude asks how warm the nozzle is", M5, EXTRUDE, "0:s0", "10.2:t0", "10:q1027",
		 COMMAND_REFUSED,
		 "the nozzle has 20 °C, and filament moves from 165 °C on; below that the extruder "
		 "grinds it",
		 10.2, 0},
		{"too cold for the printer", M5, EXTRUDE, AT_REST,
		 "10.1:G[" OK "] 10.2:G[echo:~cold~extrusion~prevented|" OK "] 10.3:G[" OK "]",
		 "10:g[M83] 10.1:g[G1 E-5.000 F180] 10.2:g[M82]", COMMAND_REFUSED,
		 "the printer refused it: the nozzle is too cold to move filament", 10.3, 1},
		{"not homed",
		 M5,
		 {.kind = COMMAND_MOVE, .position_mm = {10, 20.5, NAN}},
		 AT_REST,
		 "10.1:G[" OK "] 10.2:G[echo:Home~XY~First|" OK "]",
		 "10:g[G90] 10.1:g[G1 X10.000 Y20.500 F3000]",
		 COMMAND_REFUSED,
		 "the printer refused it: it has to be homed first",
		 10.2,
		 1},
		{"nothing moves where nobody answers", M5, EXTRUDE, "", "",
		 "10:q1027 11.5:q1027 13:q1027", COMMAND_UNANSWERED,
		 "the printer did not tell its state, which must be known first; nothing was "
		 "changed",
		 15, 0},
		{"home all on an M5",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL},
		 AT_REST,
		 "10.1:r1026=0 18:v1026=2",
		 "10:c1026=2 12.5:q1027 17.5:q1027",
		 COMMAND_CONFIRMED,
		 "homed",
		 18,
		 1},
		{"home X",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_X},
		 AT_REST,
		 "18:G[ok||ok||" OK "]",
		 "10:g[G28 X]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"home all on an M5C",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL},
		 AT_REST,
		 "",
		 "",
		 COMMAND_REFUSED,
		 "homing Z drove the nozzle of such a printer into its plate: name X, Y or both",
		 10,
		 0},
		{"forced",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL, .force = true},
		 AT_REST,
		 "18:G[" OK "]",
		 "10:g[G28]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"home X Y on an M5C",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_X | COMMAND_AXIS_Y},
		 AT_REST,
		 "10.1:r1026=0 18:v1026=0",
		 "10:c1026=0 12.5:q1027 17.5:q1027",
		 COMMAND_CONFIRMED,
		 "homed",
		 18,
		 1},
		{"home Z on an M5",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z},
		 AT_REST,
		 "10.1:r1026=0 12:v1026=1",
		 "10:c1026=1",
		 COMMAND_CONFIRMED,
		 "homed",
		 12,
		 1},
		{"home Z on an M5C, forced",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z, .force = true},
		 AT_REST,
		 "18:G[" OK "]",
		 "10:g[G28 Z]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"Z offset in steps", M5, Z_OFFSET_FORCED(-325), "0:s0+v1021=15",
		 "10.1:G[" OK "] 10.2:v1021=-185+s0 10.3:G[" OK "] 11:v1021=-325",
		 "10:g[M290 Z-2.00] 10.1:g[M290 Z-1.40]", COMMAND_CONFIRMED,
		 "the Z offset is -3.25 mm", 11, 1},
		{"Z offset from where it is", M5, Z_OFFSET(-5, true), "",
		 "10.2:v1021=15 10.3:G[" OK "] 11:v1021=10", "10:q1027 10.2:g[M290 Z-0.05]",
		 COMMAND_CONFIRMED, "the Z offset is 0.10 mm", 11, 1},
		{"Z offset is that already", M5, Z_OFFSET(15, false), "0:v1021=15", "", "",
		 COMMAND_CONFIRMED, "the Z offset is 0.15 mm", 10, 0},
		{"Z offset unknown", M5, Z_OFFSET(15, false), "0:s0", "11:s0",
		 "10:q1027 11.5:q1027 13:q1027", COMMAND_UNANSWERED,
		 "the printer did not tell its Z offset, which must be known first; nothing was "
		 "changed",
		 15, 0},
		{"Z offset too far", M5, Z_OFFSET(-325, false), "0:s0+v1021=15", "", "",
		 COMMAND_REFUSED,
		 "a Z offset of -3.25 mm is beyond 2 mm, and may drive the nozzle into the plate",
		 10, 0},
		{"Z offset ends too far", M5, Z_OFFSET(-90, true), "", "10.2:v1021=-150",
		 "10:q1027", COMMAND_REFUSED,
		 "a Z offset of -2.40 mm is beyond 2 mm, and may drive the nozzle into the plate",
		 10.2, 0},
		{"Z offset step lost", M5, Z_OFFSET_FORCED(-325), "0:s0+v1021=15",
		 "10.2:v1021=-185", "10:g[M290 Z-2.00] 12.5:q1027 17.5:q1027 22.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer and its Z offset is -1.85 mm", 25,
		 1},
		{"level",
		 M5,
		 {.kind = COMMAND_LEVEL},
		 AT_REST,
		 "10.1:r1007=0 11:s7",
		 "10:c1007",
		 COMMAND_CONFIRMED,
		 "levelling has begun",
		 11,
		 1},
		{"level in a job",
		 M5,
		 {.kind = COMMAND_LEVEL},
		 "0:s1",
		 "",
		 "",
		 COMMAND_REFUSED,
		 "a job is running, and levelling would drive the nozzle through it",
		 10,
		 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

#define TEXT(kind_, text_)                   \
	{                                    \
		.kind = kind_, .text = text_ \
	}

static void test_others(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"fan",
		 M5,
		 {.kind = COMMAND_FAN, .value = 50},
		 AT_REST,
		 "10.1:r1005=0 10.1:G[" OK "] 10.2:v1005=50",
		 "10:c1005 10:g[M106 S128]",
		 COMMAND_CONFIRMED,
		 "the fan is at 50 %",
		 10.2,
		 1},
		{"fan that is as it is to be",
		 M5,
		 {.kind = COMMAND_FAN, .value = 50},
		 AT_REST " 9:v1005=50",
		 "10.1:r1005=0 10.1:G[" OK "] 12.6:f1005=50",
		 "10:c1005 10:g[M106 S128] 12.5:q1027",
		 COMMAND_CONFIRMED,
		 "the fan is at 50 %",
		 12.6,
		 1},
		{"fan too fast",
		 M5,
		 {.kind = COMMAND_FAN, .value = 101},
		 AT_REST,
		 "",
		 "",
		 COMMAND_FAILED,
		 "cannot send it: a value is out of its range",
		 10,
		 0},
		{"rename", M5, TEXT(COMMAND_RENAME, "Ada"), "", "10.1:r1034=0", "10:c1034",
		 COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"rename, first reply lost", M5, TEXT(COMMAND_RENAME, "Ada"), "", "12.6:r1034=0",
		 "10:c1034 12.5:c1034", COMMAND_ACCEPTED, "the printer took it", 12.6, 2},
		{"light",
		 M5C,
		 {.kind = COMMAND_LIGHT, .value = 1},
		 "",
		 "10.1:G[echo:M3012~S1|" OK "]",
		 "10:g[M3012 S1]",
		 COMMAND_ACCEPTED,
		 "the printer took it; it does not tell what its light is",
		 10.1,
		 1},
		{"light of an M5",
		 M5,
		 {.kind = COMMAND_LIGHT, .value = 1, .force = true},
		 "",
		 "",
		 "",
		 COMMAND_REFUSED,
		 "the light of an M5 is switched over the local network, which flagship cannot do "
		 "yet",
		 10,
		 0},
		{"no light",
		 M5C,
		 {.kind = COMMAND_LIGHT, .value = 1},
		 "",
		 "10.1:G[echo:Unknown~command:~M3012|" OK "]",
		 "10:g[M3012 S1]",
		 COMMAND_REFUSED,
		 "the printer refused it: \"Unknown command\"",
		 10.1,
		 1},
		{"status",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "10.1:f1000=0+f1006=1 10.2:s0",
		 "10:q1027",
		 COMMAND_CONFIRMED,
		 "the printer answered",
		 10.6,
		 1},
		{"status by notices",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "10.1:t0 12:s0",
		 "10:q1027",
		 COMMAND_CONFIRMED,
		 "the printer answered",
		 12.4,
		 1},
		{"status, silent",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "",
		 "10:q1027 12.5:q1027 15.5:q1027",
		 COMMAND_UNANSWERED,
		 "the printer did not answer within 10 s",
		 20,
		 3},
		{"send", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "", "10.1:r1050=0",
		 "10:c1050", COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"reply without a number", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1050", "10:c1050", COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"send is not repeated", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "", "",
		 "10:c1050", COMMAND_UNANSWERED, "the printer did not answer within 10 s", 20, 1},
		{"reply of another type", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1051=0", "10:c1050", COMMAND_ACCEPTED, "the printer took it", 11.1, 1},
		{"the right type counts more", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1051=0 10.5:r1050=4", "10:c1050", COMMAND_REFUSED,
		 "the printer refused it: reply 4", 10.5, 1},
		{"send no JSON", M5, TEXT(COMMAND_SEND, "{"), "", "", "", COMMAND_FAILED,
		 "cannot send it: it is not one JSON object", 10, 0},
		{"send nothing",
		 M5,
		 {.kind = COMMAND_SEND},
		 "",
		 "",
		 "",
		 COMMAND_FAILED,
		 "cannot send it: an argument is not valid",
		 10,
		 0},
		{"query", M5, TEXT(COMMAND_QUERY, "{\"commandType\":1002}"), "", "10.1:f1002=1",
		 "10:q1002", COMMAND_CONFIRMED, "the printer answered", 10.5, 1},
		{"not connected",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "5:lost",
		 "",
		 "",
		 COMMAND_FAILED,
		 "not connected; it was not sent",
		 10,
		 0},
		{"reply after the connection was lost", M5, TEXT(COMMAND_RENAME, "Ada"), "",
		 "11:lost 12:back 13:r1034=0", "10:c1034", COMMAND_UNANSWERED,
		 "the connection was lost before the printer had answered", 11, 1},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

static void test_gcode_text(void **context)
{
	static const struct {
		const char *what;
		const char *steps;
		const char *text;
		bool whole;
		double end_s;
	} cases[] = {
		{"whole", "0.1:G[T:20|" OK "]", "T:20", true, 0.1},
		{"oks first, then the answer", "0.1:G[ok|] 0.2:G[T:20|" OK "]", "T:20", true, 0.2},
		{"oks alone", "0.1:G[ok|]", "", false, 0.3},
		{"in two parts", "0.1:G[X:1] 0.2:G[~Y:2|" OK "]", "X:1 Y:2", true, 0.2},
		{"cut", "0.1:G[X:1]", "X:1", false, 0.6},
		{"with another type", "0.1:O[T:20|" OK "]", "T:20", true, 0.1},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5C);
		bench_submit(&bench, &(struct command_request)TEXT(COMMAND_GCODE, "M105"));
		bench_run(&bench, cases[i].steps);
		bench_wait_until(&bench, FOREVER_MS);
		assert_string_equal(bench.log, "0:g[M105]");
		assert_int_equal(bench.report_count, 1);
		assert_int_equal(bench.reports[0].report.outcome, COMMAND_ACCEPTED);
		assert_string_equal(bench.reports[0].text, cases[i].text);
		assert_int_equal(bench.reports[0].report.text_whole, cases[i].whole);
		assert_int_equal(bench.reports[0].t_ms, lround(cases[i].end_s * 1000));
		assert_false(bench.reports[0].report.effect_expected);
		bench_finish(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_motion),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_gcode_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
