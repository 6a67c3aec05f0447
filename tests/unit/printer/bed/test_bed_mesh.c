/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bed/heights.h"
#include "printer/bed/mesh.h"

#include "../../stride.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS (BED_MESH_SIZE * BED_MESH_SIZE)

static void a_whole_table(void **state)
{
	struct bed_mesh mesh;
	struct bed_mesh_range range;
	char text[TEXT_MAX];
	size_t length = write_table(text);

	(void)state;
	for (int kind = BED_MESH_CUT; kind <= BED_MESH_SPLICED; kind++) {
		bed_mesh_init(&mesh);
		assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
		assert_false(bed_mesh_measure(&mesh, &range));
		bed_mesh_read(&mesh, text, length, (enum bed_mesh_text)kind);
		assert_int_equal(bed_mesh_unknown(&mesh), 0);
		check_truth(&mesh);
		assert_true(bed_mesh_measure(&mesh, &range));
		assert_int_equal(range.lowest, -150);
	}
}

static void all_points(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_points(text);

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, length, BED_MESH_CUT);
	check_truth(&mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), 0);
	check_truth(&mesh);
}

/* As the captured M503 ends: the head is lost, and a splice in the middle. */
static void the_captured_settings(void **state)
{
	static const char text[] = "J6 Z-0.13000\necho:  G29 W I4 J6 Z-0.17000\necho:  G29 W I5 J6 "
				   "Z-0.22000\necho:  G29 W I6 J6 Z-0.26000\n; Endstop "
				   "adjustment:\necho:  M666 Z0.00\necho:; PID settings:\n";
	static const int32_t heights[] = {-170, -220, -260};
	struct bed_mesh mesh;
	int32_t height;

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, strlen(text), BED_MESH_SPLICED);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS - 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(bed_mesh_height(&mesh, 4 + i, 6, &height));
		assert_int_equal(height, heights[i]);
	}
}

/* However much is missing, wherever: what is known is right; and rows that are whole are known. */
static void any_splice(void **state)
{
	struct bed_mesh mesh;
	char whole[TEXT_MAX];
	char text[TEXT_MAX];
	size_t length = write_table(whole);

	(void)state;
	for (size_t start = 0; start < length; start += test_stride()) {
		for (size_t gap = 1; start + gap <= length; gap++) {
			memcpy(text, whole, start);
			memcpy(text + start, whole + start + gap, length - start - gap);
			bed_mesh_init(&mesh);
			for (int i = 0; i < 2; i++) {
				bed_mesh_read(&mesh, text, length - gap, BED_MESH_SPLICED);
			}
			check_truth(&mesh);
			if (gap < 40) {
				assert_in_range(bed_mesh_unknown(&mesh), 0,
						(uintmax_t)3 * BED_MESH_SIZE);
			}
		}
	}
}

static void any_splice_of_points(void **state)
{
	struct bed_mesh mesh;
	char whole[TEXT_MAX];
	char text[TEXT_MAX];
	size_t length = write_points(whole);

	(void)state;
	/* Each splice repeats itself with every line: a third of the lines shows them all. */
	for (size_t start = 0; start < length / 3; start += test_stride()) {
		for (size_t gap = 2; gap < 200; gap++) {
			memcpy(text, whole, start);
			memcpy(text + start, whole + start + gap, length - start - gap);
			bed_mesh_init(&mesh);
			bed_mesh_read(&mesh, text, length - gap, BED_MESH_SPLICED);
			check_truth(&mesh);
		}
	}
}

/* Cut at any place, always at the same one: nothing is known that was not there. */
static void any_cut(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_table(text);
	size_t unknown = CELLS;

	(void)state;
	for (size_t cut = 0; cut <= length; cut++) {
		bed_mesh_init(&mesh);
		bed_mesh_read(&mesh, text, cut, BED_MESH_CUT);
		check_truth(&mesh);
		bed_mesh_read(&mesh, text, cut, BED_MESH_CUT);
		check_truth(&mesh);
		assert_true(bed_mesh_unknown(&mesh) <= unknown);
		unknown = bed_mesh_unknown(&mesh);
	}
	assert_int_equal(unknown, 0);
}

struct line_case {
	const char *name;
	const char *text;
	size_t known;
};

static void lines(void **state)
{
#define ROW(y) " " #y " +0.001 +0.002 +0.003 +0.004 +0.005 +0.006 +0.007"
	static const struct line_case cases[] = {
		{"nothing", "", 0},
		{"a row and the next", ROW(0) "\n 1 ", 7},
		{"a row and not the next", ROW(0) "\n 2 ", 0},
		{"the last row", ROW(6) "\n\n", 7},
		{"the last row and something else", ROW(6) "\necho:", 0},
		{"the last row, not ended", ROW(6), 0},
		{"carriage returns", ROW(2) "\r\n" ROW(3) "\r\n 4 ", 14},
		{"a row outside", ROW(7) "\n 8 +", 0},
		{"too many columns", ROW(0) " +0.008\n 1 ", 0},
		{"too few columns", " 0 +0.001 +0.002 +0.003\n 1 ", 0},
		{"two decimals", " 0 +0.01 +0.02 +0.03 +0.04 +0.05 +0.06 +0.07\n 1 ", 0},
		{"two decimals at the end", ROW(0) " +0.01\n 1 ", 0},
		{"a column that is shorter",
		 " 0 +0.001 0.002 +0.003 +0.004 +0.005 +0.006 +0.007\n 1 ", 0},
		{"eight wide", " 0  +0.001  -0.002  +0.003  +0.004  +0.005  +0.006  +0.007\n 1 ",
		 7},
		{"no sign", " 0  0.001 +0.002 +0.003 +0.004 +0.005 +0.006 +0.007\n 1 ", 0},
		{"never probed", " 0 +0.001 ====== ...... +0.004 +0.005 +0.006 +0.007\n 1 ", 5},
		{"a number without end", " 0 +99999999999999999999.001\n 1 ", 0},
		{"a finer table", "Subdivided with CATMULL ROM Leveling Grid:\n" ROW(0) "\n 1 ", 0},
		{"a point and the next", "echo:  G29 W I6 J0 Z0.12345\necho:  G29 W I0 J1 Z0", 1},
		{"a point without echo", "G29 W I0 J0 Z0.12345\nG29 W I1 J0 Z", 1},
		{"a point and another", "echo:  G29 W I1 J0 Z0.12345\necho:  G29 W I1 J1 Z0", 0},
		{"four decimals", "echo:  G29 W I0 J0 Z0.1234\necho:  G29 W I1 J0 Z", 0},
		{"a point outside", "echo:  G29 W I7 J0 Z0.12345\necho:  G29 W I8 J0 Z", 0},
	};
#undef ROW
	struct bed_mesh mesh;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bed_mesh_init(&mesh);
		bed_mesh_read(&mesh, cases[i].text, strlen(cases[i].text), BED_MESH_CUT);
		if (CELLS - bed_mesh_unknown(&mesh) != cases[i].known) {
			fail_msg("%s: %zu known, not %zu", cases[i].name,
				 CELLS - bed_mesh_unknown(&mesh), cases[i].known);
		}
	}
}

static void a_whole_grid(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_grid(text);

	(void)state;
	for (int kind = BED_MESH_CUT; kind <= BED_MESH_SPLICED; kind++) {
		bed_mesh_init(&mesh);
		bed_mesh_read(&mesh, text, length, (enum bed_mesh_text)kind);
		check_truth(&mesh);
		assert_int_equal(bed_mesh_unknown(&mesh), 0);
		assert_int_equal(bed_mesh_empty(&mesh), 0);
	}
}

/* A gap of one byte may take a sign and nothing else; parts that are missing are longer. */
static void any_splice_of_a_grid(void **state)
{
	struct bed_mesh mesh;
	char whole[TEXT_MAX];
	char text[TEXT_MAX];
	size_t length = write_grid(whole);

	(void)state;
	for (size_t start = 0; start < length; start += test_stride()) {
		for (size_t gap = 2; start + gap <= length; gap++) {
			memcpy(text, whole, start);
			memcpy(text + start, whole + start + gap, length - start - gap);
			bed_mesh_init(&mesh);
			bed_mesh_read(&mesh, text, length - gap, BED_MESH_SPLICED);
			check_truth(&mesh);
			if (gap < 40) {
				assert_in_range(bed_mesh_unknown(&mesh), 0,
						(uintmax_t)3 * BED_MESH_SIZE);
			}
		}
	}
}

static void any_cut_of_a_grid(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_grid(text);
	size_t unknown = CELLS;

	(void)state;
	for (size_t cut = 0; cut <= length; cut++) {
		bed_mesh_init(&mesh);
		bed_mesh_read(&mesh, text, cut, BED_MESH_CUT);
		check_truth(&mesh);
		bed_mesh_read(&mesh, text, cut, BED_MESH_CUT);
		check_truth(&mesh);
		assert_true(bed_mesh_unknown(&mesh) <= unknown);
		unknown = bed_mesh_unknown(&mesh);
	}
	assert_int_equal(unknown, 0);
}

struct grid_case {
	const char *name;
	const char *text;
	size_t known;
	size_t empty;
};

static void rows_of_a_grid(void **state)
{
#define GRID(y) "BL-Grid-" #y " 0.001 -0.002 0.003 0.004 0.005 0.006 0.007"
	static const struct grid_case cases[] = {
		{"a row and the next", GRID(0) "\nBL-Grid-1 ", 7, 0},
		{"a row and another", GRID(0) "\nBL-Grid-2 ", 0, 0},
		{"the last row", GRID(6) "\n", 7, 0},
		{"the last row, not ended", GRID(6), 0, 0},
		{"carriage returns", GRID(2) "\r\n" GRID(3) "\r\nBL-Grid-4", 14, 0},
		{"busy between two", GRID(2) "\necho:busy: processing\n" GRID(3) "\n", 7, 0},
		{"a NAN", "BL-Grid-6 0.123 nan -0.045 0.1 0.2 0.3 0.4\n", 6, 1},
		{"NANs", "BL-Grid-6 NAN nan -nan NaN +NAN nan nan\n", 0, 7},
		{"a NAN that was cut", "BL-Grid-6 0.123 na\n", 0, 0},
		{"a word", "BL-Grid-6 0.1 nano 0.1 0.1 0.1 0.1 0.1\n", 0, 0},
		{"echo, a colon, commas", "echo:BL-Grid-6: 0.1,0.2,nan,-0.4,0.5,\t0.6, 1\n", 6, 1},
		{"whole numbers", "BL-Grid-6 1 -2 0 1 2 3 4\n", 7, 0},
		{"too many columns", GRID(6) " 0.008\n", 0, 0},
		{"too few columns", "BL-Grid-6 0.001 0.002\n", 0, 0},
		{"a row outside", GRID(7) "\n", 0, 0},
		{"no number", "BL-Grid- 0.1 0.2 0.3 0.4 0.5 0.6 0.7\n", 0, 0},
		{"a number that is too long", "BL-Grid-6 1234.1 0.2 0.3 0.4 0.5 0.6 0.7\n", 0, 0},
	};
#undef GRID
	struct bed_mesh mesh;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bed_mesh_init(&mesh);
		bed_mesh_read(&mesh, cases[i].text, strlen(cases[i].text), BED_MESH_CUT);
		if (CELLS - bed_mesh_unknown(&mesh) != cases[i].known ||
		    bed_mesh_empty(&mesh) != cases[i].empty) {
			fail_msg("%s: %zu known, not %zu; %zu empty, not %zu", cases[i].name,
				 CELLS - bed_mesh_unknown(&mesh), cases[i].known,
				 bed_mesh_empty(&mesh), cases[i].empty);
		}
	}
}

/* Where parts may be missing, a height with fewer decimals than the others may have lost some. */
static void uneven_rows_prove_nothing_in_a_splice(void **state)
{
	static const char text[] = "BL-Grid-6 0.123 0.12 0.123 0.123 0.123 0.123 0.123\n";
	struct bed_mesh mesh;

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, strlen(text), BED_MESH_SPLICED);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
	bed_mesh_read(&mesh, text, strlen(text), BED_MESH_CUT);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS - BED_MESH_SIZE);
}

/* A bed that is probed between two answers: the height that was not there is not held back. */
static void an_empty_point_that_was_probed(void **state)
{
	static const char before[] = "BL-Grid-6 nan 0.100 0.100 0.100 0.100 0.100 0.100\n";
	static const char after[] = "BL-Grid-6 0.050 0.100 0.100 0.100 0.100 0.100 0.100\n";
	struct bed_mesh mesh;
	int32_t height;

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, before, strlen(before), BED_MESH_CUT);
	assert_true(bed_mesh_is_empty(&mesh, 0, 6));
	assert_false(bed_mesh_height(&mesh, 0, 6, &height));
	bed_mesh_read(&mesh, after, strlen(after), BED_MESH_CUT);
	assert_true(mesh.changed);
	assert_false(bed_mesh_is_empty(&mesh, 0, 6));
	assert_true(bed_mesh_height(&mesh, 0, 6, &height));
	assert_int_equal(height, 50);
}

static void another_size(void **state)
{
	static const char text[] = "Bilinear Leveling Grid:\n      0      1      2\n"
				   " 0 +0.001 +0.002 +0.003\n 1 +0.001 +0.002 +0.003\n";
	struct bed_mesh mesh;

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, strlen(text), BED_MESH_CUT);
	assert_true(mesh.other_size);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
}

static void probed_anew_meanwhile(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_table(text);
	static const char other[] = " 3 +0.001 +0.002 +0.003 +0.004 +0.005 +0.006 +0.007\n 4 ";
	int32_t height;

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, length, BED_MESH_CUT);
	assert_false(mesh.changed);
	bed_mesh_read(&mesh, other, strlen(other), BED_MESH_CUT);
	assert_true(mesh.changed);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS - BED_MESH_SIZE);
	assert_true(bed_mesh_height(&mesh, 6, 3, &height));
	assert_int_equal(height, 7);
}

static void an_unsure_height_does_not_count_against_a_sure_one(void **state)
{
	struct bed_mesh mesh;
	char text[TEXT_MAX];
	size_t length = write_table(text);
	static const char other[] = " 3 +0.001 +0.002 +0.003 ";

	(void)state;
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, length, BED_MESH_CUT);
	bed_mesh_read(&mesh, other, strlen(other), BED_MESH_CUT);
	check_truth(&mesh);
	assert_int_equal(bed_mesh_unknown(&mesh), 0);
	/* Two unsure ones that differ prove nothing. */
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, " 3 +0.001 +", 11, BED_MESH_CUT);
	bed_mesh_read(&mesh, " 3 +0.003 +", 11, BED_MESH_CUT);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS);
	bed_mesh_read(&mesh, " 3 +0.003 +", 11, BED_MESH_CUT);
	assert_int_equal(bed_mesh_unknown(&mesh), CELLS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_table),
		cmocka_unit_test(all_points),
		cmocka_unit_test(the_captured_settings),
		cmocka_unit_test(any_splice),
		cmocka_unit_test(any_splice_of_points),
		cmocka_unit_test(any_cut),
		cmocka_unit_test(lines),
		cmocka_unit_test(a_whole_grid),
		cmocka_unit_test(any_splice_of_a_grid),
		cmocka_unit_test(any_cut_of_a_grid),
		cmocka_unit_test(rows_of_a_grid),
		cmocka_unit_test(uneven_rows_prove_nothing_in_a_splice),
		cmocka_unit_test(an_empty_point_that_was_probed),
		cmocka_unit_test(another_size),
		cmocka_unit_test(probed_anew_meanwhile),
		cmocka_unit_test(an_unsure_height_does_not_count_against_a_sure_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
