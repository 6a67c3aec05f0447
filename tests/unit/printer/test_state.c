/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <flagship/error.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define JOB_KEYS                                                                         \
	"\"job\":{\"state\":null,\"name\":null,\"progress_percent\":null,"               \
	"\"elapsed_s\":null,\"remaining_s\":null,\"layer\":null,\"layers\":null,"        \
	"\"speed_mm_s\":null,\"filament_used\":null,\"filament_unit\":null,\"task_id\":" \
	"null}"

static const char nothing_heard[] =
	"{\"serial\":\"AK1\",\"name\":null,\"model\":null,\"online\":false,\"seen_at\":"
	"null," JOB_KEYS ",\"nozzle\":{\"current_c\":null,\"target_c\":null},"
	"\"bed\":{\"current_c\":null,\"target_c\":null},\"fan_percent\":null,"
	"\"speed_mm_s\":null,\"max_speed_mm_s\":null,\"z_offset_mm\":null,\"levelled\":null,"
	"\"filament\":null,\"error\":null,\"age_s\":{\"job\":null,\"nozzle\":null,\"bed\":null}}";

static int apply(struct printer_state *state, const char *json, int64_t now_ms)
{
	return printer_state_apply(state, json, strlen(json), now_ms, NULL, NULL);
}

static void assert_json(const struct printer_state *state, int64_t now_ms, bool absolute,
			const char *expected)
{
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	assert_int_equal(printer_state_to_json(state, now_ms, absolute, out, sizeof(out), &length),
			 0);
	assert_string_equal(out, expected);
	assert_int_equal(length, strlen(out));
}

static void test_nothing_heard(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_UNKNOWN);
	assert_json(&state, 0, true, nothing_heard);
	assert_true(sizeof(state) < 3 * 1024);
}

/* The example of the documentation, from the notices that make it. */
static void test_everything_heard(void **context)
{
	static const char *const notices[] = {
		"[{\"commandType\":1001,\"time\":336869,\"totalTime\":363,\"progress\":3971,"
		"\"aiFlag\":0,\"filamentUsed\":0,\"filamentUnit\":\"mm\",\"name\":\"cube.gcode\","
		"\"realSpeed\":124,\"task_id\":\"0815\"},"
		"{\"commandType\":1003,\"currentTemp\":22000,\"targetTemp\":22000},"
		"{\"commandType\":1004,\"currentTemp\":6006,\"targetTemp\":6000},"
		"{\"commandType\":1006,\"value\":60},{\"commandType\":1000,\"subType\":1,\"value\":"
		"1},"
		"{\"commandType\":1052,\"total_layer\":43,\"real_print_layer\":17}]",
		"{\"commandType\":1005,\"value\":99}",
		"[{\"commandType\":1055,\"max_print_speed\":250},{\"commandType\":1021,\"value\":-"
		"5},"
		"{\"commandType\":1072,\"isLeveled\":1},"
		"{\"commandType\":1098,\"filamentType\":[\"PLA\"]}]",
		/* Says nothing of the state. */
		"[{\"commandType\":1081,\"value\":-1,\"progress\":0},{\"commandType\":4711,"
		"\"value\":1},"
		"{\"value\":3},{\"commandType\":1003,\"reply\":0},{\"commandType\":1005},"
		"{\"commandType\":1006,\"value\":500,\"reply\":1},{\"commandType\":1097,\"value\":"
		"1}]",
		"[]",
	};
	const int64_t seen_ms = INT64_C(1785253573999);
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", "Left", FLAGSHIP_MODEL_M5C);
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		assert_int_equal(apply(&state, notices[i], seen_ms), 0);
	}
	assert_int_equal(apply(&state, "{\"commandType\":1004,\"currentTemp\":6007}", seen_ms + 1),
			 0);
	assert_json(&state, seen_ms + 2150, true,
		    "{\"serial\":\"AK1\",\"name\":\"Left\",\"model\":\"M5C\",\"online\":true,"
		    "\"seen_at\":\"2026-07-28T15:46:14Z\",\"job\":{\"state\":\"printing\","
		    "\"name\":\"cube.gcode\",\"progress_percent\":39.71,\"elapsed_s\":363,"
		    "\"remaining_s\":336,\"layer\":17,\"layers\":43,\"speed_mm_s\":124,"
		    "\"filament_used\":0,\"filament_unit\":\"mm\",\"task_id\":\"0815\"},"
		    "\"nozzle\":{\"current_c\":220.0,\"target_c\":220.0},"
		    "\"bed\":{\"current_c\":60.07,\"target_c\":60.0},\"fan_percent\":99,"
		    "\"speed_mm_s\":60,\"max_speed_mm_s\":250,\"z_offset_mm\":-0.05,"
		    "\"levelled\":true,\"filament\":[\"PLA\"],\"error\":null,"
		    "\"age_s\":{\"job\":2.1,\"nozzle\":2.1,\"bed\":2.1}}");
}

static void test_units(void **context)
{
	static const struct {
		enum flagship_model model;
		int64_t remaining_s;
	} cases[] = {
		{FLAGSHIP_MODEL_M5, 389999},
		{FLAGSHIP_MODEL_M5C, 389},
		{FLAGSHIP_MODEL_E1, 389999},
		{FLAGSHIP_MODEL_UNKNOWN, 389999},
	};
	struct printer_state state;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		printer_state_init(&state, "AK1", NULL, cases[i].model);
		apply(&state, "{\"commandType\":1001,\"time\":389999,\"totalTime\":7}", 0);
		assert_int_equal(state.job.remaining_s, cases[i].remaining_s);
		assert_int_equal(state.job.elapsed_s, 7);
	}
}

static void test_kept_values(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	apply(&state,
	      "[{\"commandType\":1001,\"time\":5,\"totalTime\":7,\"progress\":100},"
	      "{\"commandType\":1052,\"total_layer\":9,\"real_print_layer\":3}]",
	      0);
	apply(&state,
	      "[{\"commandType\":1001,\"time\":-1,\"totalTime\":-1,\"progress\":-1},"
	      "{\"commandType\":1001,\"progress\":10001,\"realSpeed\":2.5},"
	      "{\"commandType\":1052,\"total_layer\":-1,\"real_print_layer\":-1},"
	      "{\"commandType\":1003,\"targetTemp\":100},{\"commandType\":1072,\"isLeveled\":0}]",
	      1);
	assert_int_equal(state.job.remaining_s, 5);
	assert_int_equal(state.job.elapsed_s, 7);
	assert_int_equal(state.job.progress_centi_percent, 100);
	assert_int_equal(state.job.layer, 3);
	assert_int_equal(state.job.layers, 9);
	assert_true(state.job.speed_mm_s == 2.5);
	assert_true(isnan(state.job.filament_used));
	assert_int_equal(state.nozzle.target_centi_c, 100);
	assert_int_equal(state.nozzle.current_centi_c, PRINTER_NEVER);
	assert_int_equal(state.levelled, 0);
}

static void test_malformed_changes_nothing(void **context)
{
	static const struct {
		const char *json;
		int error;
	} cases[] = {
		{"", FLAGSHIP_ERROR_JSON},
		{"[{\"commandType\":1005,\"value\":1},{\"commandType\":1006", FLAGSHIP_ERROR_JSON},
		{"[{\"commandType\":1005,\"value\":1},7]", FLAGSHIP_ERROR_NOT_OBJECT},
		{"{\"commandType\":1005,\"value\":1}x", FLAGSHIP_ERROR_JSON},
	};
	static struct script script;
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_UNKNOWN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(printer_state_apply(&script.state, cases[i].json,
						     strlen(cases[i].json), 1, script_collect,
						     &script),
				 cases[i].error);
		assert_int_equal(script.state.malformed, i + 1);
	}
	assert_json(&script.state, 0, true, nothing_heard);
	assert_string_equal(script.events, "");
	assert_int_equal(printer_state_to_json(&script.state, 0, true, out, 10, &length),
			 FLAGSHIP_ERROR_BUFFER);
}

static void test_states(void **context)
{
	static const char *const names[] = {
		"idle",        "printing",    "paused",    "stopped",   "stopped",
		"levelling",   "downloading", "heating",   "preparing", "heating",
		"downloading", "calibrating", "heating",   "heating",   "loading",
		"preparing",   "loading",     "unloading", "unknown",
	};
	static struct script script;
	char step[32];

	(void)context;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		script_init(&script, FLAGSHIP_MODEL_M5);
		snprintf(step, sizeof(step), "0:s%zu", i);
		script_run(&script, step);
		assert_string_equal(printer_job_state_name(script.state.job.state), names[i]);
	}
	script_run(&script, "9:s-1");
	assert_int_equal(script.state.job.state, PRINTER_JOB_UNKNOWN);
	assert_string_equal(printer_job_state_name((enum printer_job_state)99), "unknown");
}

static void test_other_sub_types(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	apply(&state, "{\"commandType\":1000,\"subType\":2,\"value\":1}", 0);
	apply(&state, "{\"commandType\":1000,\"value\":1}", 0);
	apply(&state, "{\"commandType\":1000,\"subType\":1}", 0);
	assert_false(state.job.state_heard);
	apply(&state, "{\"commandType\":1000,\"subType\":1,\"value\":1}", 0);
	apply(&state, "{\"commandType\":1000,\"value\":2}", 3000);
	assert_int_equal(state.job.state, PRINTER_JOB_PAUSED);
}

static void test_online(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "5:check");
	assert_false(script.state.online);
	script_run(&script, "10:s0");
	assert_true(script.state.online);
	script_run(&script, "39.9:check 40:check 41:check");
	assert_false(script.state.online);
	script_run(&script, "50:s0 60:s0 89:check");
	assert_true(script.state.online);
	script.state.offline_after_ms = 1000;
	script_run(&script, "90:check");
	assert_string_equal(script.events, "40:offline 90:offline");
}

static void test_names(void **context)
{
	static const struct {
		const char *what;
		const char *json;
		const char *name;
	} cases[] = {
		{"1001", "{\"commandType\":1001,\"name\":\"a.gcode\"}", "a.gcode"},
		{"an empty one keeps it", "{\"commandType\":1001,\"name\":\"\"}", "a.gcode"},
		{"1044 does not replace it", "{\"commandType\":1044,\"filePath\":\"/x/b.gcode\"}",
		 "a.gcode"},
		{"1044 without a path", "{\"commandType\":1044}", "a.gcode"},
		{"quotes, CJK and emoji",
		 "{\"commandType\":1001,\"name\":\"\\\"\\u7acb\\u65b9\\ud83d\\ude80\\\\\"}",
		 "\"\xe7\xab\x8b\xe6\x96\xb9\xf0\x9f\x9a\x80\\"},
		{"the same, written otherwise",
		 "{\"commandType\":1001,\"name\":"
		 "\"\\\"\xe7\xab\x8b\xe6\x96\xb9\xf0\x9f\x9a\x80\\\\\"}",
		 "\"\xe7\xab\x8b\xe6\x96\xb9\xf0\x9f\x9a\x80\\"},
	};
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		assert_int_equal(apply(&state, cases[i].json, (int64_t)i), 0);
		assert_string_equal(state.job.name, cases[i].name);
	}
}

static void test_preview_names(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:s0 9:s8 9:n/media/cube.gcode");
	assert_string_equal(script.state.job.name, "cube.gcode");
	script_run(&script, "10:nother.gcode 11:n");
	assert_string_equal(script.state.job.name, "other.gcode");
	script_run(&script, "12:j/real.gcode 13:nx.gcode");
	assert_string_equal(script.state.job.name, "real.gcode");
	script_run(&script, "20:s1 30:p10000 33:s4 36:s0 60:s8 61:n/media/next.gcode");
	assert_string_equal(script.state.job.name, "next.gcode");
	assert_string_equal(script.events,
			    "9:job_preparing 20:job_started 30:progress=100 33:job_finished "
			    "60:job_preparing");
}

static void test_new_job_starts_from_nothing(void **context)
{
	static struct script script;
	const struct printer_job *job = &script.state.job;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:s0 9:jA/a+p0+l0/43+s8");
	assert_int_equal(job->progress_centi_percent, 0);
	assert_int_equal(job->layers, 43);
	script_run(&script, "20:s1 30:p10000+l43/43 33:s4 36:s0");
	assert_int_equal(job->progress_centi_percent, 10000);
	assert_int_equal(job->layer, 43);
	script_run(&script, "60:s8");
	assert_int_equal(job->progress_centi_percent, PRINTER_NEVER);
	assert_int_equal(job->layer, PRINTER_NEVER);
	assert_string_equal(job->name, "a");
	script_run(&script, "61:jB/b+p0");
	assert_string_equal(job->name, "b");
	assert_string_equal(job->task_id, "B");
}

static void test_errors(void **context)
{
	static const struct {
		const char *what;
		const char *steps;
		const char *events;
		const char *code;
	} cases[] = {
		{"told once", "0:e0xFF01030001/P0 3:e0xFF01030001/P0 6:e0xFF01030001", "0:error",
		 "0xFF01030001"},
		{"another one", "0:e1/P1 3:e2/P0 6:e2", "0:error 3:error", "2"},
		{"cleared by an empty code", "0:e1 3:e0 6:e0x00", "0:error 3:error_cleared", ""},
		{"nothing to clear", "0:e0 3:e", "", ""},
		{"comes again", "0:e1 3:e0 6:e1", "0:error 3:error_cleared 6:error", "1"},
		{"overtaken by its end", "0:e1 3:e0 3.5:e1", "0:error 3:error_cleared", ""},
		{"cleared when the job goes on", "0:s0 3:s1 6:e1 7:s2 20:s1",
		 "3:job_started 6:error 7:job_paused 20:job_resumed 20:error_cleared", ""},
		{"not cleared while it prints", "0:s0 3:s1 6:e1 9:s1", "3:job_started 6:error",
		 "1"},
		{"cleared by a new job", "0:s0 3:s1 6:e1 9:s4 20:s0 60:s8",
		 "3:job_started 6:error 9:job_stopped 60:job_preparing 60:error_cleared", ""},
		{"not by a job that begins with it", "0:s0 60:e1+s8", "60:error 60:job_preparing",
		 "1"},
		{"not by a job that is joined", "0:e1 3:s1", "0:error", "1"},
	};
	static struct script script;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		script_init(&script, FLAGSHIP_MODEL_M5);
		script_run(&script, cases[i].steps);
		assert_string_equal(script.events, cases[i].events);
		assert_string_equal(script.state.error.code, cases[i].code);
	}
}

static void test_error_json(void **context)
{
	static struct script script;
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:e0xFF01030001/P0");
	printer_state_to_json(&script.state, 0, false, out, sizeof(out), &length);
	assert_non_null(strstr(out, "\"error\":{\"code\":\"0xFF01030001\",\"level\":\"P0\","
				    "\"text\":\"filament broken\"}"));
	script_run(&script, "3:e0xFF");
	printer_state_to_json(&script.state, 0, false, out, sizeof(out), &length);
	assert_non_null(strstr(out, "\"error\":{\"code\":\"0xFF\",\"level\":null,\"text\":null}"));
}

static void test_error_without_code(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	assert_int_equal(apply(&state, "{\"commandType\":1085,\"errorLevel\":\"P0\"}", 0), 0);
	assert_string_equal(state.error.code, "");
	assert_string_equal(state.error.level, "");
}

static void test_filament(void **context)
{
	static const struct {
		const char *what;
		const char *steps;
		const char *events;
		size_t count;
	} cases[] = {
		{"the first is no change", "0:fPLA", "", 1},
		{"a change", "0:fPLA 3:fPETG 6:fPETG", "3:filament_changed", 1},
		{"more of them", "0:fPLA 3:fPLA,PETG 6:fPLA,ABS",
		 "3:filament_changed 6:filament_changed", 2},
		{"unloaded", "0:fPLA 3:f", "3:filament_changed", 0},
		{"overtaken", "0:fPLA 3:fPETG 3.5:fPLA 6:fPETG", "3:filament_changed", 1},
		{"and back", "0:fPLA 3:fPETG 6:fPLA", "3:filament_changed 6:filament_changed", 1},
		{"more than there is room for", "0:f1,2,3,4,5,6,7,8,9 3:f1,2,3,4,5,6,7,8,10", "",
		 8},
	};
	static struct script script;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		script_init(&script, FLAGSHIP_MODEL_M5);
		script_run(&script, cases[i].steps);
		assert_string_equal(script.events, cases[i].events);
		assert_true(script.state.filament.heard);
		assert_int_equal(script.state.filament.count, cases[i].count);
	}
	apply(&script.state, "{\"commandType\":1098,\"filamentType\":[1,2]}", 9000);
	apply(&script.state, "{\"commandType\":1098,\"filamentType\":{}}", 9000);
	assert_int_equal(script.state.filament.count, 8);
}

static void test_layers_while_idle(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:s0 3:l17/0 6:l18 60:s8 70:s1 73:l17/0 76:l1/43");
	assert_string_equal(script.events, "60:job_preparing 70:job_started 76:layer=1");
}

static void test_time(void **context)
{
	struct printer_state state;
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;
	static const struct {
		int64_t seen_ms;
		const char *text;
	} cases[] = {
		{0, "\"seen_at\":\"1970-01-01T00:00:00Z\""},
		{INT64_C(1709164800000), "\"seen_at\":\"2024-02-29T00:00:00Z\""},
		{INT64_C(253402300799999), "\"seen_at\":\"9999-12-31T23:59:59Z\""},
		{INT64_C(253402300800000), "\"seen_at\":null"},
		{INT64_MAX, "\"seen_at\":null"},
		{-1, "\"seen_at\":null"},
		{INT64_MIN + 1, "\"seen_at\":null"},
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
		apply(&state, "{\"commandType\":1003,\"currentTemp\":1}", cases[i].seen_ms);
		printer_state_to_json(&state, cases[i].seen_ms, true, out, sizeof(out), &length);
		assert_non_null(strstr(out, cases[i].text));
		assert_non_null(strstr(out, "\"nozzle\":0.0"));
		/* A clock that went back. */
		printer_state_to_json(&state, INT64_MIN, false, out, sizeof(out), &length);
		assert_non_null(strstr(out, "\"nozzle\":0.0"));
		assert_non_null(strstr(out, "\"seen_at\":null"));
		printer_state_to_json(&state, INT64_MAX, false, out, sizeof(out), &length);
		assert_non_null(strstr(out, "\"age_s\":{\"job\":null"));
	}
}

/* The longest of everything, each character of which takes six in JSON. */
static void test_longest_json(void **context)
{
	static struct printer_state state;
	char long_text[1024];
	char json[8192];
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	for (size_t i = 0; i + 6 < sizeof(long_text); i += 6) {
		snprintf(long_text + i, sizeof(long_text) - i, "\\u0001");
	}
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5C);
	memset(state.name, 1, sizeof(state.name) - 1);
	memset(state.serial, 1, sizeof(state.serial) - 1);
	memset(state.job.name, 1, sizeof(state.job.name) - 1);
	memset(state.job.task_id, 1, sizeof(state.job.task_id) - 1);
	memset(state.filament.names, 1, sizeof(state.filament.names));
	for (size_t i = 0; i < PRINTER_FILAMENTS_MAX; i++) {
		state.filament.names[i][PRINTER_FILAMENT_NAME_MAX - 1] = '\0';
	}
	state.filament.heard = true;
	state.filament.count = PRINTER_FILAMENTS_MAX;
	snprintf(json, sizeof(json),
		 "[{\"commandType\":1001,\"filamentUnit\":\"%s\",\"time\":%lld,\"totalTime\":%lld,"
		 "\"realSpeed\":-1.23456789012345e-300,\"filamentUsed\":-1.23456789012345e-300},"
		 "{\"commandType\":1085,\"errorCode\":\"%s\",\"errorLevel\":\"%s\"},"
		 "{\"commandType\":1003,\"currentTemp\":%lld,\"targetTemp\":%lld}]",
		 long_text, (long long)INT64_MAX, (long long)INT64_MAX, long_text, long_text,
		 (long long)INT64_MIN + 1, (long long)INT64_MIN + 1);
	assert_int_equal(apply(&state, json, 0), 0);
	assert_int_equal(printer_state_to_json(&state, INT64_MAX, true, out, sizeof(out), &length),
			 0);
	cJSON *read = cJSON_Parse(out);
	assert_non_null(read);
	assert_string_equal(cJSON_GetObjectItem(read, "name")->valuestring, state.name);
	cJSON_Delete(read);
}

static void test_long_texts(void **context)
{
	static struct printer_state state;
	char long_text[600];
	char json[1024];

	(void)context;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	printer_state_init(&state, long_text, long_text, FLAGSHIP_MODEL_M5);
	assert_int_equal(strlen(state.serial), FLAGSHIP_SERIAL_LENGTH_MAX);
	assert_int_equal(strlen(state.name), PRINTER_TEXT_MAX - 1);
	snprintf(json, sizeof(json),
		 "[{\"commandType\":1001,\"task_id\":\"%s\"},"
		 "{\"commandType\":1000,\"subType\":1,\"value\":8}]",
		 long_text);
	for (int64_t t = 0; t < 5; t++) {
		assert_int_equal(apply(&state, json, t * 3000), 0);
	}
	assert_int_equal(strlen(state.job.task_id), PRINTER_TASK_ID_MAX - 1);
	assert_int_equal(state.job.track.fresh_starts, 1);
	printer_state_init(&state, NULL, NULL, FLAGSHIP_MODEL_M5);
	assert_string_equal(state.serial, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_heard),
		cmocka_unit_test(test_everything_heard),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_kept_values),
		cmocka_unit_test(test_malformed_changes_nothing),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_other_sub_types),
		cmocka_unit_test(test_online),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_preview_names),
		cmocka_unit_test(test_new_job_starts_from_nothing),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_error_json),
		cmocka_unit_test(test_error_without_code),
		cmocka_unit_test(test_filament),
		cmocka_unit_test(test_layers_while_idle),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_longest_json),
		cmocka_unit_test(test_long_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
