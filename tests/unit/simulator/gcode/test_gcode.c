/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/gcode/machine.h"
#include "simulator/gcode/packet.h"

#include <string.h>

#define CAP_LINES 20

static struct machine machine;
static struct reply_text text;

static void power_on(enum flagship_model model)
{
	machine_init(&machine, simulator_model_find(model), 1);
	machine_sample(&machine);
}

static const char *run(const char *line)
{
	char word[GCODE_WORD_MAX];

	gcode_machine_run(&machine, line, &text, word);
	return text.data;
}

struct line_case {
	const char *text;
	bool is_command;
	const char *word;
	char letter;
	bool has_value;
	double value;
};

static void reads_lines(void **state)
{
	static const struct line_case cases[] = {
		{"M104 S210", true, "M104", 'S', true, 210},
		{"m104s210", true, "M104", 'S', true, 210},
		{"  G01 X-1.5 ; fast", true, "G1", 'X', true, -1.5},
		{"M290 Z 0.05", true, "M290", 'Z', true, 0.05},
		{"M420 V", true, "M420", 'V', false, 0},
		{"G1 X1e5", true, "G1", 'X', true, 1},
		{"G1 X1-2", true, "G1", 'X', false, 0},
		{"G1 X99999999999", true, "G1", 'X', false, 0},
		{"G28 X ; Z", true, "G28", 'Z', false, 0},
		{"M105\nM104 S1", true, "M105", 'S', false, 0},
		{"hello", true, "", 'X', false, 0},
		{"M", true, "", 'X', false, 0},
		{"M123456789012345678901234567890", true, "", 'X', false, 0},
		{"", false, "", 'X', false, 0},
		{"   ; nothing", false, "", 'X', false, 0},
		{"\n", false, "", 'X', false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gcode_line line;
		double value = 0;
		assert_int_equal(gcode_line_read(cases[i].text, &line), cases[i].is_command);
		assert_string_equal(line.word, cases[i].word);
		assert_int_equal(gcode_line_value(&line, cases[i].letter, &value),
				 cases[i].has_value);
		assert_true(value == cases[i].value);
	}
}

static void bounds_what_it_reads(void **state)
{
	char many[256] = "G1";
	struct gcode_line line;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		strcat(many, " X1");
	}
	assert_true(gcode_line_read(many, &line));
	assert_int_equal(line.count, GCODE_PARAMETERS_MAX);
}

static void heats(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	assert_string_equal(run("M104 S210"), "");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 21000);
	assert_string_equal(run("M140 S60.5"), "");
	assert_int_equal(thermal_target_centi_c(&machine.bed), 6050);
	assert_string_equal(run("M105"), "T:23.40 /210.00 B:23.40 /60.50 @:0 B@:0\n");
	assert_non_null(strstr(run("M109 R200"), "/200.00"));
	assert_non_null(strstr(run("M190 R50"), "/50.00"));
	assert_string_equal(run("M104 S9000"), "");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 26000);
	run("M104");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 26000);
	run("M104 S-1");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 0);
}

/* The motion board does not tell of its fan. */
static void blows(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	machine.fan_percent = 40;
	assert_string_equal(run("M106 S128"), "");
	assert_string_equal(run("M107"), "");
	assert_int_equal(machine.fan_percent, 40);
}

static void moves(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	run("G28");
	assert_int_equal(machine.moves, 1);
	run("G1 X10 Y20 Z0.25 F6000");
	assert_string_equal(run("M114"),
			    "X:10.00 Y:20.00 Z:0.25 E:0.00 Count X:1280 Y:2560 Z:100\n");
	run("G91");
	machine.nozzle.temperature_c = 165;
	run("G0 X-2 E3");
	assert_non_null(strstr(run("M114"), "X:8.00 Y:20.00 Z:0.25 E:3.00 "));
	run("G90");
	run("G92 X0 E0");
	assert_non_null(strstr(run("M114"), "X:0.00 Y:20.00 Z:0.25 E:0.00 Count X:1024 "));
	run("G1 X1");
	assert_non_null(strstr(run("M114"), "X:1.00 Y:20.00 "));
	run("G92");
	assert_non_null(strstr(run("M114"), "X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:1152 "));
	assert_int_equal(machine.moves, 4);
	machine_step(&machine, 60);
	assert_int_equal(machine.moves, 0);
	run("G28 X");
	assert_non_null(strstr(run("M114"), "Count X:0 Y:2560 "));
}

static void homes_named_axes(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	assert_null(strstr(run("M119"), "TRIGGERED"));
	run("G28 X Y");
	assert_true(machine.homed[MACHINE_X] && machine.homed[MACHINE_Y]);
	assert_false(machine.homed[MACHINE_Z]);
	assert_string_equal(run("M119"),
			    "Reporting endstop status\nx_min: TRIGGERED\ny_min: TRIGGERED\n"
			    "z_min: open\nz2_min: open\nz_probe: open\n");
	run("G28");
	assert_true(machine.homed[MACHINE_Z]);
}

static void moves_only_as_the_board_does(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	assert_string_equal(run("G1 X10 Y10"), "echo:Home XY First\n");
	assert_string_equal(run("G0 Z5"), "echo:Home Z First\n");
	assert_int_equal(machine.moves, 0);
	run("G28 X Y");
	assert_string_equal(run("G1 X10 Y10"), "");
	assert_string_equal(run("G1 X10 Z1"), "echo:Home Z First\n");
	run("G28");
	assert_string_equal(run("G1 X900 Y-900 Z999"), "");
	assert_string_equal(run("M114"),
			    "X:235.00 Y:-5.00 Z:250.00 E:0.00 Count X:30080 Y:-640 Z:100000\n");
	assert_string_equal(run("G1 E5"), "echo: cold extrusion prevented\n");
	machine.nozzle.temperature_c = 165;
	assert_string_equal(run("G1 E5"), "");
	power_on(FLAGSHIP_MODEL_M5C);
	run("M140 S200");
	assert_int_equal(thermal_target_centi_c(&machine.bed), 11500);
	run("M104 S999");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 31000);
	run("G28 X Y");
	assert_false(machine.hit_plate);
	run("G28");
	assert_true(machine.hit_plate);
}

/* What a line becomes on its way. */
static void splits_lines(void **state)
{
	static const struct {
		const char *line;
		const char *commands;
	} cases[] = {
		{"M104 S200", "M104 S200|"},
		{"  M105 ", "M105|"},
		{"M114,M115", "M114|M115|"},
		{"M117 a,G28 Z", "M117 a|G28 Z|"},
		{"M105*99", "M105|"},
		{"M105*99 M106", "M105|"},
		{"M118 a@M112", "M118 a|M112|"},
		{"M105*1@^112,", "M105|M112|"},
		{"^104 S300", "M104 S300|"},
		{"M1 ^2", "M1 ^2|"},
		{"G1 X1 #M204 S1 #M92 A3", "G1 X1|M204 S1|M92 X3|"},
		{"G1 #", "G1|"},
		{"M117 #1", "M117 #1|"},
		{"M105\nM106", "M105|M106|"},
		{",,", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gcode_packet packet;
		char command[GCODE_PACKET_COMMAND_MAX];
		char all[256] = "";

		gcode_packet_init(&packet, cases[i].line);
		while (gcode_packet_next(&packet, command)) {
			strcat(all, command);
			strcat(all, "|");
		}
		assert_string_equal(all, cases[i].commands);
	}
	power_on(FLAGSHIP_MODEL_M5);
	run("M117 a,^104 S200");
	assert_int_equal(thermal_target_centi_c(&machine.nozzle), 20000);
}

/* So that a cloud sees who it is; the parameters of its own stand in front. */
static void prints_what_follows_m118(void **state)
{
	static const char *const cases[][2] = {
		{"M118 12345678901234567890", "12345678901234567890\n"},
		{"M118  a B c", "a B c\n"},
		{"M118 E1 a", "echo:a\n"},
		{"M118 A1 P0 a", "a\n"},
		{"M118", "\n"},
		{"M1180 a", "echo:Unknown command: \"M1180 a\"\n"},
	};

	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(run(cases[i][0]), cases[i][1]);
	}
	assert_int_equal(machine.moves, 0);
}

static void drains_the_queue_one_by_one(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	machine_know_position(&machine, true);
	for (int i = 1; i <= 10; i++) {
		run(i % 2 ? "G1 X50 F3000" : "G1 X0 F3000");
	}
	assert_int_equal(machine.moves, 10);
	machine_step(&machine, 5.5);
	assert_int_equal(machine.moves, 5);
	machine_step(&machine, 4.4);
	assert_int_equal(machine.moves, 1);
	machine_step(&machine, 0.2);
	assert_int_equal(machine.moves, 0);
}

static void changes_feed_and_offset(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	assert_string_equal(run("M220"), "FR:100%\n");
	run("M220 S50");
	assert_string_equal(run("M220"), "FR:50%\n");
	assert_true(machine_rate(&machine) == 0.5);
	run("M220 S1");
	assert_int_equal(machine.feed_percent, 10);
	machine_set_z_offset(&machine, 0);
	assert_string_equal(run("M290 Z0.05"), "");
	assert_int_equal(machine.z_offset_centi_mm, 5);
	assert_string_equal(run("M290"), "echo:Z Offset 0.05\n");
	run("M290 Z-9");
	assert_int_equal(machine.z_offset_centi_mm, -195);
	for (int i = 0; i < 10; i++) {
		run("M290 Z-2");
	}
	assert_int_equal(machine.z_offset_centi_mm, -1000);
}

static size_t count(const char *needle)
{
	size_t found = 0;

	for (const char *at = text.data; (at = strstr(at, needle)) != NULL; at++) {
		found++;
	}
	return found;
}

static void tells_much_of_itself(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5C);
	run("M115");
	assert_memory_equal(text.data, "FIRMWARE_NAME:Marlin V8110_V3.0.32", 34);
	assert_true(text.length > 512 && count("\nCap:") > CAP_LINES);
	run("M420 V");
	assert_true(text.length > 400);
	assert_non_null(strstr(text.data, "echo:Bed Leveling ON\n"));
	assert_string_equal(run("M420 S1"), "echo:Bed Leveling ON\necho:Fade Height 10.00\n");
	run("M503");
	assert_true(text.length > 2 * 512);
	assert_int_equal(count("echo:  G29 W I"), 49);
	assert_non_null(strstr(text.data, "echo:  M851 X0 Y0 Z-0.05\n"));
}

static void knows_nothing_else(void **state)
{
	(void)state;
	power_on(FLAGSHIP_MODEL_M5);
	assert_string_equal(run("M999"), "echo:Unknown command: \"M999\"\n");
	assert_string_equal(run("M524 ; stop"), "echo:Unknown command: \"M524\"\n");
	assert_string_equal(run("hello \"you\""), "echo:Unknown command: \"hello \"you\"\"\n");
	assert_string_equal(run("M2024"), "echo:Unknown command: \"M2024\"\n");
	assert_string_equal(run(""), "");
	power_on(FLAGSHIP_MODEL_M5C);
	assert_string_equal(run("M2024"), "");
	assert_true(machine.abort_requested);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(bounds_what_it_reads),
		cmocka_unit_test(heats),
		cmocka_unit_test(blows),
		cmocka_unit_test(moves),
		cmocka_unit_test(homes_named_axes),
		cmocka_unit_test(moves_only_as_the_board_does),
		cmocka_unit_test(splits_lines),
		cmocka_unit_test(prints_what_follows_m118),
		cmocka_unit_test(drains_the_queue_one_by_one),
		cmocka_unit_test(changes_feed_and_offset),
		cmocka_unit_test(tells_much_of_itself),
		cmocka_unit_test(knows_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gcode", tests, NULL, NULL);
}
