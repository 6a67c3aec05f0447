/* SPDX-License-Identifier: MIT */
#include "printer/guard.h"

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

static void set_state(struct printer_state *state, const char *value)
{
	char json[64];

	snprintf(json, sizeof(json), "{\"commandType\":1000,\"subType\":1,\"value\":%s}", value);
	assert_int_equal(printer_state_apply(state, json, strlen(json), 0, NULL, NULL), 0);
}

static unsigned int refused_where(const struct command_request *request)
{
	unsigned int where = 0;

	for (unsigned int i = 0; i < SETTINGS; i++) {
		enum flagship_model model = i < 2 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C;
		struct printer_state state;
		struct printer_profile profile;
		char reason[REASON_MAX] = "";

		printer_state_init(&state, NULL, NULL, model);
		printer_profile_init(&profile, model);
		set_state(&state, i % 2 == 0 ? "0" : "1");
		if (guard_check(&state, &profile, request, reason, sizeof(reason))) {
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
		{"  G28  ", ON_M5C | IN_JOB},
		{"\tG28\tX", IN_JOB},
		{"G 28", ON_M5C | IN_JOB},
		{"G028", ON_M5C | IN_JOB},
		{"G28.1", ON_M5C | IN_JOB},
		{"G28 O", ON_M5C | IN_JOB},
		{"G28 ; X", ON_M5C | IN_JOB},
		{"G28 (X)", ON_M5C | IN_JOB},
		{"N10 G28*57", ON_M5C | IN_JOB},
		{"N10G28 X*57", IN_JOB},
		{"N10 g28 z0 *57", ON_M5C | IN_JOB},
		{"G28 X\nG28 Z", ON_M5C | IN_JOB},
		{"; note\nG28", ON_M5C | IN_JOB},
		{"G28 X G28 Z", ON_M5C | IN_JOB},
		{"M105 G28", ON_M5C | IN_JOB},
		{"G280", NOWHERE},
		{"G2 8", IN_JOB},
		/* probes */
		{"G36", ON_M5C | IN_JOB},
		{"M401", ON_M5C | IN_JOB},
		{"m402", ON_M5C | IN_JOB},
		{"M4010", NOWHERE},
		/* always */
		{"M500", ALWAYS},
		{"M501", ALWAYS},
		{"M502", ALWAYS},
		{"M503", NOWHERE},
		{"M112", ALWAYS},
		{"m112", ALWAYS},
		{"M0112", ALWAYS},
		{"M997", ALWAYS},
		{"M303 E0 S200", ALWAYS},
		{"N1M303*2", ALWAYS},
		{"G4 P1 M500", ALWAYS},
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
		{"G4 S1", NOWHERE},
		{"M290 Z0.05", NOWHERE},
		{"M220 S90", NOWHERE},
		{"M106 S255", NOWHERE},
		{"M2024", NOWHERE},
		{"M24", NOWHERE},
		{"M25", NOWHERE},
		/* temperatures */
		{"M104 S260", NOWHERE},
		{"M104 S261", M5_IDLE | M5_JOB},
		{"M104 S300", M5_IDLE | M5_JOB},
		{"M104 S301", ALWAYS},
		{"M109 S301", ALWAYS},
		{"M109 R301", ALWAYS},
		{"M109R301", ALWAYS},
		{"m104 s 301", ALWAYS},
		{"M104 T0 S300.5", ALWAYS},
		{"M104S+301", ALWAYS},
		{"N5 M104 S999*12", ALWAYS},
		{"M104 S0", NOWHERE},
		{"M104", NOWHERE},
		{"M104 S-1", NOWHERE},
		{"M140 S110", NOWHERE},
		{"M140 S111", ALWAYS},
		{"M190 R111", ALWAYS},
		{"M190 S110 M104 S400", ALWAYS},
		/* texts are no commands */
		{"M117 G28", NOWHERE},
		{"M118 M500", NOWHERE},
		{"M23 G28.gcode", NOWHERE},
		{"M105 ; M500", NOWHERE},
		{"M117 hello\nM500", ALWAYS},
		/* nothing at all */
		{"", NOWHERE},
		{";", NOWHERE},
		{"M", NOWHERE},
		{"G", NOWHERE},
		{"hello", NOWHERE},
		{"M99999999999999999999", NOWHERE},
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
		{"{\"commandType\":\"1029\"}", ALWAYS},
		{"{\"commandType\":1.029e3}", ALWAYS},
		{"[{\"commandType\":1027},{\"commandType\":1029}]", ALWAYS},
		/* no payload, which is never sent */
		{"{\"commandType\":1027,\"commandType\":1029}", NOWHERE},
		{"{\"commandType\":1003,\"value\":1,\"value\":30001}", ALWAYS},
		{"{\"commandType\":1003,\"value\":30001,\"v\\u0061lue\":1}", ALWAYS},
		{"{\"commandType\":1050,\"a\":{\"b\":1,\"b\":2},\"c\":[]}", NOWHERE},
		{"{\"comm\\u0061ndType\":1029}", ALWAYS},
		{"{\"commandType\":1011}", ALWAYS},
		{"{\"commandType\":2018}", ALWAYS},
		{"{\"commandType\":1034}", ALWAYS},
		{"{\"commandType\":1034,\"devname\":\"a\"}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":null}", ALWAYS},
		{"{\"commandType\":1034,\"devName\":\"a\"}", NOWHERE},
		{"{\"commandType\":1026,\"value\":2}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":3}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":-1}", ON_M5C | IN_JOB},
		{"{\"commandType\":1026,\"value\":0}", IN_JOB},
		{"{\"commandType\":1026,\"value\":1}", IN_JOB},
		{"{\"commandType\":1003,\"value\":30001}", ALWAYS},
		{"{\"commandType\":1003,\"value\":26001}", M5_IDLE | M5_JOB},
		{"{\"commandType\":1003,\"value\":20000}", NOWHERE},
		{"{\"commandType\":1004,\"value\":11001}", ALWAYS},
		{"{\"commandType\":1004,\"value\":11000}", NOWHERE},
		{"{\"commandType\":1007,\"value\":0}", IN_JOB},
		{"{\"commandType\":1022,\"value\":1}", IN_JOB},
		{"{\"commandType\":1023,\"value\":1}", IN_JOB},
		{"{\"commandType\":1024,\"value\":1}", IN_JOB},
		{"{\"commandType\":1025,\"value\":1}", IN_JOB},
		{"{\"commandType\":1043,\"cmdData\":\"M500\",\"cmdLen\":4}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"\\u004d500\"}", ALWAYS},
		{"{\"commandType\":1043,\"cmdData\":\"G28 X\"}", IN_JOB},
		{"{\"commandType\":1043,\"cmdData\":\"M105\\nG28\"}", ON_M5C | IN_JOB},
		{"{\"commandType\":1043}", NOWHERE},
		{"{\"commandType\":1008,\"value\":2}", NOWHERE},
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
		{{.kind = COMMAND_NOZZLE_TARGET, .value = 30001}, ALWAYS},
		{{.kind = COMMAND_BED_TARGET, .value = 11000}, NOWHERE},
		{{.kind = COMMAND_BED_TARGET, .value = 11001}, ALWAYS},
		{{.kind = COMMAND_COOLDOWN}, NOWHERE},
		{{.kind = COMMAND_FAN, .value = 100}, NOWHERE},
		{{.kind = COMMAND_SPEED, .value = 250}, NOWHERE},
		{{.kind = COMMAND_SPEED, .value = 251}, ON_M5C},
		{{.kind = COMMAND_SPEED, .value = 501}, ALWAYS},
		{{.kind = COMMAND_SPEED, .value = 0}, ALWAYS},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL}, ON_M5C | IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z}, ON_M5C | IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_X}, IN_JOB},
		{{.kind = COMMAND_HOME, .value = COMMAND_AXIS_Y}, IN_JOB},
		{{.kind = COMMAND_MOVE, .position_mm = {1, 2, 3}}, IN_JOB},
		{{.kind = COMMAND_EXTRUDE, .distance_mm = 1}, IN_JOB},
		{{.kind = COMMAND_Z_OFFSET, .value = -500}, NOWHERE},
		{{.kind = COMMAND_Z_OFFSET, .value = -501}, ALWAYS},
		{{.kind = COMMAND_Z_OFFSET, .value = INT64_MIN}, ALWAYS},
		{{.kind = COMMAND_LEVEL}, IN_JOB},
		{{.kind = COMMAND_RENAME, .text = "a"}, NOWHERE},
		{{.kind = COMMAND_FILES}, NOWHERE},
		{{.kind = COMMAND_DELETE, .text = "a"}, NOWHERE},
		{{.kind = COMMAND_START, .text = "a"}, IN_JOB},
		{{.kind = COMMAND_LIGHT}, NOWHERE},
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
		assert_false(guard_check(&state, &profile, &move, reason, sizeof(reason)));
		set_state(&state, cases[i].state);
		assert_int_equal(guard_check(&state, &profile, &move, reason, sizeof(reason)),
				 cases[i].refused);
	}
	assert_true(guard_depends_on_job(&profile, &move));
	move.kind = COMMAND_PAUSE;
	assert_false(guard_depends_on_job(&profile, &move));
}

static void test_delete_what_is_printed(void **context)
{
	static const char printing[] = "[{\"commandType\":1000,\"subType\":1,\"value\":1},"
				       "{\"commandType\":1001,\"name\":\"a.gcode\"}]";
	struct command_request request = {.kind = COMMAND_DELETE, .text = "/usr/data/a.gcode"};
	struct printer_profile profile;
	struct printer_state state;
	char reason[REASON_MAX];

	(void)context;
	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
	printer_state_apply(&state, printing, strlen(printing), 0, NULL, NULL);
	assert_true(guard_check(&state, &profile, &request, reason, sizeof(reason)));
	assert_string_equal(reason, "/usr/data/a.gcode is being printed");
	request.text = "/usr/data/b.gcode";
	assert_false(guard_check(&state, &profile, &request, reason, sizeof(reason)));
}

#define PROFILE_TEXT_MAX 2048

/* All keys and values, one after the other. */
static void describe_profile(const struct printer_profile *profile, char out[PROFILE_TEXT_MAX])
{
	const char *const *keys = printer_profile_keys();
	char value[PRINTER_PROFILE_GCODE_MAX];
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
		{"pause_value", "12", true},
		{"pause_value", "-1", false},
		{"pause_value", "", false},
		{"pause_value", "1x", false},
		{"pause_value", " 1", false},
		{"pause_value", "99999999999999999999", false},
		{"pause_value", "never", false},
		{"again_value", "never", true},
		{"again_value", "3", true},
		{"control_names_job", "true", true},
		{"control_names_job", "1", false},
		{"stop_gcode", "M524", true},
		{"stop_gcode", "", true},
		{"stop_gcode", "M1\nM2", false},
		{"confirm_ms", "100", true},
		{"model", "M5", false},
		{"z_home_is_dangerous", "false", true},
	};
	struct printer_profile profile;
	char out[PRINTER_PROFILE_GCODE_MAX];
	char longest[PRINTER_PROFILE_GCODE_MAX + 1];
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
	memset(longest, 'M', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_not_equal(printer_profile_set(&profile, "stop_gcode", longest), 0);
	for (const char *const *key = printer_profile_keys(); *key != NULL; key++) {
		printer_profile_init(&profile, FLAGSHIP_MODEL_UNKNOWN);
		assert_int_equal(printer_profile_get(&profile, *key, out, sizeof(out)), 0);
		assert_int_equal(printer_profile_set(&profile, *key, out), 0);
		assert_int_not_equal(printer_profile_get(&profile, *key, out, 0), 0);
	}
	assert_int_not_equal(printer_profile_get(&profile, "nothing", out, sizeof(out)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcode),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_job_states),
		cmocka_unit_test(test_delete_what_is_printed),
		cmocka_unit_test(test_profile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
