/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listener.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S INT64_C(86400)

struct job_case {
	enum flagship_model model;
	int64_t states[8]; /* as 1000 tells them, ended by -1 */
	int64_t layers;
	int64_t last_layer; /* that is told in the end */
	int64_t print_s;
};

static const struct job_case cases[] = {
	{FLAGSHIP_MODEL_M5, {8, 5, 9, 1, 4, 0, -1}, 120, 120, 1200},
	{FLAGSHIP_MODEL_M5C, {8, 1, 4, 0, -1}, 43, 0, 900},
	{FLAGSHIP_MODEL_E1, {1, 0, -1}, 0, PRINTER_NEVER, 420},
};

static struct listener listener;

/* An M5C says that it is idle only when asked. */
static void await_idle(void)
{
	bool asked = cases[1].model == listener.state.model;

	assert_true(listener_wait_for_state(&listener, asked ? 4 : 0, DAY_S));
	if (asked) {
		assert_false(listener_wait_for_state(&listener, 0, 60));
		assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	}
}

static void assert_states(const int64_t *expected)
{
	size_t count = 0;

	while (expected[count] >= 0) {
		assert_true(count < listener.state_count);
		assert_int_equal(listener.states[count], expected[count]);
		count++;
	}
	assert_int_equal(listener.state_count, count);
}

static void assert_events_of_one_job(const struct job_case *item)
{
	/* Who hears of printing first has joined a job that goes on. */
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_PREPARING], item->states[0] == 8);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STARTED], item->states[0] == 8);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 0);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_PAUSED], 0);
	assert_int_equal(listener.events[PRINTER_EVENT_ERROR], 0);
	assert_true(listener.events[PRINTER_EVENT_LAYER] <= (size_t)item->layers);
	assert_true(listener.events[PRINTER_EVENT_LAYER] * 10 >= (size_t)item->layers * 9);
	assert_true(listener.events[PRINTER_EVENT_PROGRESS] >= 90);
	assert_true(listener.events[PRINTER_EVENT_PROGRESS] <= 101);
}

static void runs_a_whole_job(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct job_case *item = &cases[i];
		listener_start(&listener, item->model, VIRTUAL_PRINTER_PRINT, 7);
		await_idle();
		listener_wait_s(&listener, 600);
		assert_states(item->states);
		assert_events_of_one_job(item);
		assert_int_equal(listener.state.job.progress_centi_percent, 10000);
		assert_true(llabs(listener.state.job.elapsed_s - item->print_s) < 60);
		assert_true(listener.printer.now_ms / 1000 < 2 * item->print_s + 1200);
	}
}

static void heats_prints_and_cools(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		listener_start(&listener, cases[i].model, VIRTUAL_PRINTER_PRINT, 7);
		assert_true(listener_wait_for_state(&listener, 1, DAY_S));
		listener_wait_s(&listener, 300);
		assert_int_equal(listener.state.nozzle.target_centi_c, 22000);
		assert_int_equal(listener.state.bed.target_centi_c, 6000);
		assert_true(llabs(listener.state.nozzle.current_centi_c - 22000) <= 100);
		assert_true(llabs(listener.state.bed.current_centi_c - 6000) <= 60);
		await_idle();
		assert_int_equal(listener.state.nozzle.target_centi_c, 0);
		assert_in_range(listener.nozzle_max, 22000, 22200);
		assert_in_range(listener.bed_max, 6000, 6150);
		listener_wait_s(&listener, 3600);
		assert_in_range(listener.state.nozzle.current_centi_c, 2300, 2500);
		assert_in_range(listener.state.bed.current_centi_c, 2300, 2600);
	}
}

static void counts_layers_and_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t layer = 0;
		int64_t progress = 0;
		int64_t remaining_s = PRINTER_NEVER;
		listener_start(&listener, cases[i].model, VIRTUAL_PRINTER_PRINT, 3);
		assert_true(listener_wait_for_state(&listener, 1, DAY_S));
		while (listener.state.job.state == PRINTER_JOB_PRINTING) {
			const struct printer_job *job = &listener.state.job;
			if (cases[i].layers > 0) {
				assert_true(job->layer >= layer && job->layer <= cases[i].layers);
				assert_int_equal(job->layers, cases[i].layers);
			}
			assert_true(job->progress_centi_percent >= progress);
			assert_true(job->remaining_s < 2 * cases[i].print_s);
			/* Steady, and of an M5C our own reckoning. */
			if (job->progress_centi_percent >= 800) {
				assert_int_equal(job->remaining_estimated,
						 cases[i].model == FLAGSHIP_MODEL_M5C);
				assert_true(job->remaining_s >= 0);
				assert_true(remaining_s == PRINTER_NEVER || remaining_s < 60 ||
					    5 * llabs(job->remaining_s - remaining_s) <=
						    remaining_s);
			}
			layer = job->layer;
			progress = job->progress_centi_percent;
			remaining_s = job->remaining_s;
			listener_wait_s(&listener, 1);
		}
		assert_true(remaining_s < 10);
		assert_int_equal(listener.state.job.layer, cases[i].last_layer);
	}
}

/* m5c-print.jsonl: 1001 alone, at once the rest, then 1037; from then on a notice every 3 s. */
static void reports_an_m5c_job_as_captured(void **state)
{
	static const char *const beginnings[] = {
		"[{\"commandType\":1001,\"time\":0,\"totalTime\":0,\"progress\":0,",
		"[{\"commandType\":1001,\"time\":0,\"totalTime\":0,\"progress\":0,",
		"[{\"commandType\":1037,\"value\":1}]",
	};
	const char *line;

	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5C, VIRTUAL_PRINTER_PRINT, 7);
	listener_keep_transcript(&listener);
	listener_wait_s(&listener, 20);
	line = listener.transcript;
	for (size_t i = 0; i < 3; i++) {
		assert_memory_equal(line, beginnings[i], strlen(beginnings[i]));
		line = strchr(line, '\n') + 1;
	}
	assert_int_equal(listener.fastest_gap_ms, 3000);
	listener_finish(&listener);
}

static void leaves_out_what_did_not_change_on_an_m5c(void **state)
{
	size_t with = 0;
	size_t without = 0;

	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5C, VIRTUAL_PRINTER_PRINT, 7);
	listener_wait_s(&listener, 5);
	for (int i = 0; i < 30; i++) {
		const char *notice = listener.last[FLAGSHIP_TOPIC_NOTICE];
		listener_wait_s(&listener, 3);
		const char *nozzle = strstr(notice, "{\"commandType\":1003");
		if (!nozzle) {
			continue;
		}
		const char *target = strstr(nozzle, "targetTemp");
		bool has_target = target && target < strchr(nozzle, '}');
		with += has_target ? 1 : 0;
		without += has_target ? 0 : 1;
	}
	assert_true(with >= 8 && without >= 16);
}

static void reports_only_what_changes_on_an_m5(void **state)
{
	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5, VIRTUAL_PRINTER_IDLE, 7);
	listener_wait_s(&listener, 3600);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], 0);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027,\"value\":0}"), 0);
	assert_int_equal(listener_command(&listener, "{\"commandType\":1003,\"value\":20000}"), 0);
	listener.changed_nothing = 0;
	listener.received_ms = 0;
	listener_wait_s(&listener, 60);
	assert_true(listener.published[FLAGSHIP_TOPIC_NOTICE] > 20);
	assert_int_equal(listener.changed_nothing, 0);
	assert_true(listener.fastest_gap_ms >= 1000);
	assert_int_equal(
		listener_last_count(&listener, FLAGSHIP_TOPIC_NOTICE, FLAGSHIP_MESSAGE_HOTBED_TEMP),
		0);
}

static void keeps_an_idle_m5c_in_its_rhythm(void **state)
{
	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5C, VIRTUAL_PRINTER_IDLE, 7);
	listener_wait_s(&listener, 300);
	assert_in_range(listener.published[FLAGSHIP_TOPIC_NOTICE], 99, 101);
	assert_int_equal(listener.state_count, 0);
	assert_non_null(strstr(listener.last[FLAGSHIP_TOPIC_NOTICE], "\"targetTemp\":0"));
}

/* Nothing of nozzle, bed, fan, speed, layers, axes or filament, whatever it does (protocol.md 3.9).
 */
static void assert_only_an_e1_speaks_so(void)
{
	static const char *const foreign[] = {"\"commandType\":1003",
					      "\"commandType\":1004",
					      "\"commandType\":1005",
					      "\"commandType\":1006",
					      "\"commandType\":1007",
					      "\"commandType\":1021",
					      "\"commandType\":1023",
					      "\"commandType\":1026",
					      "\"commandType\":1037",
					      "\"commandType\":1039",
					      "\"commandType\":1052",
					      "\"commandType\":1055",
					      "\"commandType\":1072",
					      "\"commandType\":1085",
					      "\"commandType\":1086",
					      "\"commandType\":1093",
					      "\"commandType\":1098",
					      "filament",
					      "realSpeed",
					      "subType"};

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		assert_null(strstr(listener.transcript, foreign[i]));
	}
}

static void an_e1_speaks_as_one(void **state)
{
	static const enum virtual_printer_scenario scenarios[] = {VIRTUAL_PRINTER_PRINT,
								  VIRTUAL_PRINTER_ERROR};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		listener_start(&listener, FLAGSHIP_MODEL_E1, scenarios[i], 7);
		listener_keep_transcript(&listener);
		assert_true(listener_wait_for_state(&listener, 1, 60));
		assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
		if (scenarios[i] == VIRTUAL_PRINTER_ERROR) {
			assert_true(listener_wait_for_state(&listener, 2, DAY_S));
			assert_true(print_job_resume(&listener.printer.job));
		}
		assert_true(listener_wait_for_state(&listener, 0, DAY_S));
		listener_wait_s(&listener, 600);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 1);
		assert_non_null(strstr(listener.transcript, "\"commandType\":1068"));
		assert_only_an_e1_speaks_so();
		listener_finish(&listener);
	}
}

static void reports_ink_on_an_e1(void **state)
{
	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_E1, VIRTUAL_PRINTER_PRINT, 7);
	listener_wait_s(&listener, 200);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	assert_non_null(strstr(listener.last[FLAGSHIP_TOPIC_QUERY_REPLY], "\"leftInk\":["));
	assert_in_range(listener.state.e1.inks[0].left_centi_percent, 9080, 9199);
	assert_in_range(listener.state.e1.inks[5].left_centi_percent, 5580, 5699);
	assert_in_range(listener.state.e1.waste.left_centi_percent, 9080, 9199);
}

static void runs_out_of_filament(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct job_case *item = &cases[i];
		listener_start(&listener, item->model, VIRTUAL_PRINTER_ERROR, 7);
		assert_true(listener_wait_for_state(&listener, 2, DAY_S));
		listener_wait_s(&listener, 600);
		assert_int_equal(listener.events[PRINTER_EVENT_ERROR], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_PAUSED], 1);
		assert_string_equal(listener.state.error.code, "0xFF01030001");
		assert_int_equal(listener.state.alert.number, PRINTER_ALERT_FILAMENT);
		assert_int_equal(listener.events[PRINTER_EVENT_ALERT], 1);
		assert_in_range(listener.state.job.progress_centi_percent, 3000, 3010);
		assert_true(print_job_resume(&listener.printer.job));
		await_idle();
		assert_int_equal(listener.events[PRINTER_EVENT_ERROR_CLEARED], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_ALERT_CLEARED], 1);
		assert_int_equal(listener.alerts, 2);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 1);
	}
}

static void starts_in_mid_print(void **state)
{
	static const int64_t percents[] = {0, 1, 40, 99};

	(void)state;
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		listener_start(&listener, FLAGSHIP_MODEL_M5C, VIRTUAL_PRINTER_PRINT, 7);
		virtual_printer_skip_to(&listener.printer, percents[i]);
		assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], 0);
		assert_in_range(print_job_progress(&listener.printer.job), percents[i] * 100,
				percents[i] * 100 + 200);
	}
	listener_wait_s(&listener, 6);
	assert_int_equal(listener.state.job.state, PRINTER_JOB_PRINTING);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STARTED], 0);
	assert_int_equal(listener.state.nozzle.target_centi_c, 22000);
}

static char *transcript_of(uint64_t seed, enum flagship_model model, int64_t step_ms)
{
	listener_start(&listener, model, VIRTUAL_PRINTER_PRINT, seed);
	listener_keep_transcript(&listener);
	while (listener.printer.now_ms < 600000) {
		virtual_printer_advance(&listener.printer, step_ms);
	}
	return listener.transcript;
}

static void says_the_same_for_the_same_seed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *first = transcript_of(42, cases[i].model, 25);
		char *second = transcript_of(42, cases[i].model, 1000);
		char *other = transcript_of(43, cases[i].model, 25);
		assert_true(strlen(first) > 1000);
		assert_string_equal(first, second);
		assert_string_not_equal(first, other);
		free(first);
		free(second);
		free(other);
	}
}

static void the_head_rises_with_the_layers(void **state)
{
	const double *mm = listener.printer.machine.position_mm;

	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5, VIRTUAL_PRINTER_PRINT, 7);
	virtual_printer_skip_to(&listener.printer, 50);
	double x = mm[MACHINE_X];
	double z = mm[MACHINE_Z];
	assert_true(z > 1);
	virtual_printer_skip_to(&listener.printer, 75);
	assert_true(mm[MACHINE_X] < x || mm[MACHINE_X] > x);
	assert_true(mm[MACHINE_Z] > z);
}

/* It stays at 100 % and says that it prints; who listens finds that it has finished, once. */
static void a_job_that_does_not_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		listener_start(&listener, cases[i].model, VIRTUAL_PRINTER_PRINT, 7);
		virtual_printer_set_habits(&listener.printer,
					   &(struct virtual_printer_habits){.stays_at_end = true});
		assert_true(listener_wait_for_state(&listener, 1, DAY_S));
		listener_wait_s(&listener, 7200);
		assert_int_equal(listener.states[listener.state_count - 1], 1);
		assert_int_equal(print_job_progress(&listener.printer.job), PRINT_JOB_COMPLETE);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 0);
		assert_int_equal(listener.state.job.progress_centi_percent, 10000);
	}
}

/* Told as 3 after a pause, it is neither stopped nor begun anew. */
static void a_job_that_resumes_as_3(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		listener_start(&listener, cases[i].model, VIRTUAL_PRINTER_PRINT, 7);
		virtual_printer_set_habits(&listener.printer,
					   &(struct virtual_printer_habits){.resumes_as_3 = true});
		assert_true(listener_wait_for_state(&listener, 1, DAY_S));
		listener_wait_s(&listener, 60);
		assert_true(print_job_pause(&listener.printer.job));
		assert_true(listener_wait_for_state(&listener, 2, 60));
		assert_true(print_job_resume(&listener.printer.job));
		assert_true(listener_wait_for_state(&listener, 3, 60));
		await_idle();
		listener_wait_s(&listener, 600);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_PAUSED], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_RESUMED], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 1);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 0);
		assert_int_equal(listener.events[PRINTER_EVENT_JOB_STARTED], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_that_does_not_end),
		cmocka_unit_test(a_job_that_resumes_as_3),
		cmocka_unit_test(the_head_rises_with_the_layers),
		cmocka_unit_test(runs_a_whole_job),
		cmocka_unit_test(heats_prints_and_cools),
		cmocka_unit_test(counts_layers_and_time),
		cmocka_unit_test(reports_an_m5c_job_as_captured),
		cmocka_unit_test(leaves_out_what_did_not_change_on_an_m5c),
		cmocka_unit_test(reports_only_what_changes_on_an_m5),
		cmocka_unit_test(keeps_an_idle_m5c_in_its_rhythm),
		cmocka_unit_test(an_e1_speaks_as_one),
		cmocka_unit_test(reports_ink_on_an_e1),
		cmocka_unit_test(runs_out_of_filament),
		cmocka_unit_test(starts_in_mid_print),
		cmocka_unit_test(says_the_same_for_the_same_seed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
