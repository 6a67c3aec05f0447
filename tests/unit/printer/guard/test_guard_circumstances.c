/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "guarded.h"
#include "printer/guard/guard.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum guard_verdict check(enum flagship_model model, const char *job_state,
				const struct command_request *request)
{
	struct printer_state state;
	struct printer_profile profile;
	char reason[REASON_MAX];

	guarded_init(&state, &profile, model, job_state);
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
		guarded_set_job(&state, cases[i].state);
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
		guarded_init(&state, &profile, FLAGSHIP_MODEL_M5C, "1");
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
		guarded_init(&state, &profile, FLAGSHIP_MODEL_M5, "0");
		guarded_receive(&state, "{\"commandType\":1003,\"currentTemp\":16500}");
		assert_int_equal(
			guard_check(&state, &profile, NULL, &cases[i], reason, sizeof(reason)),
			GUARD_PASS);
		guarded_receive(&state, "{\"commandType\":1003,\"currentTemp\":16499}");
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
	guarded_init(&state, &profile, FLAGSHIP_MODEL_M5, "0");
	guard_memory_init(&memory);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_PASS);
	send_line(&memory, &state, "M290 Z-0.9", 0);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_REFUSED);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.5"), GUARD_PASS);
	guard_memory_received(&memory, -50, 100); /* an old notice */
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.9"), GUARD_REFUSED);
	guarded_receive(&state, "{\"commandType\":1021,\"value\":-140}");
	guard_memory_received(&memory, -140, 200);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.6"), GUARD_PASS);
	assert_int_equal(check_line(&memory, &state, "M290 Z-0.61"), GUARD_REFUSED);
	send_line(&memory, &state, "M290 Z-0.6", 1000);
	guarded_receive(&state, "{\"commandType\":1021,\"value\":-100}");
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
	guarded_init(&state, &profile, FLAGSHIP_MODEL_M5, "1");
	assert_true(guard_check(&state, &profile, NULL, &request, reason, sizeof(reason)));
	assert_string_equal(reason, "/usr/data/a.gcode is being printed");
	request.text = "/usr/data/b.gcode";
	assert_false(guard_check(&state, &profile, NULL, &request, reason, sizeof(reason)));
	printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
	guarded_set_job(&state, "1");
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
