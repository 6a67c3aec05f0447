/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gcode/extent.h"

#include <math.h>
#include <string.h>

#define LINES_MAX 12
#define NOWHERE   (double)INFINITY
#define EPSILON   1e-6

struct extent_case {
	const char *lines[LINES_MAX];
	double min_mm[GCODE_AXES];
	double max_mm[GCODE_AXES];
	bool extrudes;
};

static const struct extent_case cases[] = {
	{{"G28", "M104 S200"}, {NOWHERE, NOWHERE, NOWHERE}, {-NOWHERE, -NOWHERE, -NOWHERE}, false},
	{{"G1 X10 Y-2.5 Z.2", "g1x20.25y3e1.5;X999"}, {10, -2.5, 0.2}, {20.25, 3, 0.2}, true},
	/* From where nobody knows, nothing is known. */
	{{"G91", "G1 X5", "G90", "G1 X100", "G91", "G1 X-40", "G0 X10"},
	 {60, NOWHERE, NOWHERE},
	 {100, -NOWHERE, -NOWHERE},
	 false},
	{{"G1 X200", "G28 X", "G91", "G1 X300"},
	 {200, NOWHERE, NOWHERE},
	 {200, -NOWHERE, -NOWHERE},
	 false},
	{{"G20", "G1 X1", "G21", "G1 X2"},
	 {2, NOWHERE, NOWHERE},
	 {25.4, -NOWHERE, -NOWHERE},
	 false},
	/* G92 moves nothing, and what comes after counts from there. */
	{{"G92 X50 E0", "G91", "G1 X1"}, {51, NOWHERE, NOWHERE}, {51, -NOWHERE, -NOWHERE}, false},
	/* A retraction, a prime on the spot, and a move that feeds nothing. */
	{{"G1 E5", "G92 E0", "G1 X1 E-2", "G1 X2", "M83", "G1 X3 E-1", "G1 E2"},
	 {1, NOWHERE, NOWHERE},
	 {3, -NOWHERE, -NOWHERE},
	 false},
	{{"M83", "G1 X1 E.01"}, {1, NOWHERE, NOWHERE}, {1, -NOWHERE, -NOWHERE}, true},
	{{"M83", "G90", "G1 X1 E0"}, {1, NOWHERE, NOWHERE}, {1, -NOWHERE, -NOWHERE}, false},
	{{"G2 X10 Y10 I5 J0 E1", "G3 X0 Y0 I5 J0 E2"}, {0, 0, NOWHERE}, {10, 10, -NOWHERE}, true},
	/* What is no move. */
	{{"M117 X500", "T0", "G29 X7", "(G1 X9)", "X8", "G1.5X6"},
	 {6, NOWHERE, NOWHERE},
	 {6, -NOWHERE, -NOWHERE},
	 false},
};

static void assert_near(double value, double wanted)
{
	assert_true(isinf(wanted) ? value == wanted : fabs(value - wanted) < EPSILON);
}

static void knows_where_moves_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gcode_moves moves;

		gcode_moves_init(&moves);
		for (size_t line = 0; line < LINES_MAX && cases[i].lines[line]; line++) {
			gcode_moves_receive(&moves, cases[i].lines[line]);
		}
		for (size_t axis = 0; axis < GCODE_AXES; axis++) {
			assert_near(moves.extent.min_mm[axis], cases[i].min_mm[axis]);
			assert_near(moves.extent.max_mm[axis], cases[i].max_mm[axis]);
		}
		assert_int_equal(moves.extent.extrudes, cases[i].extrudes);
	}
}

/* Numbers without an end neither overflow nor become a code. */
static void bears_any_number(void **state)
{
	struct gcode_moves moves;
	char line[600] = "G1 X";

	(void)state;
	memset(line + strlen(line), '9', sizeof(line) - strlen(line) - 1);
	gcode_moves_init(&moves);
	gcode_moves_receive(&moves, line);
	assert_true(isinf(moves.extent.max_mm[0]) && moves.extent.max_mm[0] > 0);
	line[1] = '9';
	memset(line + 2, '9', 2);
	gcode_moves_init(&moves);
	gcode_moves_receive(&moves, line);
	assert_true(moves.extent.max_mm[0] < 0);
	gcode_moves_receive(&moves, "");
	gcode_moves_receive(&moves, "G");
	gcode_moves_receive(&moves, "G1 X Y- Z. E+");
	assert_near(moves.extent.max_mm[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_where_moves_go),
		cmocka_unit_test(bears_any_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gcode_extent", tests, NULL, NULL);
}
