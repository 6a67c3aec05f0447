/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/state/state_json.h"
#include "script.h"

#include <flagship/error.h>

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define JOB_KEYS                                                                             \
	"\"job\":{\"state\":null,\"name\":null,\"progress_percent\":null,"                   \
	"\"elapsed_s\":null,\"remaining_s\":null,\"remaining_estimated\":null,"              \
	"\"finish_at\":null,\"layer\":null,\"layers\":null,"                                 \
	"\"speed_mm_s\":null,\"filament_estimated\":null,\"filament_used\":null,\"filament_" \
	"unit\":null,\"task_id\":"                                                           \
	"null}"

#define E1_KEYS "\"activity\":null,\"ink\":null,\"waste\":null,\"accessory\":null,\"purifier\":null"

static const char nothing_heard[] =
	"{\"serial\":\"AK1\",\"name\":null,\"model\":null,\"online\":false,\"seen_at\":"
	"null," JOB_KEYS ",\"nozzle\":{\"current_c\":null,\"target_c\":null},"
	"\"bed\":{\"current_c\":null,\"target_c\":null},\"fan_percent\":null,"
	"\"speed_mm_s\":null,\"max_speed_mm_s\":null,\"z_offset_mm\":null,\"levelled\":null,"
	"\"filament\":null,\"error\":null,\"alert\":null," E1_KEYS
	",\"age_s\":{\"job\":null,\"nozzle\":null,"
	"\"bed\":null}}";

static int apply(struct printer_state *state, const char *json, int64_t now_ms)
{
	return apply_json(state, json, now_ms, NULL, NULL);
}

/* Of a state that counts in Unix time, or on another clock. */
static int to_json(const struct printer_state *state, int64_t now_ms, bool absolute, char *out,
		   size_t capacity, size_t *length)
{
	const struct printer_moment now = {.now_ms = now_ms,
					   .unix_ms = absolute ? now_ms : PRINTER_NEVER};

	return printer_state_to_json(state, &now, out, capacity, length);
}

static void assert_json(const struct printer_state *state, int64_t now_ms, bool absolute,
			const char *expected)
{
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	assert_int_equal(to_json(state, now_ms, absolute, out, sizeof(out), &length), 0);
	assert_string_equal(out, expected);
	assert_int_equal(length, strlen(out));
}

static void test_nothing_received(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_UNKNOWN);
	assert_json(&state, 0, true, nothing_heard);
	assert_true(sizeof(state) < 3 * 1024);
}

static void test_everything_received(void **context)
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
		    "\"remaining_s\":551,\"remaining_estimated\":true,"
		    "\"finish_at\":\"2026-07-28T15:55:24Z\","
		    "\"layer\":17,\"layers\":43,\"speed_mm_s\":124,"
		    "\"filament_estimated\":null,\"filament_used\":null,\"filament_unit\":\"mm\","
		    "\"task_id\":\"0815\"},"
		    "\"nozzle\":{\"current_c\":220.0,\"target_c\":220.0},"
		    "\"bed\":{\"current_c\":60.07,\"target_c\":60.0},\"fan_percent\":99,"
		    "\"speed_mm_s\":60,\"max_speed_mm_s\":250,\"z_offset_mm\":-0.05,"
		    "\"levelled\":true,\"filament\":[\"PLA\"],\"error\":null,"
		    "\"alert\":null," E1_KEYS ","
		    "\"age_s\":{\"job\":2.1,\"nozzle\":2.1,\"bed\":2.1}}");
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
		assert_int_equal(
			apply_json(&script.state, cases[i].json, 1, script_collect, &script),
			cases[i].error);
	}
	assert_json(&script.state, 0, true, nothing_heard);
	assert_string_equal(script.events, "");
	assert_int_equal(to_json(&script.state, 0, true, out, 10, &length), FLAGSHIP_ERROR_BUFFER);
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
		to_json(&state, cases[i].seen_ms, true, out, sizeof(out), &length);
		assert_non_null(strstr(out, cases[i].text));
		assert_non_null(strstr(out, "\"nozzle\":0.0"));
		/* A clock that went back. */
		to_json(&state, INT64_MIN, false, out, sizeof(out), &length);
		assert_non_null(strstr(out, "\"nozzle\":0.0"));
		assert_non_null(strstr(out, "\"seen_at\":null"));
		to_json(&state, INT64_MAX, false, out, sizeof(out), &length);
		assert_non_null(strstr(out, "\"age_s\":{\"job\":null"));
	}
}

/* A state counts on a steady clock; a wall clock that is set moves what is shown, and no age. */
static void test_wall_clock_is_set(void **context)
{
	static const struct {
		struct printer_moment now;
		const char *seen;
	} cases[] = {
		{{95000, 1700000000000}, "\"seen_at\":\"2023-11-14T22:13:15Z\""},
		{{95000, 1700003600000}, "\"seen_at\":\"2023-11-14T23:13:15Z\""},
		{{95000, 1699996400000}, "\"seen_at\":\"2023-11-14T21:13:15Z\""},
		{{95000, 4999}, "\"seen_at\":null"}, /* it was not set yet: before 1970 */
		{{95000, PRINTER_NEVER}, "\"seen_at\":null"},
	};
	struct printer_state state;
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	apply(&state, "{\"commandType\":1003,\"currentTemp\":1}", 90000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			printer_state_to_json(&state, &cases[i].now, out, sizeof(out), &length), 0);
		assert_non_null(strstr(out, cases[i].seen));
		assert_non_null(strstr(out, "\"nozzle\":5.0"));
	}
}

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
	state.filament.received = true;
	state.filament.count = PRINTER_FILAMENTS_MAX;
	snprintf(json, sizeof(json),
		 "[{\"commandType\":1001,\"filamentUnit\":\"%s\",\"time\":%lld,\"totalTime\":%lld,"
		 "\"realSpeed\":-1.23456789012345e-300,\"filamentUsed\":-1.23456789012345e-300},"
		 "{\"commandType\":1085,\"errorCode\":\"%s\",\"errorLevel\":\"%s\"},"
		 "{\"commandType\":1003,\"currentTemp\":%lld,\"targetTemp\":%lld}]",
		 long_text, (long long)INT64_MAX, (long long)INT64_MAX, long_text, long_text,
		 (long long)INT64_MIN + 1, (long long)INT64_MIN + 1);
	assert_int_equal(apply(&state, json, 0), 0);
	assert_int_equal(to_json(&state, INT64_MAX, true, out, sizeof(out), &length), 0);
	cJSON *read = cJSON_Parse(out);
	assert_non_null(read);
	assert_string_equal(cJSON_GetObjectItem(read, "name")->valuestring, state.name);
	cJSON_Delete(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_received),
		cmocka_unit_test(test_everything_received),
		cmocka_unit_test(test_malformed_changes_nothing),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_wall_clock_is_set),
		cmocka_unit_test(test_longest_json),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
