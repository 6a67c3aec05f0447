/* SPDX-License-Identifier: MIT */
#include "script.h"

#include "printer/state/recording.h"

#include <flagship/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CAPTURE          CAPTURES_DIR "/m5c-print.jsonl"
#define CAPTURE_LINE_MAX 4096

static struct script script;
static struct recording recording;

static void start(enum flagship_model model)
{
	script_init(&script, model);
	recording_init(&recording);
}

static int feed(const char *line)
{
	size_t offset;

	return recording_feed(&recording, &script.state, line, strlen(line), script_collect,
			      &script, &offset);
}

static void test_read(void **context)
{
	static const struct {
		const char *line;
		size_t count;
		bool has_time;
		int64_t time_ms;
	} cases[] = {
		{"", 0, false, 0},
		{" \t\r\n", 0, false, 0},
		{"[]", 0, false, 0},
		{"{}", 0, false, 0},
		{"{\"_event\":\"connected\",\"t\":0.001}", 0, false, 0},
		{"{\"_event\":\"x\",\"commandType\":1000,\"value\":1}", 0, false, 0},
		{"{\"_note\":\"x\",\"_t\":3}", 0, false, 0},
		{"{\"commandType\":1003,\"_t\":64.972}\n", 1, true, 64972},
		{"{\"commandType\":1003,\"_t\":\"7\",\"_wall\":\"x\"}", 1, true, 7000},
		{"{\"commandType\":1003,\"_t\":-0.0004}", 1, true, 0},
		{"{\"commandType\":1003,\"_t\":1785253573.1234}", 1, true, INT64_C(1785253573123)},
		{"{\"commandType\":1003,\"_t\":null}", 1, false, 0},
		{"{\"commandType\":1003,\"_t\":1e12}", 1, false, 0},
		{"{\"commandType\":1003}", 1, false, 0},
		{"[{\"_t\":5,\"x\":1},{\"commandType\":1003,\"_t\":6}]", 2, true, 5000},
		{"[{\"commandType\":1003,\"_t\":5},{\"commandType\":1004}]", 2, true, 5000},
	};
	static struct recording_line read;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].line);
		assert_int_equal(recording_read(&read, cases[i].line, strlen(cases[i].line)), 0);
		assert_int_equal(read.count, cases[i].count);
		assert_int_equal(read.has_time, cases[i].has_time);
		if (read.has_time) {
			assert_int_equal(read.time_ms, cases[i].time_ms);
		}
	}
}

static void test_damaged(void **context)
{
	static const struct {
		const char *line;
		int error;
		size_t offset;
	} cases[] = {
		{"{\"commandType\":1003,\"_t\":}", FLAGSHIP_ERROR_JSON, 25},
		{"[{\"commandType\":1003},7]", FLAGSHIP_ERROR_NOT_OBJECT, 22},
		{"connected", FLAGSHIP_ERROR_JSON, 0},
	};

	(void)context;
	start(FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t offset = 0;
		assert_int_equal(recording_feed(&recording, &script.state, cases[i].line,
						strlen(cases[i].line), script_collect, &script,
						&offset),
				 cases[i].error);
		assert_int_equal(offset, cases[i].offset);
		assert_int_equal(script.state.malformed, i + 1);
	}
	assert_false(script.state.online);
}

static void test_too_many_objects(void **context)
{
	static char line[65 * 22 + 3];

	(void)context;
	start(FLAGSHIP_MODEL_M5);
	strcpy(line, "[");
	for (int i = 0; i < 65; i++) {
		strcat(line, i ? ",{\"commandType\":1003}" : "{\"commandType\":1003}");
	}
	strcat(line, "]");
	assert_int_equal(feed(line), FLAGSHIP_ERROR_TOO_MANY_OBJECTS);
	/* One less is not too many. */
	strcpy(strrchr(line, ','), "]");
	assert_int_equal(feed(line), 0);
}

static void test_times(void **context)
{
	(void)context;
	start(FLAGSHIP_MODEL_M5C);
	assert_int_equal(feed("{\"commandType\":1000,\"subType\":1,\"value\":8}"), 0);
	assert_int_equal(feed("{\"commandType\":1000,\"subType\":1,\"value\":1,\"_t\":7}"), 0);
	assert_true(recording.timed);
	assert_false(recording.absolute);
	assert_int_equal(feed("{\"commandType\":1000,\"subType\":1,\"value\":2,\"_t\":100}"), 0);
	assert_int_equal(feed("{\"commandType\":1000,\"subType\":1,\"value\":2}"), 0);
	assert_int_equal(recording.now_ms, 100000);
	assert_int_equal(feed("{\"commandType\":1003,\"_t\":1785253573.5}"), 0);
	assert_true(recording.absolute);
	assert_string_equal(script.events, "0:job_preparing 7:job_started 37:offline "
					   "100:job_paused 130:offline");
}

static void test_without_times(void **context)
{
	static const int64_t states[] = {0, 8, 1, 2, 1, 2, 1, 4, 0, 8, 1};
	char line[64];

	(void)context;
	start(FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		snprintf(line, sizeof(line), "{\"commandType\":1000,\"subType\":1,\"value\":%d}",
			 (int)states[i]);
		assert_int_equal(feed(line), 0);
	}
	assert_string_equal(script.events,
			    "0:job_preparing 0:job_started 0:job_paused 0:job_resumed "
			    "0:job_paused 0:job_resumed 0:job_finished 0:job_preparing "
			    "0:job_started");
}

struct tally {
	size_t counts[PRINTER_EVENT_FILAMENT_CHANGED + 1];
	enum printer_event_kind first[3];
	int64_t first_ms[3];
	size_t total;
	int64_t percent;
	int64_t layer;
};

static void count_event(const struct printer_event *event, void *context)
{
	struct tally *tally = context;

	tally->counts[event->kind]++;
	if (tally->total < 3) {
		tally->first[tally->total] = event->kind;
		tally->first_ms[tally->total] = event->t_ms;
	}
	tally->total++;
	if (event->kind == PRINTER_EVENT_PROGRESS) {
		assert_true(event->number > tally->percent);
		tally->percent = event->number;
	}
	if (event->kind == PRINTER_EVENT_LAYER) {
		assert_int_equal(event->number, tally->layer + 1);
		tally->layer = event->number;
	}
}

/* Feeds the capture, each line so many times. */
static void feed_capture(FILE *file, struct tally *tally, int times)
{
	char line[CAPTURE_LINE_MAX];
	size_t offset;

	*tally = (struct tally){0};
	start(FLAGSHIP_MODEL_M5C);
	while (fgets(line, sizeof(line), file)) {
		for (int i = 0; i < times; i++) {
			assert_int_equal(recording_feed(&recording, &script.state, line,
							strlen(line), count_event, tally, &offset),
					 0);
		}
	}
	printer_state_settle(&script.state, count_event, tally);
}

static void check_capture_events(const struct tally *tally)
{
	assert_int_equal(tally->first[0], PRINTER_EVENT_ONLINE);
	assert_int_equal(tally->first_ms[0], 1938);
	assert_int_equal(tally->first[1], PRINTER_EVENT_JOB_PREPARING);
	assert_int_equal(tally->first_ms[1], 64972);
	assert_int_equal(tally->first[2], PRINTER_EVENT_JOB_STARTED);
	assert_int_equal(tally->first_ms[2], 188108);
	assert_int_equal(tally->percent, 69);
	assert_int_equal(tally->layer, 29);
	/* It jumps from 56 to 58 %. */
	assert_int_equal(tally->counts[PRINTER_EVENT_PROGRESS], 68);
	assert_int_equal(tally->counts[PRINTER_EVENT_LAYER], 29);
	assert_int_equal(tally->total, 3 + 68 + 29);
}

static void check_capture_state(const struct printer_state *state)
{
	assert_int_equal(state->job.state, PRINTER_JOB_PRINTING);
	assert_int_equal(state->job.progress_centi_percent, 6915);
	assert_int_equal(state->job.elapsed_s, 628);
	assert_true(state->job.remaining_estimated);
	assert_in_range(state->job.remaining_s, 270, 290);
	assert_int_equal(state->job.layer, 29);
	assert_int_equal(state->job.layers, 43);
	assert_int_equal(state->nozzle.current_centi_c, 22000);
	assert_int_equal(state->nozzle.target_centi_c, 22000);
	assert_int_equal(state->bed.current_centi_c, 5990);
	assert_int_equal(state->bed.target_centi_c, 6000);
	assert_int_equal(state->fan_percent, 99);
	assert_int_equal(state->speed_mm_s, 60);
	assert_int_equal(state->seen_ms, 900029);
}

static void test_capture(void **context)
{
	FILE *file = fopen(CAPTURE, "r");
	struct tally tally;

	(void)context;
	assert_non_null(file);
	for (int times = 1; times <= 3; times++) {
		rewind(file);
		feed_capture(file, &tally, times);
		check_capture_events(&tally);
		check_capture_state(&script.state);
	}
	fclose(file);
}

static int run_capture_tests(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_capture)};

	/* Not skip(): cmocka writes it in a way that other readers of TAP take for a failure. */
	if (access(CAPTURE, R_OK)) {
		puts("1..0 # SKIP no " CAPTURE);
		return 0;
	}
	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}

/* With an argument: what needs a capture of somebody's printer. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_too_many_objects),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_without_times),
	};

	(void)argv;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return argc > 1 ? run_capture_tests() : cmocka_run_group_tests(tests, NULL, NULL);
}
