/* SPDX-License-Identifier: MIT */
#include "script.h"

#include "printer/state/recording.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CAPTURES         CAPTURES_DIR "/"
#define CAPTURE_LINE_MAX 4096
#define NEVER            PRINTER_NEVER

static void test_remaining(void **context)
{
	static const struct {
		const char *what;
		enum flagship_model model;
		const char *steps;
		int64_t remaining_s;
		bool estimated;
	} cases[] = {
		{"an M5 tells seconds", FLAGSHIP_MODEL_M5, "0:r3600+s1", 3600, false},
		{"an E1 too", FLAGSHIP_MODEL_E1, "0:r3600+s1", 3600, false},
		{"an M5 is believed against our own reckoning", FLAGSHIP_MODEL_M5,
		 "0:p1000+s1 3:t600+r3600", 3600, false},
		{"0 before the end says nothing", FLAGSHIP_MODEL_M5, "0:p0+s1 3:t60+r0", NEVER,
		 true},
		{"0 at the end does", FLAGSHIP_MODEL_M5, "0:p9950+s1 3:t600+r0", 0, false},
		{"0 in the middle is reckoned", FLAGSHIP_MODEL_M5, "0:p5000+s1 3:t600+r0", 600,
		 true},
		{"days are not believed where nothing else is known", FLAGSHIP_MODEL_M5,
		 "0:p0+s1 3:t10+r170000", NEVER, true},
		{"nor where the progress tells otherwise", FLAGSHIP_MODEL_M5,
		 "0:p1000+s1 3:t600+r400000", 5400, true},
		{"less, but by far too much", FLAGSHIP_MODEL_M5, "0:p1000+s1 3:t600+r170000", 5400,
		 true},
		{"a job of five days", FLAGSHIP_MODEL_M5, "0:p1000+s1 3:t43200+r432000", 432000,
		 false},
		{"a model that is not known is taken for an M5", FLAGSHIP_MODEL_UNKNOWN,
		 "0:p1000+s1 3:t600+r400000", 5400, true},
		{"an M5C tells no countdown", FLAGSHIP_MODEL_M5C, "0:p5000+s1 3:t600+r36", 600,
		 true},
		{"of an M5C nothing is known at first", FLAGSHIP_MODEL_M5C, "0:p99+s1 3:t600+r36",
		 NEVER, true},
		{"nor in the first minute", FLAGSHIP_MODEL_M5C, "0:p500+s1 3:t59", NEVER, true},
		{"it counts down between two progresses", FLAGSHIP_MODEL_M5C,
		 "0:p5000+s1 3:p5000+t600 6:t603 9:t606", 594, true},
		{"an old elapsed time does no harm", FLAGSHIP_MODEL_M5C,
		 "0:p5000+s1 3:p5000+t600 6:t603 7:t600 9:t606", 591, true},
		{"the elapsed time begins anew with the print", FLAGSHIP_MODEL_M5C,
		 "0:p0+s8 3:t3000 6:t2+p100+s1 70:p500+t66", 1254, true},
		{"pauses do not count", FLAGSHIP_MODEL_M5C,
		 "0:p2000+s1 3:t200+p2000 6:s2+t203 900:t1103+s2 903:s1+t1106 906:p2500+t1109", 741,
		 true},
		{"done", FLAGSHIP_MODEL_M5C, "0:p5000+s1 3:t600 9:p10000+t606", 0, true},
		{"absurd elapsed times", FLAGSHIP_MODEL_M5C,
		 "0:p5000+s1 3:t9223372036854775807 6:t0 9:t9223372036854775807", NEVER, true},
	};
	static struct script script;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		script_init(&script, cases[i].model);
		script_run(&script, cases[i].steps);
		assert_true(script.state.job.remaining_s == cases[i].remaining_s);
		assert_int_equal(script.state.job.remaining_estimated, cases[i].estimated);
	}
}

static void test_wild_and_back(void **context)
{
	static struct script script;
	const struct printer_job *job = &script.state.job;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	script_run(&script, "0:p0+s1 3:t10+r90000");
	assert_int_equal(job->remaining_s, 90000);
	script_run(&script, "6:p500+t600+r299000");
	assert_true(job->remaining_estimated);
	assert_int_equal(job->remaining_s, 11400);
	script_run(&script, "9:p600+t700+r20000");
	assert_false(job->remaining_estimated);
	assert_int_equal(job->remaining_s, 20000);
}

static void test_finish(void **context)
{
	static struct script script;

	(void)context;
	script_init(&script, FLAGSHIP_MODEL_M5);
	assert_true(job_finish_ms(&script.state.job) == NEVER);
	script_run(&script, "0:r3600+s8");
	assert_true(job_finish_ms(&script.state.job) == NEVER);
	script_run(&script, "9:r3600+s1");
	assert_int_equal(job_finish_ms(&script.state.job), 3609000);
	/* Nothing new of it: it is as far away as it was. */
	script_run(&script, "39:p100");
	assert_int_equal(job_finish_ms(&script.state.job), 3609000);
	script_run(&script, "60:s2");
	assert_true(job_finish_ms(&script.state.job) == NEVER);
	script_run(&script, "70:s1+r9223372036854775807");
	assert_true(job_finish_ms(&script.state.job) == NEVER);
}

/* From 5 % on, no jump of more than a fifth between two notices, and every value is in reason. */
static void check_steady(const char *path, enum flagship_model model, int64_t least_s,
			 int64_t most_s)
{
	static struct printer_state state;
	struct recording recording;
	char line[CAPTURE_LINE_MAX];
	FILE *file = fopen(path, "r");
	int64_t before_s = NEVER;
	size_t checked = 0;
	size_t offset;

	assert_non_null(file);
	recording_init(&recording);
	printer_state_init(&state, "AK1", NULL, model);
	while (fgets(line, sizeof(line), file)) {
		const struct printer_job *job = &state.job;

		assert_int_equal(
			recording_feed(&recording, &state, line, strlen(line), NULL, NULL, &offset),
			0);
		if (job->remaining_s == NEVER) {
			assert_true(before_s == NEVER);
			continue;
		}
		assert_true(job->remaining_estimated);
		assert_in_range(job->remaining_s + job->elapsed_s, least_s, most_s);
		if (job->progress_centi_percent >= 500 && before_s != NEVER) {
			assert_true(5 * llabs(job->remaining_s - before_s) <= before_s);
		}
		before_s = job->remaining_s;
		checked++;
	}
	fclose(file);
	assert_true(checked > 100);
}

static void test_captures(void **context)
{
	static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5C, FLAGSHIP_MODEL_M5,
						     FLAGSHIP_MODEL_UNKNOWN};

	(void)context;
	check_steady(CAPTURES "m5c-print-1001.jsonl", FLAGSHIP_MODEL_M5C, 8000, 14400);
	check_steady(CAPTURES "m5c-print.jsonl", FLAGSHIP_MODEL_M5C, 800, 1300);
	for (size_t i = 1; i < sizeof(models) / sizeof(models[0]); i++) {
		/* The same file on a printer that is said to count down. */
		check_steady(CAPTURES "m5c-print.jsonl", models[i], 800, 1300);
	}
}

static int run_capture_tests(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};

	/* Not skip(): cmocka writes it in a way that other readers of TAP take for a failure. */
	if (access(CAPTURES "m5c-print.jsonl", R_OK)) {
		puts("1..0 # SKIP no " CAPTURES);
		return 0;
	}
	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}

/* With an argument: what needs captures of somebody's printer. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remaining),
		cmocka_unit_test(test_wild_and_back),
		cmocka_unit_test(test_finish),
	};

	(void)argv;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return argc > 1 ? run_capture_tests() : cmocka_run_group_tests(tests, NULL, NULL);
}
