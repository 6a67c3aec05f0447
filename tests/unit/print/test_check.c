/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/check.h"

#include <stdio.h>
#include <string.h>

#define FINDINGS_SIZE 4096

struct check_case {
	enum flagship_model model;
	const char *file;
	const char *findings; /* "!" refuses, "?" warns; with the line */
};

#define TOLD  ";TIME:60\n;LAYER_COUNT:1\n"
#define FEEDS "G1 X10 Y10 E1\n"

static const struct check_case cases[] = {
	{FLAGSHIP_MODEL_M5,
	 TOLD "M104 S200\nM140 S60\nG28\nG36\nM106 S255\nM4899 T3\n" FEEDS
	      "M107\nM104 S0\nM140 S0\nM84\n",
	 ""},
	{FLAGSHIP_MODEL_M5C, TOLD "G28\nG29\nM84\nM25 ; as M500\n" FEEDS, ""},
	{FLAGSHIP_MODEL_M5, TOLD FEEDS "G1 X235\nG1 Y-5\nG1 Z250\n", ""},
	{FLAGSHIP_MODEL_M5, TOLD FEEDS "G1 X236\nG1 Y-6\nG1 Z251.5\n",
	 "!0 it goes to X 236.00 mm, and this printer ends at 235.00 mm\n"
	 "!0 it goes to Y -6.00 mm, and this printer begins at -5.00 mm\n"
	 "!0 it goes to Z 251.50 mm, and this printer ends at 250.00 mm\n"},
	{FLAGSHIP_MODEL_M5C, TOLD FEEDS "G1 X230\n",
	 "!0 it goes to X 230.00 mm, and this printer ends at 225.00 mm\n"},
	{FLAGSHIP_MODEL_M5, TOLD "M104 S270\nM109 S270\nM190 S101\n" FEEDS,
	 "!3 a nozzle target above 260 °C may damage the hot end\n"
	 "!5 a bed target above 100 °C may damage the bed\n"},
	{FLAGSHIP_MODEL_M5C, TOLD "M109 S270\n" FEEDS, ""},
	{FLAGSHIP_MODEL_M5, TOLD "M92 E400\nN7 M112\n" FEEDS "m 500 ; keep\n",
	 "!3 M92 changes the steps a millimetre\n"
	 "!4 M112 halts the printer until it is switched off and on\n"
	 "!6 M500 overwrites the settings that the printer keeps\n"},
	/* What stands in a text is none. */
	{FLAGSHIP_MODEL_M5, TOLD "M117 M112\nM117 G1 X999\n" FEEDS, ""},
	{FLAGSHIP_MODEL_M5, TOLD "G28\nG1 X10\n",
	 "!0 it feeds no filament in any move, so that no job would come of it\n"},
	{FLAGSHIP_MODEL_M5, FEEDS,
	 "?0 it does not say how long it takes: the printer will show a wrong time left\n"},
	{FLAGSHIP_MODEL_M5, FEEDS "; estimated printing time (normal mode) = 3m\n",
	 "?0 it does not say how many layers it has: the printer will show a wrong time left\n"},
	{FLAGSHIP_MODEL_M5, TOLD FEEDS "; printer_model = M5C\n",
	 "?0 it is sliced for M5C, and this printer is an M5\n"},
	{FLAGSHIP_MODEL_M5C, TOLD FEEDS "; printer_model = MK4S\n",
	 "?0 it is sliced for MK4S, and this printer is an M5C\n"},
	{FLAGSHIP_MODEL_M5, TOLD FEEDS ";Machine Name:AnkerMake M5\n", ""},
	{FLAGSHIP_MODEL_UNKNOWN, TOLD FEEDS "; printer_model = MK4S\n", ""},
	{FLAGSHIP_MODEL_E1, TOLD FEEDS,
	 "!0 an E1 prints with ink and light, and takes no G-code\n"},
};

static void check_file(struct print_check *check, enum flagship_model model, const char *file)
{
	struct printer_profile profile;
	struct gcode_reader reader;
	struct gcode_metadata metadata;
	struct problem problem;

	printer_profile_init(&profile, model);
	print_check_init(check, &profile);
	gcode_reader_init(&reader);
	reader.on_line = print_check_line;
	reader.context = check;
	assert_int_equal(gcode_reader_feed(&reader, file, strlen(file), &problem), 0);
	assert_int_equal(gcode_reader_end(&reader, &metadata, &problem), 0);
	gcode_reader_finish(&reader);
	print_check_end(check, &metadata);
}

static void write_findings(const struct print_findings *findings, char out[FINDINGS_SIZE])
{
	size_t length = 0;

	out[0] = '\0';
	for (size_t i = 0; i < findings->count; i++) {
		const struct print_finding *finding = &findings->list[i];

		length += (size_t)snprintf(out + length, FINDINGS_SIZE - length, "%c%lld %s\n",
					   finding->severity == PRINT_REFUSED ? '!' : '?',
					   (long long)finding->line, finding->text);
	}
}

static void finds_what_does_not_suit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct print_check check;
		char findings[FINDINGS_SIZE];

		check_file(&check, cases[i].model, cases[i].file);
		write_findings(&check.findings, findings);
		assert_string_equal(findings, cases[i].findings);
		assert_int_equal(check.findings.refused, strchr(cases[i].findings, '!') != NULL);
		assert_int_equal(check.findings.more, 0);
	}
}

/* Each is named once, and of many only the first. */
static void bounds_what_it_tells(void **state)
{
	static const char file[] = TOLD
		"M500\nM500\nM501\nM502\nM575\nM92 X1\nM851 Z1\nM301 P1\nM304 P1\nM906 X1\n" FEEDS
		"M999\n";
	struct print_check check;

	(void)state;
	check_file(&check, FLAGSHIP_MODEL_M5, file);
	assert_int_equal(check.findings.count, PRINT_FINDINGS_MAX);
	assert_int_equal(check.findings.more, 2);
	assert_int_equal(check.findings.list[0].line, 3);
	assert_true(check.findings.refused);
}

static void refuses_lines_that_nobody_can_read(void **state)
{
	char file[GCODE_LINE_MAX + 64] = FEEDS "G1 X";
	struct print_check check;

	(void)state;
	memset(file + strlen(file), '1', GCODE_LINE_MAX);
	check_file(&check, FLAGSHIP_MODEL_M5, file);
	assert_true(check.findings.refused);
	assert_int_equal(check.findings.list[0].line, 2);
	assert_non_null(strstr(check.findings.list[0].text, "longer than any slicer writes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_does_not_suit),
		cmocka_unit_test(bounds_what_it_tells),
		cmocka_unit_test(refuses_lines_that_nobody_can_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("print_check", tests, NULL, NULL);
}
