/* SPDX-License-Identifier: MIT */
#include "printer/state/event.h"

#include "printer/job/job.h"
#include "printer/state/moment.h"

#include <flagship/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct printer_job job;
static struct printer_error fault = {"0xFF01030005", "P1", "G-code transfer failed"};
static struct printer_error unknown_fault = {"12", "", NULL};
static struct printer_filament filament = {true, 2, {"PLA", "PETG"}};

static const struct printer_alert runout = {PRINTER_ALERT_BOARD, 6, "no filament"};
static const struct printer_alert finding = {PRINTER_ALERT_AI, 1, "spaghetti"};

static void test_json(void **context)
{
	static const struct {
		struct printer_event event;
		const char *json;
	} cases[] = {
		{{.kind = PRINTER_EVENT_ONLINE, .t_ms = 65000},
		 "{\"event\":\"online\",\"t\":65.0}"},
		{{.kind = PRINTER_EVENT_OFFLINE, .t_ms = 188108},
		 "{\"event\":\"offline\",\"t\":188.108}"},
		{{.kind = PRINTER_EVENT_JOB_PREPARING, .t_ms = -5, .job = &job},
		 "{\"event\":\"job_preparing\",\"t\":-0.005,\"name\":\"a\\\"b\",\"task_id\":null}"},
		{{.kind = PRINTER_EVENT_JOB_STARTED, .job = &job},
		 "{\"event\":\"job_started\",\"t\":0.0,\"name\":\"a\\\"b\",\"task_id\":null}"},
		{{.kind = PRINTER_EVENT_JOB_PAUSED, .job = &job},
		 "{\"event\":\"job_paused\",\"t\":0.0,\"name\":\"a\\\"b\",\"task_id\":null}"},
		{{.kind = PRINTER_EVENT_JOB_RESUMED, .job = &job},
		 "{\"event\":\"job_resumed\",\"t\":0.0,\"name\":\"a\\\"b\",\"task_id\":null}"},
		{{.kind = PRINTER_EVENT_JOB_FINISHED, .job = &job},
		 "{\"event\":\"job_finished\",\"t\":0.0,\"name\":\"a\\\"b\",\"task_id\":null,"
		 "\"progress_percent\":99.5,\"elapsed_s\":null}"},
		{{.kind = PRINTER_EVENT_JOB_STOPPED, .job = &job},
		 "{\"event\":\"job_stopped\",\"t\":0.0,\"name\":\"a\\\"b\",\"task_id\":null,"
		 "\"progress_percent\":99.5,\"elapsed_s\":null}"},
		{{.kind = PRINTER_EVENT_PROGRESS, .number = 14, .job = &job},
		 "{\"event\":\"progress\",\"t\":0.0,\"percent\":14}"},
		{{.kind = PRINTER_EVENT_LAYER, .number = 3, .job = &job},
		 "{\"event\":\"layer\",\"t\":0.0,\"layer\":3,\"layers\":43}"},
		{{.kind = PRINTER_EVENT_ERROR, .error = &fault},
		 "{\"event\":\"error\",\"t\":0.0,\"code\":\"0xFF01030005\",\"level\":\"P1\","
		 "\"text\":\"G-code transfer failed\"}"},
		{{.kind = PRINTER_EVENT_ERROR_CLEARED, .error = &unknown_fault},
		 "{\"event\":\"error_cleared\",\"t\":0.0,\"code\":\"12\",\"level\":null,"
		 "\"text\":null}"},
		{{.kind = PRINTER_EVENT_ALERT, .alert = &runout},
		 "{\"event\":\"alert\",\"t\":0.0,\"source\":\"printer\",\"number\":6,"
		 "\"text\":\"no filament\"}"},
		{{.kind = PRINTER_EVENT_ALERT_CLEARED, .alert = &finding},
		 "{\"event\":\"alert_cleared\",\"t\":0.0,\"source\":\"ai\",\"number\":1,"
		 "\"text\":\"spaghetti\"}"},
		{{.kind = PRINTER_EVENT_FILAMENT_CHANGED, .filament = &filament},
		 "{\"event\":\"filament_changed\",\"t\":0.0,\"filament\":[\"PLA\",\"PETG\"]}"},
		{{.kind = (enum printer_event_kind)99}, "{\"event\":\"unknown\",\"t\":0.0}"},
	};
	char out[PRINTER_EVENT_JSON_MAX];
	size_t length;

	(void)context;
	job_init(&job);
	strcpy(job.name, "a\"b");
	job.progress_centi_percent = 9950;
	job.layers = 43;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(printer_event_to_json(&cases[i].event, out, sizeof(out), &length),
				 0);
		assert_string_equal(out, cases[i].json);
		assert_int_equal(length, strlen(out));
		assert_int_equal(printer_event_to_json(&cases[i].event, out, length, &length),
				 FLAGSHIP_ERROR_BUFFER);
	}
}

static void test_longest_json(void **context)
{
	const struct printer_event event = {
		.kind = PRINTER_EVENT_JOB_STOPPED, .t_ms = INT64_MIN, .job = &job};
	char out[PRINTER_EVENT_JSON_MAX];
	size_t length;

	(void)context;
	job_init(&job);
	memset(job.name, 1, sizeof(job.name) - 1);
	memset(job.task_id, 1, sizeof(job.task_id) - 1);
	job.elapsed_s = INT64_MAX;
	assert_int_equal(printer_event_to_json(&event, out, sizeof(out), &length), 0);
}

static void test_time_since(void **context)
{
	static const struct {
		int64_t now;
		int64_t then;
		int64_t since;
	} cases[] = {
		{5, 3, 2},
		{3, 5, -2},
		{INT64_MAX, -1, INT64_MAX},
		{0, INT64_MIN, INT64_MAX},
		{-1, INT64_MIN, INT64_MAX},
		{-2, INT64_MAX, INT64_MIN},
		{INT64_MIN, INT64_MAX, INT64_MIN},
		{INT64_MIN, INT64_MIN, 0},
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(units_time_since(cases[i].now, cases[i].then), cases[i].since);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_longest_json),
		cmocka_unit_test(test_time_since),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
