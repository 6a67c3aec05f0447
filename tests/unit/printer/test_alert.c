/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int apply(struct printer_state *state, const char *json, int64_t now_ms)
{
	return printer_state_apply(state, json, strlen(json), now_ms, NULL, NULL);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_error_json),
		cmocka_unit_test(test_error_without_code),
		cmocka_unit_test(test_filament),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
