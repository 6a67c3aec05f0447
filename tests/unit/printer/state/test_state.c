/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "script.h"

#include <math.h>
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
	assert_true(isnan(state.job.filament_estimated));
	assert_int_equal(state.nozzle.target_centi_c, 100);
	assert_int_equal(state.nozzle.current_centi_c, PRINTER_NEVER);
	assert_int_equal(state.levelled, 0);
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
		script_init(&script, FLAGSHIP_MODEL_M5C);
		snprintf(step, sizeof(step), "0:s%zu", i);
		script_run(&script, step);
		assert_string_equal(printer_job_state_name(script.state.job.state), names[i]);
	}
	script_run(&script, "9:s-1");
	assert_int_equal(script.state.job.state, PRINTER_JOB_UNKNOWN);
	assert_string_equal(printer_job_state_name((enum printer_job_state)99), "unknown");
}

/* protocol.md 3.7: filamentUsed of 1001 is the whole job's estimate. */
static void test_filament_used(void **context)
{
	static const char *const notices[] = {
		"{\"commandType\":1000,\"subType\":1,\"value\":0}",
		"[{\"commandType\":1001,\"name\":\"a\",\"progress\":2500,"
		"\"filamentUsed\":8000.5,\"filamentUnit\":\"mm\"},"
		"{\"commandType\":1000,\"subType\":1,\"value\":1}]",
		"{\"commandType\":1001,\"progress\":5000}",
		"{\"commandType\":1001,\"filamentUsed\":0}",
	};
	static const double used[] = {(double)NAN, 2000.125, 4000.25, 4000.25};
	static struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		apply(&state, notices[i], (int64_t)i * 3000);
		assert_true(i == 0 ? isnan(state.job.filament_used)
				   : state.job.filament_used == used[i]);
	}
	assert_true(state.job.filament_estimated == 8000.5);
	/* What was really used: of another job, of none, of this one. */
	apply(&state, "{\"commandType\":1068,\"name\":\"b\",\"filamentUsed\":1}", 12000);
	apply(&state, "{\"commandType\":1068,\"name\":\"a\",\"trigger\":4}", 12000);
	assert_true(state.job.filament_used == 4000.25);
	apply(&state, "{\"commandType\":1068,\"name\":\"a\",\"filamentUsed\":4100}", 12000);
	assert_true(state.job.filament_used == 4100);
	/* Of the next job nothing is known. */
	apply(&state, "{\"commandType\":1000,\"subType\":1,\"value\":0}", 13000);
	apply(&state, "{\"commandType\":1000,\"subType\":1,\"value\":8}", 90000);
	assert_true(isnan(state.job.filament_used));
	assert_true(isnan(state.job.filament_estimated));
}

static void test_other_sub_types(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5);
	apply(&state, "{\"commandType\":1000,\"subType\":2,\"value\":1}", 0);
	apply(&state, "{\"commandType\":1000,\"value\":1}", 0);
	apply(&state, "{\"commandType\":1000,\"subType\":1}", 0);
	assert_false(state.job.state_received);
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
			    "9:job_preparing 20:job_started 33:progress=100 33:job_finished "
			    "60:job_preparing");
}

/* A 1044 answers the selection of a file too, long before any job (protocol.md 3.6). */
static void test_a_selection_starts_no_job(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:s0 9:n/usr/data/local/model/a.gcode 20:check");
	assert_string_equal(script.state.job.name, "");
	assert_int_equal(script.state.job.state, PRINTER_JOB_IDLE);
	assert_string_equal(script.events, "");
	/* What was selected just before the job began is its file. */
	script_run(&script, "30:n/usr/data/local/model/b.gcode 31:s8 40:s1 50:p10000 53:s4 56:s0");
	assert_string_equal(script.state.job.name, "b.gcode");
	/* What is shown of a job that is over stays that job's. */
	script_run(&script, "60:n/usr/data/local/model/c.gcode");
	assert_string_equal(script.state.job.name, "b.gcode");
	assert_int_equal(script.state.job.progress_centi_percent, 10000);
	/* A selection of long ago says nothing of the job that begins now. */
	script_run(&script, "100:s8");
	assert_string_equal(script.state.job.name, "b.gcode");
	assert_string_equal(script.events, "31:job_preparing 40:job_started 53:progress=100 "
					   "53:job_finished 100:job_preparing");
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

static void test_layers_while_idle(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:s0 3:l17/0 6:l18 60:s8 70:s1 73:l17/0 76:l1/43");
	assert_string_equal(script.events, "60:job_preparing 70:job_started 76:layer=1");
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
		cmocka_unit_test(test_kept_values),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_filament_used),
		cmocka_unit_test(test_other_sub_types),
		cmocka_unit_test(test_online),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_preview_names),
		cmocka_unit_test(test_a_selection_starts_no_job),
		cmocka_unit_test(test_new_job_starts_from_nothing),
		cmocka_unit_test(test_layers_while_idle),
		cmocka_unit_test(test_long_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
