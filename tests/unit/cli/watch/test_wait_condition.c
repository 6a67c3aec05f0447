/* SPDX-License-Identifier: MIT */
#include "cli/watch/wait_condition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define NOW     1000000
#define LATER   (NOW + WAIT_VERDICT_MS)
#define NOWHERE "?"

static struct printer_state state_of(enum printer_job_state job)
{
	struct printer_state state;

	printer_state_init(&state, "AK7", NULL, FLAGSHIP_MODEL_M5C);
	state.online = true;
	state.seen_ms = 1;
	state.job.state_received = true;
	state.job.state = job;
	state.nozzle = (struct printer_temperature){20000, 22000, 1};
	state.bed = (struct printer_temperature){5900, 6000, 1};
	state.job.progress_centi_percent = 4950;
	state.job.layer = 10;
	return state;
}

/* "holds", "open", or why not. */
static const char *check(const char *text, const struct printer_state *state,
			 const struct wait_history *history, int64_t now_ms)
{
	static const struct wait_history none;
	struct wait_condition condition;
	const char *reason;

	if (!wait_condition_read(text, &condition)) {
		return NOWHERE;
	}
	switch (wait_condition_check(&condition, state, history ? history : &none, now_ms,
				     &reason)) {
	case WAIT_HOLDS:
		assert_null(reason);
		return "holds";
	case WAIT_IMPOSSIBLE:
		return reason;
	default:
		return "open";
	}
}

static void of_a_printer_that_prints(void **unused)
{
	static const char *const cases[][2] = {
		{"finished", "open"},       {"stopped", "open"},      {"paused", "open"},
		{"printing", "holds"},      {"idle", "open"},         {"error", "open"},
		{"online", "holds"},        {"offline", "open"},      {"temperature", "open"},
		{"nozzle", "open"},         {"bed", "holds"},         {"nozzle=199", "holds"},
		{"nozzle=197.9", "open"},   {"nozzle>=200", "holds"}, {"nozzle>=201", "open"},
		{"nozzle<=200", "holds"},   {"bed<59", "holds"},      {"bed<58", "open"},
		{"progress=49.5", "holds"}, {"progress=50", "open"},  {"progress<=50", "holds"},
		{"layer=10", "holds"},      {"layer>=11", "open"},    {"layer>9", "holds"},
	};
	const struct printer_state state = state_of(PRINTER_JOB_PRINTING);

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i][0]);
		assert_string_equal(check(cases[i][0], &state, NULL, NOW), cases[i][1]);
	}
}

static void of_a_printer_that_does_nothing(void **unused)
{
	static const char *const cases[][2] = {
		{"finished", "no job is under way"},
		{"stopped", "no job is under way"},
		{"paused", "no job is under way"},
		{"printing", "open"},
		{"idle", "holds"},
		{"progress=1", "no job is under way"},
		{"layer=1", "no job is under way"},
		{"temperature", "nothing is heated"},
		{"nozzle", "it is not heated"},
		{"nozzle<=200", "holds"},
	};
	struct printer_state state = state_of(PRINTER_JOB_IDLE);

	(void)unused;
	state.nozzle.target_centi_c = state.bed.target_centi_c = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i][0]);
		assert_string_equal(check(cases[i][0], &state, NULL, NOW), cases[i][1]);
	}
}

static void of_one_that_was_never_received(void **unused)
{
	static const char *const cases[] = {
		"finished", "stopped", "paused",      "printing", "idle",       "error",   "online",
		"offline",  "nozzle",  "temperature", "bed=20",   "progress=1", "layer<=5"};
	struct printer_state state;

	(void)unused;
	printer_state_init(&state, "AK7", NULL, FLAGSHIP_MODEL_UNKNOWN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(check(cases[i], &state, NULL, NOW), "open");
	}
}

static void tell(struct wait_history *history, enum printer_event_kind kind)
{
	wait_history_event(history, &(struct printer_event){.kind = kind});
}

static void how_a_job_ends(void **unused)
{
	struct wait_history history = {0};
	struct printer_state state = state_of(PRINTER_JOB_PRINTING);

	(void)unused;
	wait_history_state(&history, &state, NOW);
	assert_string_equal(check("finished", &state, &history, NOW), "open");
	/* The state may come before the verdict, which is waited for. */
	state.job.state = PRINTER_JOB_IDLE;
	wait_history_state(&history, &state, NOW);
	assert_string_equal(check("finished", &state, &history, LATER - 1), "open");
	assert_string_equal(check("finished", &state, &history, LATER),
			    "the job ended, and nothing tells how");
	tell(&history, PRINTER_EVENT_JOB_FINISHED);
	assert_string_equal(check("finished", &state, &history, NOW), "holds");
	assert_string_equal(check("stopped", &state, &history, NOW), "the job was finished");
	/* Another job. */
	tell(&history, PRINTER_EVENT_JOB_PREPARING);
	state.job.state = PRINTER_JOB_PREPARING;
	wait_history_state(&history, &state, NOW);
	assert_string_equal(check("finished", &state, &history, NOW), "open");
	tell(&history, PRINTER_EVENT_JOB_STOPPED);
	assert_string_equal(check("finished", &state, &history, NOW), "the job was stopped");
	assert_string_equal(check("stopped", &state, &history, NOW), "holds");
}

static void errors_and_silence(void **unused)
{
	struct printer_state state = state_of(PRINTER_JOB_PAUSED);

	(void)unused;
	assert_string_equal(check("paused", &state, NULL, NOW), "holds");
	strcpy(state.error.code, "0xFF01030001");
	assert_string_equal(check("error", &state, NULL, NOW), "holds");
	state.error.code[0] = '\0';
	assert_string_equal(check("error", &state, NULL, NOW), "open");
	state.alert = (struct printer_alert){PRINTER_ALERT_BOARD, PRINTER_ALERT_FILAMENT, "x"};
	assert_string_equal(check("error", &state, NULL, NOW), "holds");
	state.online = false;
	assert_string_equal(check("offline", &state, NULL, NOW), "holds");
	assert_string_equal(check("online", &state, NULL, NOW), "open");
}

static void what_is_no_condition(void **unused)
{
	static const char *const cases[] = {
		"",        "finishd", "finished=1", "paused>=2", "progress", "layer",
		"nozzle=", "bed=x",   "bed==5",     "nozzle>>5", "bed=-1",   "nozzle=nan",
		"=5",      ">=5",     "nozzle 5",   "bed=1e3",   "layer=1x", "bed=100001",
	};
	const struct printer_state state = state_of(PRINTER_JOB_IDLE);

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i]);
		assert_string_equal(check(cases[i], &state, NULL, NOW), NOWHERE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_printer_that_prints),
		cmocka_unit_test(of_a_printer_that_does_nothing),
		cmocka_unit_test(of_one_that_was_never_received),
		cmocka_unit_test(how_a_job_ends),
		cmocka_unit_test(errors_and_silence),
		cmocka_unit_test(what_is_no_condition),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
