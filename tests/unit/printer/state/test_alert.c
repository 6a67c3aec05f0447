/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/state/state_json.h"
#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int apply(struct printer_state *state, const char *json, int64_t now_ms)
{
	return apply_json(state, json, now_ms, NULL, NULL);
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
		{"another one, and it is worse", "0:e1/P1 3:e2/P0 6:e2", "0:error 3:error", "2"},
		{"S is worse than P0", "0:e1/P0 3:e2/S 6:e3/P0 9:e4/P1",
		 "0:error 3:error 6:error 9:error", "2"},
		{"of equals the last is shown", "0:e1/P1 3:e2/P2", "0:error 3:error", "2"},
		{"taken back by its code", "0:e1/P0 3:x1 6:x1", "0:error 3:error_cleared", ""},
		{"not by another code", "0:e1/P0 3:x2", "0:error", "1"},
		{"the other one stays", "0:e1/P1 3:e2/P0 6:x2 9:x1",
		 "0:error 3:error 6:error_cleared 9:error_cleared", ""},
		{"the worse one stays", "0:e1/P1 3:e2/P0 6:x1", "0:error 3:error 6:error_cleared",
		 "2"},
		{"comes again after it was taken back", "0:e1 3:x1 6:e1",
		 "0:error 3:error_cleared 6:error", "1"},
		{"overtaken by what takes it back", "3:x1 3.5:e1 9:x1", "", ""},
		{"taken back without a code", "0:e1 3:x", "0:error", "1"},
		{"an empty code takes all back", "0:e1 3:e2 6:e0",
		 "0:error 3:error 6:error_cleared 6:error_cleared", ""},
		{"a fifth one drives out the least",
		 "0:e1/P0 1:e2/P1 2:e3/P0 3:e4/P0 4:e5/P0 9:x2 10:x1",
		 "0:error 1:error 2:error 3:error 4:error 10:error_cleared", "5"},
		{"cleared by an empty code", "0:e1 3:e0 6:e0x00", "0:error 3:error_cleared", ""},
		{"nothing to clear", "0:e0 3:e", "", ""},
		{"comes again", "0:e1 3:e0 6:e1", "0:error 3:error_cleared 6:error", "1"},
		{"overtaken by its end", "0:e1 3:e0 3.5:e1", "0:error 3:error_cleared", ""},
		{"cleared when the job goes on", "0:s0 3:s1 6:e1 7:s2 20:s1",
		 "3:job_started 6:error 7:job_paused 20:job_resumed 20:error_cleared", ""},
		{"not cleared while it prints", "0:s0 3:s1 6:e1 9:s1", "3:job_started 6:error",
		 "1"},
		{"cleared by a new job", "0:s0 3:s1 6:e1 9:s4 20:s0 60:s8",
		 "3:job_started 6:error 9:job_finished 60:job_preparing 60:error_cleared", ""},
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

static void test_severity(void **context)
{
	struct printer_error error = {.code = "1"};

	(void)context;
	assert_null(printer_error_severity(&error));
	strcpy(error.level, "S");
	assert_string_equal(printer_error_severity(&error), "critical");
	strcpy(error.level, "P0");
	assert_string_equal(printer_error_severity(&error), "serious");
	strcpy(error.level, "P1");
	assert_string_equal(printer_error_severity(&error), "minor");
}

#define RUNOUT "e0xFF01030001/P1"

static void test_alerts(void **context)
{
	static const struct {
		const char *what;
		const char *steps;
		const char *events;
		int64_t number; /* 0: none */
	} cases[] = {
		{"told once, and cleared by 0", "0:a7 3:a7 6:a0 9:a0", "0:alert 6:alert_cleared",
		 0},
		{"another one takes its place", "0:a7 3:a12", "0:alert 3:alert_cleared 3:alert",
		 12},
		{"none of the other source clears it", "0:a7 3:i0", "0:alert", 7},
		{"of the camera", "0:i2 3:i2 6:i0", "0:alert 6:alert_cleared", 0},
		{"cleared by the job going on", "0:s0 3:s1 9:a7+s2 30:s1",
		 "3:job_started 9:alert 9:job_paused 30:job_resumed 30:alert_cleared", 0},
		{"cleared by a new job", "0:s0 3:a5 60:s8",
		 "3:alert 60:job_preparing "
		 "60:alert_cleared",
		 0},
		{"an error of the filament alone is perhaps a blip", "0:s0 3:s1 9:" RUNOUT " 30:s1",
		 "3:job_started 9:error", 0},
		{"a pause confirms it at once", "0:s0 3:s1 9:" RUNOUT " 16.9:s2",
		 "3:job_started 9:error 16.9:job_paused 16.9:alert", 6},
		{"the pause may come first", "0:s0 3:s1 9:s2 12:" RUNOUT,
		 "3:job_started 9:job_paused 12:error 12:alert", 6},
		{"in one notice", "0:s0 3:s1 9:" RUNOUT "+s2",
		 "3:job_started 9:error 9:job_paused 9:alert", 6},
		{"a pause long after it is another matter", "0:s0 3:s1 9:" RUNOUT " 17:s2",
		 "3:job_started 9:error 17:job_paused", 0},
		{"a pause after it was taken back too",
		 "0:s0 3:s1 9:" RUNOUT " 11:x0xFF01030001 12:s2",
		 "3:job_started 9:error 11:error_cleared 12:job_paused", 0},
		{"the alert confirms it", "0:s0 3:s1 9:" RUNOUT " 10:a6 12:s2",
		 "3:job_started 9:error 10:alert 12:job_paused", 6},
		{"it stays while the job is paused, whatever is taken back",
		 "0:s0 3:s1 9:" RUNOUT " 12:s2 15:x0xFF01030001 18:a0 21:s2",
		 "3:job_started 9:error 12:job_paused 12:alert 15:error_cleared", 6},
		{"and goes when the job goes on",
		 "0:s0 3:s1 9:" RUNOUT " 12:s2 15:x0xFF01030001 40:s1",
		 "3:job_started 9:error 12:job_paused 12:alert 15:error_cleared 40:job_resumed "
		 "40:alert_cleared",
		 0},
		{"and when it is stopped", "0:s0 3:s1 9:a6 12:s2 40:s4 41:s0",
		 "3:job_started 9:alert 12:job_paused 40:job_finished 40:alert_cleared", 0},
	};
	static struct script script;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct printer_alert *alert = &script.state.alert;

		print_message("# %s\n", cases[i].what);
		script_init(&script, FLAGSHIP_MODEL_M5);
		script_run(&script, cases[i].steps);
		assert_string_equal(script.events, cases[i].events);
		assert_int_equal(alert->source != PRINTER_ALERT_NONE, cases[i].number != 0);
		assert_int_equal(alert->number, cases[i].number);
	}
}

static void test_alert_json(void **context)
{
	static const struct {
		const char *step;
		const char *json;
	} cases[] = {
		{"0:s0", "\"alert\":null"},
		{"1:a6", "\"alert\":{\"source\":\"printer\",\"number\":6,"
			 "\"text\":\"the filament ran out or broke\"}"},
		{"2:a1", "\"text\":\"the motion board halted\""},
		{"3:a19", "\"text\":\"the file is corrupt\""},
		{"4:a20", "\"number\":20,\"text\":\"an alert that is not known\""},
		{"5:a-1", "\"number\":-1,\"text\":\"an alert that is not known\""},
		{"6:i2", "\"alert\":{\"source\":\"ai\",\"number\":2,"
			 "\"text\":\"the camera saw a fault in the print\"}"},
	};
	static struct script script;
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		script_run(&script, cases[i].step);
		printer_state_to_json(&script.state,
				      &(struct printer_moment){.unix_ms = PRINTER_NEVER}, out,
				      sizeof(out), &length);
		assert_non_null(strstr(out, cases[i].json));
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
	printer_state_to_json(&script.state, &(struct printer_moment){.unix_ms = PRINTER_NEVER},
			      out, sizeof(out), &length);
	assert_non_null(strstr(out, "\"error\":{\"code\":\"0xFF01030001\",\"level\":\"P0\","
				    "\"text\":\"filament broken\"}"));
	script_run(&script, "3:x0xFF01030001 4:e0xFF");
	printer_state_to_json(&script.state, &(struct printer_moment){.unix_ms = PRINTER_NEVER},
			      out, sizeof(out), &length);
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
		assert_true(script.state.filament.received);
		assert_int_equal(script.state.filament.count, cases[i].count);
	}
	apply(&script.state, "{\"commandType\":1098,\"filamentType\":[1,2]}", 9000);
	apply(&script.state, "{\"commandType\":1098,\"filamentType\":{}}", 9000);
	assert_int_equal(script.state.filament.count, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),     cmocka_unit_test(test_severity),
		cmocka_unit_test(test_alerts),     cmocka_unit_test(test_alert_json),
		cmocka_unit_test(test_error_json), cmocka_unit_test(test_error_without_code),
		cmocka_unit_test(test_filament),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
