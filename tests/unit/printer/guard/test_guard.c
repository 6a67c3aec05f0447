/* SPDX-License-Identifier: MIT */
#include "guarded.h"
#include "printer/guard/guard.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* For each line: on which models, and in which states, it is refused. */
#define NOWHERE  0u
#define M5_IDLE  1u
#define M5_JOB   2u
#define M5C_IDLE 4u
#define M5C_JOB  8u
#define IN_JOB   (M5_JOB | M5C_JOB)
#define ON_M5C   (M5C_IDLE | M5C_JOB)
#define ALWAYS   (IN_JOB | M5_IDLE | M5C_IDLE)
#define SETTINGS 4u

static unsigned int refused_where(const struct command_request *request)
{
	unsigned int where = 0;

	for (unsigned int i = 0; i < SETTINGS; i++) {
		enum flagship_model model = i < 2 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C;
		struct printer_state state;
		struct printer_profile profile;
		char reason[REASON_MAX] = "";

		guarded_init(&state, &profile, model, i % 2 == 0 ? "0" : "1");
		if (guard_check(&state, &profile, NULL, request, reason, sizeof(reason))) {
			where |= 1u << i;
			assert_true(strlen(reason) > 10);
		}
	}
	return where;
}

static void test_gcode(void **context)
{
	static const struct {
		const char *line;
		unsigned int where;
	} cases[] = {
		/* homing */
		{"G28", ON_M5C | IN_JOB},
		{"G28 Z", ON_M5C | IN_JOB},
		{"G28 X Z", ON_M5C | IN_JOB},
		{"G28 XYZ", ON_M5C | IN_JOB},
		{"G28 X", IN_JOB},
		{"G28 Y", IN_JOB},
		{"G28 X Y", IN_JOB},
		{"G28 X0Y0", IN_JOB},
		{"g28", ON_M5C | IN_JOB},
		{"g28z", ON_M5C | IN_JOB},
		{"g28x", IN_JOB},
		{"g28X", ON_M5C | IN_JOB},
		{"G28 x", ON_M5C | IN_JOB},
		{"  G28  ", ON_M5C | IN_JOB},
		{"G 28", ON_M5C | IN_JOB},
		{"G028", ON_M5C | IN_JOB},
		{"G28.1", ON_M5C | IN_JOB},
		{"G28 O", ON_M5C | IN_JOB},
		{"G28 (X)", ON_M5C | IN_JOB},
		{"N10G28 X", IN_JOB},
		{"N10 g28 z0", ON_M5C | IN_JOB},
		{"G28 X G28 Z", ON_M5C | IN_JOB},
		{"G28 M105 X", ON_M5C | IN_JOB},
		{"M105 G28", ON_M5C | IN_JOB},
		{"G280", NOWHERE},
		{"G2 8", IN_JOB},
		/* probes */
		{"G36", ON_M5C | IN_JOB},
		{"M401", ON_M5C | IN_JOB},
		{"m402", ON_M5C | IN_JOB},
		{"M4010", NOWHERE},
		{"G2001", ALWAYS},
		{"M2006", ALWAYS},
		{"M2012", ALWAYS},
		{"M2203", ALWAYS},
		{"M2300 S1", ALWAYS},
		/* always */
		{"M500", ALWAYS},
		{"M501", ALWAYS},
		{"M502", ALWAYS},
		{"M503", NOWHERE},
		{"M112", ALWAYS},
		{"m112", ALWAYS},
		{"M0112", ALWAYS},
		{"M 112", ALWAYS},
		{"M81", ALWAYS},
		{"M999", ALWAYS},
		{"M997", ALWAYS},
		{"M303 E0 S200", ALWAYS},
		{"M2201", ALWAYS},
		{"G4 P1 M500", ALWAYS},
		{"M302", NOWHERE},
		{"M302 P1", ALWAYS},
		{"M211", NOWHERE},
		{"M211 S1", NOWHERE},
		{"M211S0", ALWAYS},
		{"M211 S", ALWAYS},
		{"M211 S1 S0", ALWAYS},
		{"M2004", NOWHERE},
		{"M2004 S1", ALWAYS},
		{"M851", NOWHERE},
		{"M851 Z-0.2", ALWAYS},
		{"M92", NOWHERE},
		{"M92 E400", ALWAYS},
		{"M301", NOWHERE},
		{"M301 P1", ALWAYS},
		{"M304 P1", ALWAYS},
		{"M906 X800", ALWAYS},
		{"M913 X1", ALWAYS},
		{"M914 X1", ALWAYS},
		{"M914", NOWHERE},
		{"M915 X1", ALWAYS},
		{"M575 P1 B9600", ALWAYS},
		{"M2000 S0", ALWAYS},
		{"M2003", NOWHERE},
		{"M2003 Z1", ALWAYS},
		{"M2009", ALWAYS},
		{"M2022", ALWAYS},
		{"M2024", ALWAYS},
		{"M2025", ALWAYS},
		{"M3003", NOWHERE},
		{"M3003 V1", ALWAYS},
		{"M3003 B1", ALWAYS},
		{"M3020", NOWHERE},
		{"M3020 V7", ALWAYS},
		{"M3013 R0", NOWHERE},
		{"M3013 W0123456789abcdef", ALWAYS},
		{"M3031 U1", ALWAYS},
		{"M3015 S0", ALWAYS},
		{"M3016 P1 S0", ALWAYS},
		{"M4899", NOWHERE},
		{"M4899 T3", IN_JOB},
		/* the firmware counts in 16 bits: these are M112 and G28 */
		{"M65648", ALWAYS},
		{"G65564", ON_M5C | IN_JOB},
		{"M65647", NOWHERE},
		{"M999999", NOWHERE},
		{"M99999999999999999999", NOWHERE},
		/* during a job */
		{"G29", IN_JOB},
		{"G29 P1", IN_JOB},
		{"G0 X1", IN_JOB},
		{"G1X1", IN_JOB},
		{"g1 x1", IN_JOB},
		{"G2 I1", IN_JOB},
		{"G90", IN_JOB},
		{"G91", IN_JOB},
		{"M83", IN_JOB},
		{"G92 E0", IN_JOB},
		{"M84", IN_JOB},
		{"M18", IN_JOB},
		{"M600", IN_JOB},
		{"M108", IN_JOB},
		{"M410", IN_JOB},
		{"M106 S255", IN_JOB},
		{"M107", IN_JOB},
		{"M24", IN_JOB},
		{"M25", IN_JOB},
		{"M23 G28.gcode", IN_JOB},
		{"M20", IN_JOB},
		{"G4 S1", NOWHERE},
		{"M220 S90", NOWHERE},
		{"M420 V", NOWHERE},
		/* moves */
		{"G1 X235", ON_M5C | IN_JOB},
		{"G1 X236", ALWAYS},
		{"G1 X-15", M5_IDLE | IN_JOB},
		{"G1 X-15.1", ALWAYS},
		{"G1 Y248", ON_M5C | IN_JOB},
		{"G0 Y300", ALWAYS},
		{"G1 X1e9", IN_JOB}, /* an exponent ends the number, for the firmware too */
		{"G1 X10 X900", ALWAYS},
		{"G1 X900 X10", ALWAYS},
		{"G1 Z250", IN_JOB},
		{"G1 Z250.5", ALWAYS},
		{"G1 Z-0.1", ALWAYS},
		{"G1Z-.1", ALWAYS},
		{"g 1 z - 5", ALWAYS},
		{"G1 Y0X5", ALWAYS}, /* 0X5 is a number to strtof */
		{"G1 E5", IN_JOB},
		{"M290 G1 Z5", ALWAYS},
		/* the Z offset, which is -0.50 mm */
		{"M290", NOWHERE},
		{"M290 Z0.05", NOWHERE},
		{"M290 Z-1", NOWHERE},
		{"M290 Z-1.01", ALWAYS},
		{"M290 S1.01", ALWAYS},
		{"M290 Z0 Z-2", ALWAYS},
		/* temperatures */
		{"M104 S260", NOWHERE},
		{"M104 S261", M5_IDLE | M5_JOB},
		{"M104 S300", M5_IDLE | M5_JOB},
		{"M104 S310", M5_IDLE | M5_JOB},
		{"M104 S311", ALWAYS},
		{"M104 S200 S400", ALWAYS},
		{"M104 S400 S200", ALWAYS},
		{"M104 R400 S200", ALWAYS},
		{"M109 S311", ALWAYS},
		{"M109 R311", ALWAYS},
		{"M109R311", ALWAYS},
		{"m104 s 311", ALWAYS},
		{"m104s311", ALWAYS},
		{"M104 T0 S310.5", ALWAYS},
		{"M104S+311", ALWAYS},
		{"M104 S0x137", ALWAYS},
		{"M104 S1.2.3", ALWAYS},
		{"N5 M104 S999", ALWAYS},
		{"M104 S165", NOWHERE},
		{"M104 S164", M5_JOB},
		{"M104 S159", IN_JOB},
		{"M104 S0", IN_JOB},
		{"M104 S", IN_JOB},
		{"M104 S-1", IN_JOB},
		{"M104", NOWHERE},
		{"M140 S100", NOWHERE},
		{"M140 S101", M5_IDLE | M5_JOB},
		{"M140 S115", M5_IDLE | M5_JOB},
		{"M140 S116", ALWAYS},
		{"M190 R116", ALWAYS},
		{"M140 S0", IN_JOB},
		{"M140 S29", IN_JOB},
		{"M140 S40", NOWHERE},
		{"M190 S110 M104 S400", ALWAYS},
		/* texts are no commands, but what stands behind a comment is */
		{"M117 G28", NOWHERE},
		{"M118 M500", NOWHERE},
		{"N3 M117 G28", NOWHERE},
		{"M105 M117 G28", ON_M5C | IN_JOB},
		{"M105 ; M500", ALWAYS},
		{"G28 ; X", ALWAYS},
		/* what splits, and what is no line */
		{"M117 a,b", ALWAYS},
		{"M114,G28", ALWAYS},
		{"N10 G28*57", ALWAYS},
		{"M118 a@b", ALWAYS},
		{"^104 S200", ALWAYS},
		{" ^115", ALWAYS},
		{"M117 ^_^", NOWHERE},
		{"G1 X1 #M204 S1", ALWAYS},
		{"G28 X\nG28 Z", ALWAYS},
		{"M105\r", ALWAYS},
		{"\tG28\tX", ALWAYS},
		{"M117 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NOWHERE},
		{"M117 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ALWAYS},
		/* nothing at all */
		{"", NOWHERE},
		{"M", NOWHERE},
		{"G", NOWHERE},
		{"hello", NOWHERE},
		{"\xff\xfe G28", ON_M5C | IN_JOB},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct command_request request = {.kind = COMMAND_GCODE, .text = cases[i].line};
		unsigned int where = refused_where(&request);
		if (where != cases[i].where) {
			fail_msg("%s: refused in %u, not in %u", cases[i].line, where,
				 cases[i].where);
		}
	}
}

static void test_messages(void **context)
{
	static const struct {
		const char *json;
		unsigned int where;
	} cases[] = {
		{"{\"commandType\":1029}", ALWAYS},
		{"{\"commandType\":1029,\"value\":2}", ALWAYS},
		{"{\"commandType\":\"1029\"}", ALWAYS},
		{"{\"commandType\":1.029e3}", ALWAYS},
		{"[{\"commandType\":1027},{\"commandType\":1029}]", ALWAYS},
		/* no payload, which is never sent */
		{"{\"commandType\":1027,\"commandType\":1029}", NOWHERE},
		{"{\"commandType\":1003,\"value\":1,\"value\":31001}", ALWAYS},
		{"{\"commandType\":1003,\"value\":31000}", M5_IDLE | M5_JOB},
		{"{\"commandType\":1003,\"value\":31001,\"v\\u0061lue\":1}", ALWAYS},
		{"{\"commandType\":1050,\"a\":{\"b\":1,\"b\":2},\"c\":[]}", NOWHERE},
		{"{\"comm\\u0061ndType\":1029}", ALWAYS},
		{"{\"commandType\":1011}", ALWAYS},
		{"{\"commandType\":2018}", ALWAYS},
		{"{\"commandType\":1034}", ALWAYS},
		{"{\"commandType\":1034,\"devname\":\"a\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":null}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":5}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"  \"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"a\\nb\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"a\\u0000\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"\\ud800\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"a\"}", NOWHERE},
		{"{\"commandType\":1026,\"value\":2}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":3}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":-1}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":1}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":[0]}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":0}", IN_JOB},
		{"{\"commandType\":1026,\"value\":0.4}", ON_M5C | IN_JOB},
		{"{\"commandType\":1003,\"value\":31001}", ALWAYS},
		{"{\"commandType\":1003,\"value\":31000}", M5_IDLE | M5_JOB},
		{"{\"commandType\":1003,\"value\":26001}", M5_IDLE | M5_JOB},
		{"{\"commandType\":1003,\"value\":40000.5}", ALWAYS},
		{"{\"commandType\":1003,\"value\":\"40000\"}", ALWAYS},
		{"{\"commandType\":1003,\"value\":4e99}", ALWAYS},
		{"{\"commandType\":1003,\"value\":{}}", ALWAYS},
		{"{\"commandType\":1003}", ALWAYS},
		{"{\"commandType\":1003,\"value\":20000}", NOWHERE},
		{"{\"commandType\":1003,\"value\":0}", IN_JOB},
		{"{\"commandType\":1004,\"value\":11501}", ALWAYS},
		{"{\"commandType\":1004,\"value\":11500}", M5_IDLE | M5_JOB},
		{"{\"commandType\":1004,\"value\":10000}", NOWHERE},
		{"{\"commandType\":1004,\"value\":0}", IN_JOB},
		{"{\"commandType\":1005,\"value\":50}", IN_JOB},
		{"{\"commandType\":1006,\"value\":200}", NOWHERE},
		{"{\"commandType\":1006,\"value\":251}", ON_M5C},
		{"{\"commandType\":1006,\"value\":0}", ALWAYS},
		{"{\"commandType\":1007,\"value\":0}", IN_JOB},
		{"{\"commandType\":1009,\"value\":1}", IN_JOB},
		{"{\"commandType\":1021,\"value\":-60}", NOWHERE},
		{"{\"commandType\":1021,\"value\":-150}", NOWHERE},
		{"{\"commandType\":1021,\"value\":-151}", ALWAYS},
		{"{\"commandType\":1021,\"value\":-201}", ALWAYS},
		{"{\"commandType\":1021}", ALWAYS},
		{"{\"commandType\":1022,\"value\":1}", IN_JOB},
		{"{\"commandType\":1023,\"value\":1}", IN_JOB},
		{"{\"commandType\":1023,\"value\":1,\"temperature\":400}", ALWAYS},
		{"{\"commandType\":1023,\"value\":1,\"temperature\":22000}", IN_JOB},
		{"{\"commandType\":1024,\"value\":1}", IN_JOB},
		{"{\"commandType\":1025,\"value\":1}", IN_JOB},
		{"{\"commandType\":1032,\"filePath\":\"/a/a.gcode\"}", IN_JOB},
		{"{\"commandType\":1032,\"filePath\":\"/a/a.gcode/\"}", IN_JOB},
		{"{\"commandType\":1032,\"filePath\":\"/a/b.gcode\"}", NOWHERE},
		{"{\"commandType\":1032}", ALWAYS},
		{"{\"commandType\":1038,\"nozzle\":200,\"heatbed\":60}", NOWHERE},
		{"{\"commandType\":1038,\"nozzle\":311}", ALWAYS},
		{"{\"commandType\":1038,\"nozzle\":20000}", ALWAYS},
		{"{\"commandType\":1038,\"heatbed\":116}", ALWAYS},
		{"{\"commandType\":1038,\"nozzle\":0}", IN_JOB},
		{"{\"commandType\":1038}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"M500\",\"cmdLen\":4}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"\\u004d500\"}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"G28 X\"}", IN_JOB},
		{"{\"commandType\":1043,\"cmdData\":\"G28 X\",\"cmdLen\":5}", IN_JOB},
		{"{\"commandType\":1043,\"cmdData\":\"G28 X\",\"cmdLen\":3}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"G28\\u0000 X\"}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"M105\\nG28\"}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":[\"M105\"]}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"M105\"}", NOWHERE},
		{"{\"commandType\":1043}", ALWAYS},
		{"{\"commandType\":1008,\"value\":2}", NOWHERE},
		{"{\"commandType\":1008,\"value\":3}", NOWHERE},
		{"{\"commandType\":1008,\"value\":4}", NOWHERE},
		{"{\"commandType\":1008,\"value\":5}", ALWAYS},
		{"{\"commandType\":1008,\"value\":1.5}", ALWAYS},
		{"{\"commandType\":1008}", ALWAYS},
		{"{\"commandType\":1008,\"data\":{\"value\":0}}", ALWAYS},
		/* the stop and the pause of an M5C (protocol.md 3.2) */
		{"{\"commandType\":1008,\"value\":0}", M5_IDLE | M5_JOB | M5C_IDLE},
		{"{\"commandType\":1008,\"value\":0,\"filePath\":\"a.gcode\"}", ALWAYS},
		{"{\"commandType\":1008,\"value\":1,\"userName\":\"e\",\"filePath\":\"a.gcode\"}",
		 M5_JOB},
		{"{\"commandType\":1008,\"value\":1,\"userId\":\"e\",\"filePath\":\"a.gcode\"}",
		 IN_JOB},
		{"{\"commandType\":1008,\"value\":1,\"filePath\":\"b.gcode\"}", IN_JOB},
		{"{\"commandType\":1027}", NOWHERE},
		{"{\"commandType\":9999}", NOWHERE},
		{"{", NOWHERE},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct command_request request = {.kind = COMMAND_SEND, .text = cases[i].json};
		unsigned int where = refused_where(&request);
		request.kind = COMMAND_QUERY;
		assert_int_equal(refused_where(&request), where);
		if (where != cases[i].where) {
			fail_msg("%s: refused in %u, not in %u", cases[i].json, where,
				 cases[i].where);
		}
	}
}

static void test_kinds(void **context)
{
	static const struct {
		struct command_request request;
		unsigned int where;
	} cases[] = {
		{{.kind = COMMAND_PAUSE}, NOWHERE},
		{{.kind = COMMAND_RESUME}, NOWHERE},
		{{.kind = COMMAND_STOP}, NOWHERE},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 26000}, NOWHERE},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 26001}, M5_IDLE | M5_JOB},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 31001}, ALWAYS},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = INT64_MAX}, ALWAYS},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 0}, IN_JOB},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 5000}, IN_JOB},
		{{.kind = COMMAND_BED_TARGET, .value = 10000}, NOWHERE},
		{{.kind = COMMAND_BED_TARGET, .value = 10001}, M5_IDLE | M5_JOB},
		{{.kind = COMMAND_BED_TARGET, .value = 11501}, ALWAYS},
		{{.kind = COMMAND_BED_TARGET, .value = 0}, IN_JOB},
		{{.kind = COMMAND_COOLDOWN}, IN_JOB},
		{{.kind = COMMAND_FAN, .value = 100}, IN_JOB},
		{{.kind = COMMAND_SPEED, .value = 250}, NOWHERE},
		{{.kind = COMMAND_SPEED, .value = 251}, ON_M5C},
		{{.kind = COMMAND_SPEED, .value = 501}, ALWAYS},
		{{.kind = COMMAND_SPEED, .value = 0}, ALWAYS},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL}, ON_M5C | IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z}, ON_M5C | IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_X}, IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_Y}, IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {1, 2, 3}}, IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {236, NAN, NAN}}, ALWAYS},
		{{.kind = COMMAND_MOVE, .position_mm = {-10, NAN, NAN}}, M5_IDLE | IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {-10, NAN, NAN}, .relative = true}, IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {NAN, NAN, -0.1}, .relative = true}, ALWAYS},
		{{.kind = COMMAND_MOVE, .position_mm = {NAN, NAN, 10}, .relative = true}, IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {NAN, NAN, 251}, .relative = true}, ALWAYS},
		{{.kind = COMMAND_MOVE, .position_mm = {INFINITY, NAN, NAN}}, ALWAYS},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 1}, IN_JOB},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = -1}, IN_JOB},
		{{.kind = COMMAND_Z_OFFSET, .value = -150}, NOWHERE},
		{{.kind = COMMAND_Z_OFFSET, .value = -151}, ALWAYS},
		{{.kind = COMMAND_Z_OFFSET, .value = 51}, ALWAYS},
		{{.kind = COMMAND_Z_OFFSET, .value = -201}, ALWAYS},
		{{.kind = COMMAND_Z_OFFSET, .value = INT64_MIN}, ALWAYS},
		{{.kind = COMMAND_Z_OFFSET, .value = -100, .relative = true}, NOWHERE},
		{{.kind = COMMAND_Z_OFFSET, .value = -400, .relative = true}, ALWAYS},
		{{.kind = COMMAND_LEVEL}, IN_JOB},
		{{.kind = COMMAND_RENAME, .text = "a"}, NOWHERE},
		{{.kind = COMMAND_RENAME, .text = "Küche 5"}, NOWHERE},
		{{.kind = COMMAND_RENAME, .text = "   "}, ALWAYS},
		{{.kind = COMMAND_RENAME, .text = "a\x1b[2J"}, ALWAYS},
		{{.kind = COMMAND_RENAME, .text = "a\x7f"}, ALWAYS},
		{{.kind = COMMAND_RENAME, .text = "\xc2\x85"}, ALWAYS},
		{{.kind = COMMAND_RENAME, .text = "\xff"}, ALWAYS},
		{{.kind = COMMAND_RENAME, .text = "\xc3"}, ALWAYS},
		{{.kind = COMMAND_FILES}, IN_JOB},
		{{.kind = COMMAND_DELETE, .text = "b"}, NOWHERE},
		{{.kind = COMMAND_DELETE, .text = "/usr/data/a.gcode"}, IN_JOB},
		{{.kind = COMMAND_START, .text = "a"}, IN_JOB},
		{{.kind = COMMAND_LIGHT}, M5_IDLE | M5_JOB},
		{{.kind = COMMAND_STATUS}, NOWHERE},
		{{.kind = COMMAND_GCODE}, NOWHERE},
		{{.kind = COMMAND_SEND}, NOWHERE},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned int where = refused_where(&cases[i].request);
		if (where != cases[i].where) {
			fail_msg("case %zu, %s: refused in %u, not in %u", i,
				 command_kind_name(cases[i].request.kind), where, cases[i].where);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcode),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
