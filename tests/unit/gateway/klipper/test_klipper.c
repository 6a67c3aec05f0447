/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "gateway/klipper/gcode.h"
#include "gateway/klipper/rpc.h"
#include "gateway/klipper/status.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- G-code --- */

static struct gcode_modes modes;
static struct gcode_action action;

static enum gcode_kind read_line(const char *line)
{
	gcode_read_line(line, strlen(line), &modes, &action);
	return action.kind;
}

static void assert_command(const char *line, enum command_kind kind, int64_t value)
{
	assert_int_equal(read_line(line), GCODE_COMMAND);
	assert_int_equal(action.request.kind, kind);
	assert_int_equal(action.request.value, value);
}

static void words_become_commands(void **state)
{
	(void)state;
	assert_command("PAUSE", COMMAND_PAUSE, 0);
	assert_command("  resume ; now", COMMAND_RESUME, 0);
	assert_command("CANCEL_PRINT", COMMAND_STOP, 0);
	assert_command("SET_HEATER_TEMPERATURE HEATER=extruder TARGET=210.5", COMMAND_NOZZLE_TARGET,
		       21050);
	assert_command("set_heater_temperature target=60 heater=heater_bed", COMMAND_BED_TARGET,
		       6000);
	assert_command("SET_HEATER_TEMPERATURE HEATER=extruder", COMMAND_NOZZLE_TARGET, 0);
	assert_command("M104 S200", COMMAND_NOZZLE_TARGET, 20000);
	assert_command("M140 S0", COMMAND_BED_TARGET, 0);
	assert_command("M106", COMMAND_FAN, 100);
	assert_command("M106 S51", COMMAND_FAN, 20);
	assert_command("M107", COMMAND_FAN, 0);
	assert_command("SET_FAN_SPEED FAN=fan SPEED=0.25", COMMAND_FAN, 25);
	assert_command("G28", COMMAND_HOME, COMMAND_AXES_ALL);
	assert_command("G28 X Y", COMMAND_HOME, COMMAND_AXIS_X | COMMAND_AXIS_Y);
	assert_command("TURN_OFF_HEATERS", COMMAND_COOLDOWN, 0);
	assert_command("BED_MESH_CALIBRATE", COMMAND_LEVEL, 0);
	assert_command("SET_GCODE_OFFSET Z_ADJUST=-0.05 MOVE=1", COMMAND_Z_OFFSET, -5);
	assert_true(action.request.relative);
	assert_command("SET_GCODE_OFFSET Z=0.1", COMMAND_Z_OFFSET, 10);
	assert_false(action.request.relative);
}

static void codes_go_as_they_are(void **state)
{
	static const char *const lines[] = {"M84",       "M220 S120", "M106 P1 S3", "M104 S200 T1",
					    "M104 R200", "G28 O",     "M300 S440",  "T0"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_command(lines[i], COMMAND_GCODE, 0);
		assert_string_equal(action.text, lines[i]);
	}
}

static void moves_are_as_they_are_meant(void **state)
{
	(void)state;
	modes = (struct gcode_modes){0};
	assert_command("G1 X10 F600", COMMAND_MOVE, 0);
	assert_false(action.request.relative);
	assert_true(action.request.position_mm[0] == 10 && isnan(action.request.position_mm[1]));
	assert_true(action.request.feed_mm_s == 10);
	assert_int_equal(read_line("G1 E5"), GCODE_REFUSED);
	assert_int_equal(read_line("SAVE_GCODE_STATE NAME=ui"), GCODE_NOTHING);
	assert_int_equal(read_line("G91"), GCODE_NOTHING);
	assert_command("G0 Z-1", COMMAND_MOVE, 0);
	assert_true(action.request.relative);
	assert_int_equal(read_line("M83"), GCODE_NOTHING);
	assert_command("G1 E-2.5 F300", COMMAND_EXTRUDE, 0);
	assert_true(action.request.distance_mm == -2.5 && action.request.feed_mm_s == 5);
	assert_int_equal(read_line("G1 X1 E1"), GCODE_REFUSED);
	assert_int_equal(read_line("RESTORE_GCODE_STATE NAME=ui"), GCODE_NOTHING);
	assert_false(modes.relative_moves || modes.relative_extrude);
	assert_int_equal(read_line("RESTORE_GCODE_STATE NAME=other"), GCODE_REFUSED);
}

static void the_rest_is_said_in_words(void **state)
{
	char line[GCODE_LINE_SIZE + 1];

	(void)state;
	memset(line, 'X', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(read_line(line), GCODE_REFUSED);
	assert_int_equal(read_line("DANCE"), GCODE_REFUSED);
	assert_string_equal(action.reason, "Unknown command: \"DANCE\"");
	assert_int_equal(read_line("FIRMWARE_RESTART"), GCODE_REFUSED);
	assert_int_equal(read_line("SET_HEATER_TEMPERATURE HEATER=chamber TARGET=1"),
			 GCODE_REFUSED);
	assert_int_equal(read_line("SET_HEATER_TEMPERATURE HEATER=extruder TARGET=hot"),
			 GCODE_REFUSED);
	assert_int_equal(read_line("SET_HEATER_TEMPERATURE HEATER=extruder TARGET=1e9"),
			 GCODE_REFUSED);
	assert_int_equal(read_line("SET_FAN_SPEED FAN=fan SPEED=2"), GCODE_REFUSED);
	assert_int_equal(read_line("SDCARD_PRINT_FILE"), GCODE_REFUSED);
	assert_int_equal(read_line("SDCARD_PRINT_FILE FILENAME=\"a b.gcode\""), GCODE_START);
	assert_string_equal(action.text, "a b.gcode");
	assert_int_equal(read_line("M112"), GCODE_EMERGENCY);
	assert_int_equal(read_line("; nothing"), GCODE_NOTHING);
	assert_int_equal(read_line("M117 Hello, you"), GCODE_MESSAGE);
	assert_string_equal(action.text, "Hello, you");
}

static void assert_refused(const char *line, const char *reason)
{
	assert_int_equal(read_line(line), GCODE_REFUSED);
	assert_string_equal(action.reason, reason);
}

static void codes_without_a_right_number_go_as_they_are(void **state)
{
	static const char *const lines[] = {
		"M104 S",
		"M104 S2x0",
		"M104 S.",
		"M140 S1-2",
		"M140 S1000001",
		"M104 1 S200",
		"M104 {temp",
		"G28 X X",
		"M106 S-1",
		"M106 S256",
		"M106 S",
		"M107 P1",
		"G1 X1 I5",
		"G1 X1 X2",
		"M84.1",
		"G38.2 X5",
		"M104 S0000000000000000000000000000000200",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_command(lines[i], COMMAND_GCODE, 0);
		assert_string_equal(action.text, lines[i]);
	}
	assert_command("M104 T0 S200", COMMAND_NOZZLE_TARGET, 20000);
	assert_command("M140 S60 T", COMMAND_BED_TARGET, 6000);
}

static void a_target_that_is_no_number_never_turns_a_heater_off(void **state)
{
	static const char *const targets[] = {"",        "hot",
					      "1000001", "-1000001",
					      "\"2 0\"", "210.000000000000000000000000000000000"};
	static const char reason[] = "SET_HEATER_TEMPERATURE needs HEATER=extruder or "
				     "HEATER=heater_bed, and TARGET=… in °C";
	char line[GCODE_LINE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		snprintf(line, sizeof(line), "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=%s",
			 targets[i]);
		assert_refused(line, reason);
	}
	assert_refused("SET_HEATER_TEMPERATURE TARGET=200", reason);
}

static void words_tell_what_they_need(void **state)
{
	static const char fan[] = "SET_FAN_SPEED needs FAN=fan and SPEED=0…1";
	static const char file[] = "SDCARD_PRINT_FILE needs FILENAME=…";
	static const char name[] = "Unknown command: "
				   "\"A_NAME_THAT_IS_LONGER_THAN_ANY_COMMAND_MAY_BE\"";

	(void)state;
	assert_refused("SET_FAN_SPEED", fan);
	assert_refused("SET_FAN_SPEED FAN=fan", fan);
	assert_refused("SET_FAN_SPEED FAN=hotend SPEED=1", fan);
	assert_refused("SET_FAN_SPEED FAN=fan SPEED=-1", fan);
	assert_refused("SDCARD_PRINT_FILE FILENAME=\"\"", file);
	assert_refused("SDCARD_PRINT_FILE NAME=\"a", file);
	assert_refused("SET_GCODE_OFFSET X=1",
		       "of SET_GCODE_OFFSET there is Z=… and Z_ADJUST=… here, in mm");
	assert_refused("A_NAME_THAT_IS_LONGER_THAN_ANY_COMMAND_MAY_BE", name);
	assert_refused("G", "Unknown command: \"G\"");
	assert_refused("Move", "Unknown command: \"Move\"");
	assert_int_equal(read_line("SDCARD_PRINT_FILE M='x y' FILENAME='a b.gcode'"), GCODE_START);
	assert_string_equal(action.text, "a b.gcode");
	assert_int_equal(read_line("SET_DISPLAY_TEXT MSG=\"Hello, you\""), GCODE_MESSAGE);
	assert_string_equal(action.text, "Hello, you");
	assert_int_equal(read_line("SET_DISPLAY_TEXT"), GCODE_MESSAGE);
	assert_string_equal(action.text, "");
}

static void a_move_that_moves_nothing_is_no_command(void **state)
{
	(void)state;
	modes = (struct gcode_modes){.relative_extrude = true};
	assert_int_equal(read_line("G1 F600"), GCODE_NOTHING);
	assert_int_equal(read_line("G0"), GCODE_NOTHING);
	assert_refused("G1 E", "G1 E: E has no length");
	assert_command("G1 Y5 F-600", COMMAND_MOVE, 0);
	assert_true(isnan(action.request.position_mm[0]) && action.request.position_mm[1] == 5);
	assert_true(action.request.feed_mm_s == 0);
	assert_int_equal(read_line("M82"), GCODE_NOTHING);
	assert_false(modes.relative_extrude);
}

static void states_are_saved_by_name(void **state)
{
	char line[GCODE_LINE_SIZE];

	(void)state;
	modes = (struct gcode_modes){.relative_moves = true};
	assert_int_equal(read_line("SAVE_GCODE_STATE"), GCODE_NOTHING);
	for (int i = 1; i < GCODE_SAVED_MAX; i++) {
		snprintf(line, sizeof(line), "SAVE_GCODE_STATE NAME=s%d", i);
		assert_int_equal(read_line(line), GCODE_NOTHING);
	}
	assert_refused("SAVE_GCODE_STATE NAME=more", "more than 8 states are saved");
	assert_int_equal(read_line("G90"), GCODE_NOTHING);
	/* The same name again is no more. */
	assert_int_equal(read_line("SAVE_GCODE_STATE NAME=s3"), GCODE_NOTHING);
	assert_int_equal(read_line("RESTORE_GCODE_STATE"), GCODE_NOTHING);
	assert_true(modes.relative_moves);
	assert_int_equal(read_line("RESTORE_GCODE_STATE NAME=s3"), GCODE_NOTHING);
	assert_false(modes.relative_moves);
}

/* --- JSON-RPC --- */

static void requests_are_read(void **state)
{
	static const char text[] = "{\"id\":[1, 2],\"method\":\"a.b\",\"params\":{\"n\":\"7\","
				   "\"t\":\"x\\u00e9\",\"f\":true,\"z\":null}}";
	struct rpc_message message;
	struct rpc_request request;
	char out[8];
	int64_t number = 0;

	(void)state;
	assert_true(rpc_read(text, strlen(text), &message, &request));
	rpc_read_request(&message.value, &request);
	assert_int_equal(request.error, 0);
	assert_true(request.wants_answer);
	assert_string_equal(request.method, "a.b");
	assert_int_equal(request.id.length, strlen("[1, 2]"));
	assert_memory_equal(request.id.data, "[1, 2]", request.id.length);
	assert_true(rpc_param_int(request.params, "n", &number) && number == 7);
	assert_true(rpc_param_text(request.params, "t", out, sizeof(out)));
	assert_string_equal(out, "xé");
	assert_false(rpc_param_text(request.params, "t", out, 2));
	assert_true(rpc_param_flag(request.params, "f"));
	assert_false(rpc_param_flag(request.params, "z"));
}

static struct rpc_request read_request(const char *text)
{
	struct rpc_message message;
	struct rpc_request request;

	assert_true(rpc_read(text, strlen(text), &message, &request));
	rpc_read_request(&message.value, &request);
	return request;
}

static void wrong_requests_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = {
		{"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}", RPC_NO_ERROR},
		{"{\"jsonrpc\":\"1.0\",\"method\":\"a\"}", RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":2.0,\"method\":\"a\"}", RPC_INVALID_REQUEST},
		{"{\"method\":7}", RPC_INVALID_REQUEST},
		{"{}", RPC_INVALID_REQUEST},
		{"{\"method\":\"a.name.that.is.longer.than.any.method.of.moonraker.may.ever.be."
		 "1\"}",
		 RPC_NO_METHOD},
		{"{\"method\":\"a\",\"params\":null}", RPC_NO_ERROR},
		{"{\"method\":\"a\",\"params\":[]}", RPC_NO_ERROR},
		{"{\"method\":\"a\",\"params\":[1]}", RPC_INVALID_PARAMS},
		{"{\"method\":\"a\",\"params\":\"b\"}", RPC_INVALID_PARAMS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_request(cases[i].text).error, cases[i].error);
	}
}

/* Pages send them as words, too. */
static void flags_are_read_as_they_are_sent(void **state)
{
	static const struct {
		const char *value;
		bool set;
	} cases[] = {
		{"true", true},       {"\"true\"", true}, {"\"True\"", true}, {"\"1\"", true},
		{"1", true},          {"false", false},   {"0", false},       {"null", false},
		{"\"false\"", false}, {"\"\"", false},    {"[]", false},
	};
	char text[128];
	int64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "{\"method\":\"a\",\"params\":{\"f\":%s}}",
			 cases[i].value);
		const struct rpc_request request = read_request(text);
		assert_int_equal(rpc_param_flag(request.params, "f"), cases[i].set);
		assert_false(rpc_param_flag(request.params, "g"));
		assert_false(rpc_param_int(request.params, "g", &number));
	}
}

/* --- objects --- */

static void only_members_that_are_asked_for_are_wanted(void **state)
{
	static const struct {
		const char *objects;
		bool right;
	} cases[] = {
		{"{\"extruder\":[\"target\",\"nothing\"],\"other\":null}", true},
		{"{\"extruder\":[\"target\",1]}", false},
		{"{\"extruder\":\"target\"}", false},
		{"[\"extruder\"]", false},
	};
	const struct flagship_text target = flagship_text_from("target");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rpc_message message;
		struct rpc_request request;
		status_set wanted;

		assert_true(
			rpc_read(cases[i].objects, strlen(cases[i].objects), &message, &request));
		assert_int_equal(status_read_wanted(&message.value, &wanted), cases[i].right);
		if (cases[i].right) {
			assert_true(wanted == status_find(flagship_text_from("extruder"), &target));
		}
	}
}

static struct printer_state printer;
static struct printer_profile profile;
static struct status_source source;

static void set_up(enum flagship_model model, const char *json)
{
	printer_state_init(&printer, "SN", "Left", model);
	printer_profile_init(&profile, model);
	assert_int_equal(apply_json(&printer, json, 0, NULL, NULL), 0);
	source = (struct status_source){.state = &printer,
					.profile = &profile,
					.klippy = klippy_of(&printer, true),
					.homed = "",
					.file_size = -1,
					.root = "/gcodes",
					.message = "",
					.system = {.load = -1}};
}

static char *write_image(const struct status_image *image, status_set wanted, char *out,
			 size_t capacity)
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, capacity);
	status_write(&writer, image, wanted);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	return out;
}

static status_set object(const char *name)
{
	return status_find(flagship_text_from(name), NULL);
}

static void only_what_differs_is_a_change(void **state)
{
	struct status_image older = {0};
	struct status_image newer = {0};
	char out[4096];

	(void)state;
	set_up(FLAGSHIP_MODEL_M5,
	       "[{\"commandType\":1003,\"currentTemp\":2000,\"targetTemp\":0},{\"commandType\":"
	       "1004,\"currentTemp\":2100,\"targetTemp\":0},{\"commandType\":1000,\"subType\":1,"
	       "\"value\":0}]");
	assert_int_equal(source.klippy, KLIPPY_READY);
	assert_true(status_fill(&older, &source));
	assert_string_equal(
		write_image(&older, object("extruder"), out, sizeof(out)),
		"{\"extruder\":{\"temperature\":20.0,\"target\":0.0,\"can_extrude\":false}}");
	assert_true(status_fill(&newer, &source));
	assert_true(status_compare(&older, &newer) == 0);
	printer.nozzle.target_centi_c = 20000;
	assert_true(status_fill(&newer, &source));
	assert_string_equal(write_image(&newer,
					status_compare(&older, &newer) & ~object("idle_timeout"),
					out, sizeof(out)),
			    "{\"extruder\":{\"target\":200.0}}");
	status_finish(&older);
	status_finish(&newer);
}

static void a_position_is_between_what_is_printed(void **state)
{
	static const struct {
		int64_t size, start, end;
		const char *shown;
	} cases[] = {
		{-1, 0, 0, "{\"virtual_sdcard\":{\"file_position\":0}}"},
		{1000, 0, 0, "{\"virtual_sdcard\":{\"file_position\":500}}"},
		{1000, 400, 900, "{\"virtual_sdcard\":{\"file_position\":650}}"},
	};
	const struct flagship_text member = flagship_text_from("file_position");
	status_set wanted = status_find(flagship_text_from("virtual_sdcard"), &member);
	char out[256];

	(void)state;
	set_up(FLAGSHIP_MODEL_M5, "{\"commandType\":1000,\"subType\":1,\"value\":1}");
	printer.job.progress_centi_percent = PRINTER_PROGRESS_COMPLETE / 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct status_image image = {0};

		source.file_size = cases[i].size;
		source.gcode_start = cases[i].start;
		source.gcode_end = cases[i].end;
		assert_true(status_fill(&image, &source));
		assert_string_equal(write_image(&image, wanted, out, sizeof(out)), cases[i].shown);
		status_finish(&image);
	}
}

/* Mainsail shows "NaN mm/s" of a job without it, and follows only what is listed at its start. */
static void a_speed_is_there_before_the_printer_tells_one(void **state)
{
	static const struct {
		const char *json;
		double told; /* by the printer */
		const char *shown;
	} cases[] = {
		{"{\"commandType\":1000,\"subType\":1,\"value\":0}", NAN, "0"},
		{"{\"commandType\":1000,\"subType\":1,\"value\":1}", NAN, "0"},
		{"{\"commandType\":1000,\"subType\":1,\"value\":1}", 250, "250"},
		{"{\"commandType\":1000,\"subType\":1,\"value\":0}", 250, "0"},
	};
	struct status_image image = {0};
	char out[4096];
	char expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up(FLAGSHIP_MODEL_M5C, cases[i].json);
		printer.job.speed_mm_s = cases[i].told;
		assert_true(status_fill(&image, &source));
		snprintf(expected, sizeof(expected), "{\"motion_report\":{\"live_velocity\":%s}}",
			 cases[i].shown);
		assert_string_equal(write_image(&image, object("motion_report"), out, sizeof(out)),
				    expected);
	}
	status_finish(&image);
}

static void what_a_printer_has_not_is_not_there(void **state)
{
	struct status_image image = {0};
	char out[4096];

	(void)state;
	set_up(FLAGSHIP_MODEL_E1, "{\"commandType\":1000,\"subType\":1,\"value\":0}");
	assert_true(status_fill(&image, &source));
	assert_string_equal(write_image(&image,
					object("extruder") | object("heater_bed") | object("fan") |
						object("toolhead") | object("heaters") |
						object("gcode_move"),
					out, sizeof(out)),
			    "{}");
	assert_string_equal(write_image(&image, object("pause_resume"), out, sizeof(out)),
			    "{\"pause_resume\":{\"is_paused\":false}}");
	/* Mainsail would show "NaN mm/s" without. */
	assert_string_equal(write_image(&image, object("motion_report"), out, sizeof(out)),
			    "{\"motion_report\":{\"live_velocity\":0}}");
	status_finish(&image);
	printer.online = false;
	assert_int_equal(klippy_of(&printer, true), KLIPPY_DISCONNECTED);
	printer.online = true;
	assert_int_equal(klippy_of(&printer, false), KLIPPY_DISCONNECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_commands),
		cmocka_unit_test(codes_go_as_they_are),
		cmocka_unit_test(moves_are_as_they_are_meant),
		cmocka_unit_test(the_rest_is_said_in_words),
		cmocka_unit_test(codes_without_a_right_number_go_as_they_are),
		cmocka_unit_test(a_target_that_is_no_number_never_turns_a_heater_off),
		cmocka_unit_test(words_tell_what_they_need),
		cmocka_unit_test(a_move_that_moves_nothing_is_no_command),
		cmocka_unit_test(states_are_saved_by_name),
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(wrong_requests_are_told_apart),
		cmocka_unit_test(flags_are_read_as_they_are_sent),
		cmocka_unit_test(only_members_that_are_asked_for_are_wanted),
		cmocka_unit_test(only_what_differs_is_a_change),
		cmocka_unit_test(a_position_is_between_what_is_printed),
		cmocka_unit_test(a_speed_is_there_before_the_printer_tells_one),
		cmocka_unit_test(what_a_printer_has_not_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
