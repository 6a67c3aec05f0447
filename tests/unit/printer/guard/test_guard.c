/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "printer/guard/guard.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REASON_MAX   256

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

static void hear(struct printer_state *state, const char *json)
{
	assert_int_equal(printer_state_apply(state, json, strlen(json), 0, NULL, NULL), 0);
}

static void set_state(struct printer_state *state, const char *value)
{
	char json[64];

	snprintf(json, sizeof(json), "{\"commandType\":1000,\"subType\":1,\"value\":%s}", value);
	hear(state, json);
}

/* Heated, with a Z offset of -0.50 mm, and with a job where it has one. */
static void set_up(struct printer_state *state, struct printer_profile *profile,
		   enum flagship_model model, const char *job_state)
{
	printer_state_init(state, NULL, NULL, model);
	printer_profile_init(profile, model);
	set_state(state, job_state);
	hear(state, "[{\"commandType\":1003,\"currentTemp\":20000,\"targetTemp\":20000},"
		    "{\"commandType\":1004,\"currentTemp\":6000,\"targetTemp\":6000},"
		    "{\"commandType\":1021,\"value\":-50}]");
	if (strcmp(job_state, "0") != 0) {
		hear(state, "{\"commandType\":1001,\"name\":\"a.gcode\"}");
	}
}

static unsigned int refused_where(const struct command_request *request)
{
	unsigned int where = 0;

	for (unsigned int i = 0; i < SETTINGS; i++) {
		enum flagship_model model = i < 2 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C;
		struct printer_state state;
		struct printer_profile profile;
		char reason[REASON_MAX] = "";

		set_up(&state, &profile, model, i % 2 == 0 ? "0" : "1");
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

static enum guard_verdict check(enum flagship_model model, const char *job_state,
				const struct command_request *request)
{
	struct printer_state state;
	struct printer_profile profile;
	char reason[REASON_MAX];

	set_up(&state, &profile, model, job_state);
	return guard_check(&state, &profile, NULL, request, reason, sizeof(reason));
}

static void test_force(void **context)
{
	static const struct {
		const char *line;
		bool never;
	} cases[] = {
		{"G28", false},
		{"M500", false},
		{"M104 S400", false},
		{"G1 X1 #M204 S1", false},
		{"M105 ; M500", false},
		{"M117 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false},
		{"M65648", false},
		{"M114,M115", true},
		{"M117 a,b", true},
		{"N1 M105*7", true},
		{"M118 @", true},
		{"^115", true},
		{"M105\nM106", true},
		{"G28 Z # , M500", true},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct command_request request = {.kind = COMMAND_GCODE, .text = cases[i].line};
		enum guard_verdict verdict = cases[i].never ? GUARD_NEVER : GUARD_REFUSED;

		assert_int_equal(check(FLAGSHIP_MODEL_M5C, "1", &request), verdict);
		request.force = true;
		assert_int_equal(check(FLAGSHIP_MODEL_M5C, "1", &request),
				 cases[i].never ? GUARD_NEVER : GUARD_PASS);
	}
	struct command_request light = {.kind = COMMAND_LIGHT, .force = true};
	assert_int_equal(check(FLAGSHIP_MODEL_M5, "0", &light), GUARD_NEVER);
	assert_int_equal(check(FLAGSHIP_MODEL_M5C, "0", &light), GUARD_PASS);
}

/* Nozzle, bed, axes, G-code: an E1 has nothing of that. */
static void test_e1(void **context)
{
	static const struct command_request refused[] = {
		{.kind = COMMAND_EXTRUDE, .distance_mm = 1},
		{.kind = COMMAND_HOME, .value = COMMAND_AXIS_X},
		{.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}},
		{.kind = COMMAND_NOZZLE_TARGET, .value = 20000},
		{.kind = COMMAND_BED_TARGET, .value = 6000},
		{.kind = COMMAND_COOLDOWN},
		{.kind = COMMAND_FAN, .value = 1},
		{.kind = COMMAND_Z_OFFSET, .value = 1},
		{.kind = COMMAND_LEVEL},
		{.kind = COMMAND_LIGHT},
		{.kind = COMMAND_FILES},
		{.kind = COMMAND_GCODE, .text = "M105"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1043,\"cmdData\":\"M105\"}"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1003,\"value\":20000}"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1026,\"value\":0}"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1029}"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1008,\"value\":0}"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1008,\"value\":1}"},
	};
	static const struct command_request allowed[] = {
		{.kind = COMMAND_PAUSE},
		{.kind = COMMAND_STOP},
		{.kind = COMMAND_RENAME, .text = "a"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1008,\"value\":4}"},
		{.kind = COMMAND_QUERY, .text = "{\"commandType\":1027}"},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_int_not_equal(check(FLAGSHIP_MODEL_E1, "0", &refused[i]), GUARD_PASS);
	}
	for (size_t i = 0; i < COUNT(allowed); i++) {
		assert_int_equal(check(FLAGSHIP_MODEL_E1, "0", &allowed[i]), GUARD_PASS);
	}
}

/* What harms an M5 or an M5C may harm a model that nobody knows. */
static void test_unknown_model(void **context)
{
	static const char *const lines[] = {"G28",    "G36",     "M401",   "M104 S261", "M140 S101",
					    "G1 X-2", "G1 X226", "G1 Y-6", "M2009"};

	(void)context;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct command_request request = {.kind = COMMAND_GCODE, .text = lines[i]};
		assert_int_equal(check(FLAGSHIP_MODEL_UNKNOWN, "0", &request), GUARD_REFUSED);
	}
}

static void test_job_states(void **context)
{
	static const struct {
		const char *state;
		bool refused;
	} cases[] = {
		{"0", false}, {"1", true},  {"2", true},  {"3", false}, {"4", false}, {"5", true},
		{"6", true},  {"7", true},  {"8", true},  {"9", true},  {"10", true}, {"11", true},
		{"12", true}, {"13", true}, {"14", true}, {"15", true}, {"16", true}, {"17", true},
	};
	struct command_request move = {.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}};
	struct printer_profile profile;
	char reason[REASON_MAX];

	(void)context;
	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct printer_state state;
		printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
		assert_false(guard_check(&state, &profile, NULL, &move, reason, sizeof(reason)));
		set_state(&state, cases[i].state);
		assert_int_equal(guard_check(&state, &profile, NULL, &move, reason, sizeof(reason)),
				 cases[i].refused ? GUARD_REFUSED : GUARD_PASS);
	}
}

/* What has to be asked for before anything can be said. */
static void test_lacks(void **context)
{
	static const struct {
		struct command_request request;
		unsigned int lacks;
	} cases[] = {
		{{.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}}, GUARD_FACT_JOB},
		{{.kind = COMMAND_PAUSE}, 0},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 40000}, 0},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 20000}, 0},
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 0}, GUARD_FACT_JOB},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 1}, GUARD_FACT_JOB | GUARD_FACT_NOZZLE},
		{{.kind = COMMAND_GCODE, .text = "M290 Z0.1"}, GUARD_FACT_Z_OFFSET},
		{{.kind = COMMAND_GCODE, .text = "M500"}, 0},
		{{.kind = COMMAND_GCODE, .text = "M105"}, 0},
		{{.kind = COMMAND_SEND, .text = "{\"commandType\":1008,\"value\":0}"},
		 GUARD_FACT_JOB},
	};
	struct printer_state state;
	struct printer_profile profile;

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5C);
		printer_profile_init(&profile, FLAGSHIP_MODEL_M5C);
		assert_int_equal(guard_lacks(&state, &profile, NULL, &cases[i].request),
				 cases[i].lacks);
		set_up(&state, &profile, FLAGSHIP_MODEL_M5C, "1");
		assert_int_equal(guard_lacks(&state, &profile, NULL, &cases[i].request), 0);
	}
}

static void test_cold_extrusion(void **context)
{
	static const struct command_request cases[] = {
		{.kind = COMMAND_EXTRUDE, .distance_mm = 5},
		{.kind = COMMAND_EXTRUDE, .distance_mm = -5},
		{.kind = COMMAND_GCODE, .text = "G1 E5"},
		{.kind = COMMAND_GCODE, .text = "G1 X5E-1"},
		{.kind = COMMAND_SEND, .text = "{\"commandType\":1043,\"cmdData\":\"G1 E5\"}"},
	};
	struct printer_state state;
	struct printer_profile profile;
	char reason[REASON_MAX];

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		set_up(&state, &profile, FLAGSHIP_MODEL_M5, "0");
		hear(&state, "{\"commandType\":1003,\"currentTemp\":16500}");
		assert_int_equal(
			guard_check(&state, &profile, NULL, &cases[i], reason, sizeof(reason)),
			GUARD_PASS);
		hear(&state, "{\"commandType\":1003,\"currentTemp\":16499}");
		assert_int_equal(
			guard_check(&state, &profile, NULL, &cases[i], reason, sizeof(reason)),
			GUARD_REFUSED);
		printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
		assert_int_equal(
			guard_check(&state, &profile, NULL, &cases[i], reason, sizeof(reason)),
			GUARD_REFUSED);
	}
}

static void send_line(struct guard_memory *memory, const struct printer_state *state,
		      const char *line, int64_t now_ms)
{
	char json[128];

	snprintf(json, sizeof(json), "{\"commandType\":1043,\"cmdData\":\"%s\"}", line);
	guard_memory_sent(memory, state, json, strlen(json), now_ms);
}

static enum guard_verdict check_line(const struct guard_memory *memory,
				     const struct printer_state *state, const char *line)
{
	struct command_request request = {.kind = COMMAND_GCODE, .text = line};
	struct printer_profile profile;
	char reason[REASON_MAX];

	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	return guard_check(state, &profile, memory, &request, reason, sizeof(reason));
}

/* M290 adds up before the printer tells what it came to; G91 changes what G1 means. */
static void test_memory(void **context)
{
	struct printer_state state;
	struct printer_profile profile;
	struct guard_memory memory;

	(void)context;
	set_up(&state, &profile, FLAGSHIP_MODEL_M5, "0");
	guard_memory_init(&memory);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_PASS);
	send_line(&memory, &state, "M290 Z-0.9", 0);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_REFUSED);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.5"), GUARD_PASS);
	guard_memory_received(&memory, -50, 100); /* an old notice */
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_REFUSED);
	hear(&state, "{\"commandType\":1021,\"value\":-140}");
	guard_memory_received(&memory, -140, 200);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.6"), GUARD_PASS);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.61"), GUARD_REFUSED);
	send_line(&memory, &state, "M290 Z-0.6", 1000);
	hear(&state, "{\"commandType\":1021,\"value\":-100}");
	guard_memory_received(&memory, -100, 7000); /* what was sent never arrived */
	assert_int_equal(check_line(&memory, &state, "M290 Z-1"), GUARD_PASS);

	assert_int_equal(check_line(&memory, &state, "G1 X-10"), GUARD_REFUSED);
	assert_int_equal(check_line(&memory, &state, "G1 Z5"), GUARD_PASS);
	send_line(&memory, &state, "G91", 0);
	assert_int_equal(check_line(&memory, &state, "G1 X-10"), GUARD_PASS);
	assert_int_equal(check_line(&memory, &state, "G1 Z-0.1"), GUARD_REFUSED);
	assert_int_equal(check_line(&memory, &state, "G1 Z5"), GUARD_PASS);
	send_line(&memory, &state, "g90", 0);
	assert_int_equal(check_line(&memory, &state, "G1 X-10"), GUARD_REFUSED);
}

static void test_delete_what_is_printed(void **context)
{
	struct command_request request = {.kind = COMMAND_DELETE, .text = "/usr/data/a.gcode"};
	struct printer_profile profile;
	struct printer_state state;
	char reason[REASON_MAX];

	(void)context;
	set_up(&state, &profile, FLAGSHIP_MODEL_M5, "1");
	assert_true(guard_check(&state, &profile, NULL, &request, reason, sizeof(reason)));
	assert_string_equal(reason, "/usr/data/a.gcode is being printed");
	request.text = "/usr/data/b.gcode";
	assert_false(guard_check(&state, &profile, NULL, &request, reason, sizeof(reason)));
	printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
	set_state(&state, "1");
	assert_true(guard_check(&state, &profile, NULL, &request, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "which file"));
}

#define PROFILE_TEXT_MAX 2048
#define VALUE_TEXT_MAX   64

/* All keys and values, one after the other. */
static void describe_profile(const struct printer_profile *profile, char out[PROFILE_TEXT_MAX])
{
	const char *const *keys = printer_profile_keys();
	char value[VALUE_TEXT_MAX];
	size_t used = 0;

	for (size_t i = 0; keys[i] != NULL; i++) {
		assert_int_equal(printer_profile_get(profile, keys[i], value, sizeof(value)), 0);
		used += (size_t)snprintf(out + used, PROFILE_TEXT_MAX - used, "%s=%s\n", keys[i],
					 value);
		assert_true(used < PROFILE_TEXT_MAX);
	}
}

static void test_profile(void **context)
{
	static const struct {
		const char *key;
		const char *value;
		bool good;
	} cases[] = {
		{"nozzle_max_c", "12", true},
		{"nozzle_max_c", "-1", false},
		{"nozzle_max_c", "", false},
		{"nozzle_max_c", "1x", false},
		{"nozzle_max_c", " 1", false},
		{"nozzle_max_c", "99999999999999999999", false},
		{"nozzle_max_c", "never", false},
		{"control", "vendor", true},
		{"control", "observed", true},
		{"control", "", false},
		{"control", "Vendor", false},
		{"z_home_is_dangerous", "true", true},
		{"z_home_is_dangerous", "1", false},
		{"pause_value", "2", false},
		{"confirm_ms", "100", true},
		{"model", "M5", false},
		{"z_home_is_dangerous", "false", true},
	};
	struct printer_profile profile;
	char out[VALUE_TEXT_MAX];
	char before[PROFILE_TEXT_MAX];
	char after[PROFILE_TEXT_MAX];

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		printer_profile_init(&profile, FLAGSHIP_MODEL_M5C);
		describe_profile(&profile, before);
		int error = printer_profile_set(&profile, cases[i].key, cases[i].value);
		assert_int_equal(error == 0, cases[i].good);
		if (error != 0) {
			describe_profile(&profile, after);
			assert_string_equal(after, before);
			continue;
		}
		assert_int_equal(printer_profile_get(&profile, cases[i].key, out, sizeof(out)), 0);
		assert_string_equal(out, cases[i].value);
	}
	for (const char *const *key = printer_profile_keys(); *key != NULL; key++) {
		printer_profile_init(&profile, FLAGSHIP_MODEL_UNKNOWN);
		assert_int_equal(printer_profile_get(&profile, *key, out, sizeof(out)), 0);
		assert_int_equal(printer_profile_set(&profile, *key, out), 0);
		assert_int_not_equal(printer_profile_get(&profile, *key, out, 0), 0);
	}
	assert_int_not_equal(printer_profile_get(&profile, "nothing", out, sizeof(out)), 0);
}

/* What a guest may not, whatever it is; `force` overrides. */
static void test_rights(void **context)
{
	static const struct command_rights rights[] = {
		{false, false}, {true, false}, {false, true}, {true, true}};
	struct bench bench;

	(void)context;
	for (size_t i = 0; i < COUNT(rights); i++) {
		for (enum command_kind kind = COMMAND_PAUSE; kind <= COMMAND_STATUS; kind++) {
			bool asks = kind == COMMAND_QUERY || kind == COMMAND_STATUS;
			bool withheld = asks ? rights[i].no_query : rights[i].no_command;
			bool json = kind == COMMAND_SEND || kind == COMMAND_QUERY;
			const struct command_request request = {
				.kind = kind,
				.text = json ? "{\"commandType\":1006,\"value\":100}" : "M105",
			};
			bench_init(&bench, FLAGSHIP_MODEL_M5);
			command_set_rights(bench.engine, &rights[i]);
			const char *reason = command_guard(bench.engine, &request);
			/* What is never done needs no right to be refused for. */
			assert_int_equal(reason && strstr(reason, "shared with this account"),
					 withheld && kind != COMMAND_LIGHT);
			assert_true(reason || !withheld);
			bench_finish(&bench);
		}
	}
}

static void test_rights_in_flight(void **context)
{
	static const struct command_rights neither = {true, true};
	struct command_request request = {.kind = COMMAND_GCODE, .text = "M105"};
	struct bench bench;

	(void)context;
	bench_init(&bench, FLAGSHIP_MODEL_M5);
	command_set_rights(bench.engine, &neither);
	bench_run(&bench, "0:s0");
	bench_submit(&bench, &request);
	assert_int_equal(bench.report_count, 1);
	assert_int_equal(bench.reports[0].report.outcome, COMMAND_REFUSED);
	assert_true(bench.reports[0].report.guarded);
	request.force = true;
	bench_submit(&bench, &request);
	bench_run(&bench, "60:s0");
	/* Sent, and no state was asked for. */
	assert_non_null(strstr(bench.log, "g[M105]"));
	assert_null(strstr(bench.log, "q1027"));
	bench_finish(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcode),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_e1),
		cmocka_unit_test(test_unknown_model),
		cmocka_unit_test(test_job_states),
		cmocka_unit_test(test_lacks),
		cmocka_unit_test(test_cold_extrusion),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_delete_what_is_printed),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_rights_in_flight),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
