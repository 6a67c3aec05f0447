/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listener.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define HOUR_S   INT64_C(3600)
#define JSON_MAX 512

static struct listener listener;

static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_M5C,
					     FLAGSHIP_MODEL_E1};

#define MODEL_COUNT        (sizeof(models) / sizeof(models[0]))
#define NOZZLE_MODEL_COUNT 2 /* the first ones */

static void start(enum flagship_model model)
{
	listener_start(&listener, model, VIRTUAL_PRINTER_IDLE, 7);
}

static void start_printing(enum flagship_model model)
{
	listener_start(&listener, model, VIRTUAL_PRINTER_PRINT, 7);
	virtual_printer_skip_to(&listener.printer, 20);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	assert_int_equal(listener.state.job.state, PRINTER_JOB_PRINTING);
}

/* Sends a command and expects it to be answered with `reply`. */
static void command(const char *json, int64_t type, int64_t reply)
{
	size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];

	assert_int_equal(listener_command(&listener, json), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before + 1);
	assert_int_equal(listener_reply(&listener, type), reply);
}

static void answers_a_query_at_once_with_all_it_knows(void **state)
{
	static const int64_t types[] = {1000, 1005, 1006, 1021, 1023, 1037, 1039,
					1052, 1055, 1067, 1072, 1093, 1097, 1098};
	static const enum flagship_topic_kind kinds[] = {FLAGSHIP_TOPIC_QUERY_REPLY,
							 FLAGSHIP_TOPIC_NOTICE};

	(void)state;
	for (size_t i = 0; i < NOZZLE_MODEL_COUNT; i++) {
		start(models[i]);
		assert_int_equal(listener_query(&listener, "{\"commandType\":1027,\"value\":0}"),
				 0);
		assert_int_equal(listener.published[FLAGSHIP_TOPIC_QUERY_REPLY], 1);
		for (size_t k = 0; k < 2; k++) {
			for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
				assert_int_equal(listener_last_count(&listener, kinds[k], types[t]),
						 1);
			}
			assert_int_equal(listener_last_count(&listener, kinds[k], 1001), 0);
		}
		assert_int_equal(listener.state.job.state, PRINTER_JOB_IDLE);
		assert_int_equal(listener.state.max_speed_mm_s,
				 simulator_model_find(models[i])->max_speed_mm_s);
		assert_int_equal(listener.state.levelled, 1);
		assert_int_equal(listener.state.filament.count, 1);
	}
}

static void reports_its_job_in_the_burst(void **state)
{
	(void)state;
	for (size_t i = 0; i < MODEL_COUNT; i++) {
		start_printing(models[i]);
		assert_int_equal(listener_query(&listener, "[{\"commandType\":1027}]"), 0);
		assert_int_equal(listener_last_count(&listener, FLAGSHIP_TOPIC_QUERY_REPLY, 1001),
				 1);
		const char *job =
			models[i] == FLAGSHIP_MODEL_E1
				? "{\"commandType\":1000,\"status\":{\"state\":2,\"step\":4}}"
				: "{\"commandType\":1000,\"subType\":1,\"value\":1}";
		assert_non_null(strstr(listener.last[FLAGSHIP_TOPIC_QUERY_REPLY], job));
	}
}

static void heats_by_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(models[i]);
		command("{\"commandType\":1003,\"value\":20000}", 1003, 0);
		command("{\"commandType\":1004,\"value\":5000}", 1004, 0);
		listener_wait_s(&listener, 300);
		assert_int_equal(listener.state.nozzle.target_centi_c, 20000);
		assert_in_range(listener.state.nozzle.current_centi_c, 19900, 20100);
		assert_in_range(listener.state.bed.current_centi_c, 4940, 5060);
		command("{\"commandType\":1003,\"value\":99999}", 1003, 0);
		listener_wait_s(&listener, 10);
		assert_int_equal(listener.state.nozzle.target_centi_c,
				 (int64_t)listener.printer.model->nozzle.maximum_c * 100);
		command("{\"commandType\":1003}", 1003, 1);
		command("{\"commandType\":1004,\"value\":\"hot\"}", 1004, 1);
	}
}

static void changes_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOZZLE_MODEL_COUNT; i++) {
		start(models[i]);
		command("{\"commandType\":1006,\"value\":90}", 1006, 0);
		assert_int_equal(listener.state.speed_mm_s, 90);
		command("{\"commandType\":1006,\"value\":9000}", 1006, 0);
		assert_int_equal(listener.state.speed_mm_s, listener.printer.model->max_speed_mm_s);
		command("{\"commandType\":1021,\"value\":-13}", 1021, 0);
		assert_int_equal(listener.state.z_offset_centi_mm, -13);
		(void)listener_gcode(&listener, "M290 Z0.1");
		assert_int_equal(listener.state.z_offset_centi_mm, -3);
		command("{\"commandType\":1034,\"devName\":\"Ren\\u00e9 \\ud83d\\ude00\"}", 1034,
			0);
		assert_string_equal(listener.printer.name, "Ren\xc3\xa9 \xf0\x9f\x98\x80");
	}
}

/* As the vendor's app sends it. */
static void control(int64_t value, const char *path, int64_t reply)
{
	char json[JSON_MAX];

	snprintf(json, sizeof(json),
		 "{\"commandType\":1008,\"value\":%d,\"printMode\":1,\"userName\":\"me\","
		 "\"filePath\":\"%s\",\"userId\":\"u1\"}",
		 (int)value, path);
	command(json, 1008, reply);
}

static void pauses_resumes_and_stops_an_m5(void **state)
{
	(void)state;
	start_printing(FLAGSHIP_MODEL_M5);
	control(2, "", 0);
	assert_int_equal(listener.state.job.state, PRINTER_JOB_PAUSED);
	int64_t progress = print_job_progress(&listener.printer.job);
	listener_wait_s(&listener, HOUR_S);
	assert_int_equal(print_job_progress(&listener.printer.job), progress);
	control(3, "", 0);
	assert_true(listener_wait_for_state(&listener, 1, 25));
	listener_keep_transcript(&listener);
	control(4, "", 0);
	assert_true(listener_wait_for_state(&listener, 0, 25));
	listener_wait_s(&listener, 60);
	assert_non_null(strstr(listener.transcript, "\"commandType\":1068"));
	/* Never 3 and never 4: protocol.md 3.1. */
	assert_null(strstr(listener.transcript, "\"commandType\":1000,\"subType\":1,\"value\":3"));
	assert_null(strstr(listener.transcript, "\"commandType\":1000,\"subType\":1,\"value\":4"));
	listener_finish(&listener);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_PAUSED], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_RESUMED], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 0);
	assert_int_equal(listener.state.nozzle.target_centi_c, 0);
}

/* Without userId an M5 neither answers nor does anything: protocol.md 3.2. */
static void ignores_control_of_nobody(void **state)
{
	static const char *const messages[] = {
		"{\"commandType\":1008,\"value\":2}",
		"{\"commandType\":1008,\"value\":4}",
		"{\"commandType\":1008,\"value\":0}",
		"{\"commandType\":1008,\"value\":4,\"printMode\":1,\"userName\":\"me\","
		"\"filePath\":\"\"}",
	};

	(void)state;
	start_printing(FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];

		assert_int_equal(listener_command(&listener, messages[i]), 0);
		assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before);
	}
	listener_wait_s(&listener, 30);
	assert_int_equal(listener.state.job.state, PRINTER_JOB_PRINTING);
	for (uint32_t i = 0; i < listener.printer.tally.count; i++) {
		assert_int_not_equal(listener.printer.tally.entries[i].type, 1008);
	}
}

static void refuses_by_the_reply_codes(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	control(0, "", 3); /* nothing is loaded */
	control(1, "/tmp/none", 3);
	command("{\"commandType\":1008,\"value\":1,\"userId\":\"u1\",\"filePath\":"
		"\"/tmp/none\"}",
		1008, 5);
	start_printing(FLAGSHIP_MODEL_M5);
	control(0, "", 4);
	control(1, "/usr/data/local/model/vase_0.3mm_PETG.gcode", 4);
}

static void prints_again_on_an_m5(void **state)
{
	(void)state;
	start_printing(FLAGSHIP_MODEL_M5);
	assert_true(listener_wait_for_state(&listener, 0, 2 * HOUR_S));
	control(0, "", 0);
	assert_true(listener_wait_for_state(&listener, 1, HOUR_S));
	assert_true(listener_wait_for_state(&listener, 0, 2 * HOUR_S));
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_PREPARING], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_FINISHED], 2);
}

/* The other form of protocol.md 3.2, as an option. */
static void takes_the_vendors_form_on_an_m5c(void **state)
{
	(void)state;
	start_printing(FLAGSHIP_MODEL_M5C);
	virtual_printer_set_habits(&listener.printer,
				   &(struct virtual_printer_habits){.control = CONTROL_VENDOR});
	control(2, "", 0);
	assert_true(listener_wait_for_state(&listener, 2, 25));
	control(3, "", 0);
	assert_true(listener_wait_for_state(&listener, 1, 25));
	control(4, "", 0);
	assert_true(listener_wait_for_state(&listener, 4, 25));
}

static void control_m5c(int64_t value, const char *file)
{
	char json[JSON_MAX];

	snprintf(json, sizeof(json),
		 "{\"commandType\":1008,\"value\":%d,\"userName\":\"me\",\"filePath\":\"%s\"}",
		 (int)value, file);
	command(json, 1008, 0);
}

static void pauses_and_resumes_an_m5c_by_name(void **state)
{
	const char *name = simulator_model_find(FLAGSHIP_MODEL_M5C)->job->name;

	(void)state;
	start_printing(FLAGSHIP_MODEL_M5C);
	command("{\"commandType\":1008,\"value\":1}", 1008, 0);
	control_m5c(1, "another.gcode");
	assert_false(listener_wait_for_state(&listener, 2, 25));
	control_m5c(1, name);
	assert_true(listener_wait_for_state(&listener, 2, 25));
	command("{\"commandType\":1008,\"value\":2}", 1008, 0);
	assert_false(listener_wait_for_state(&listener, 1, 25));
	control_m5c(2, name);
	assert_true(listener_wait_for_state(&listener, 1, 25));
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_PAUSED], 1);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_RESUMED], 1);
}

/* Acknowledged, and yet the print goes on: protocol.md 3.2. */
static void stops_an_m5c_only_by_both_ways(void **state)
{
	const char *name = simulator_model_find(FLAGSHIP_MODEL_M5C)->job->name;

	(void)state;
	start_printing(FLAGSHIP_MODEL_M5C);
	control_m5c(0, name);
	(void)listener_gcode(&listener, "M105");
	command("{\"commandType\":1008,\"value\":4}", 1008, 0);
	command("{\"commandType\":1008,\"value\":0}", 1008, 0);
	assert_false(listener_wait_for_state(&listener, 4, 30));
	(void)listener_gcode(&listener, "M2024");
	assert_true(listener_wait_for_state(&listener, 4, 5));
	/* Idle is only told when asked for. */
	assert_false(listener_wait_for_state(&listener, 0, 60));
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	assert_int_equal(listener.states[listener.state_count - 1], 0);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 1);

	start_printing(FLAGSHIP_MODEL_M5C);
	(void)listener_gcode(&listener, "M2024");
	assert_false(listener_wait_for_state(&listener, 4, 30));
	command("{\"commandType\":1008,\"value\":0}", 1008, 0);
	assert_true(listener_wait_for_state(&listener, 4, 5));
}

static void stops_while_preparing(void **state)
{
	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5, VIRTUAL_PRINTER_PRINT, 7);
	listener_wait_s(&listener, 30);
	control(4, "", 0);
	assert_true(listener_wait_for_state(&listener, 0, 60));
	listener_wait_s(&listener, 10);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STARTED], 0);
	assert_int_equal(listener.events[PRINTER_EVENT_JOB_STOPPED], 1);
}

static void levels(void **state)
{
	size_t probes = 0;
	int64_t point = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(models[i]);
		probes = 0;
		listener_keep_transcript(&listener);
		command("{\"commandType\":1007,\"value\":0}", 1007, 0);
		command("{\"commandType\":1007,\"value\":0}", 1007, 1);
		assert_true(listener_wait_for_state(&listener, 7, 10));
		assert_true(listener_wait_for_state(&listener, 5, HOUR_S));
		assert_true(listener_wait_for_state(&listener, 0, HOUR_S));
		for (const char *at = listener.transcript;
		     (at = strstr(at, "[{\"commandType\":1007,\"value\":")) != NULL; at++) {
			probes++;
			assert_int_equal(sscanf(at, "[{\"commandType\":1007,\"value\":%ld", &point),
					 1);
			assert_int_equal(point, probes);
		}
		assert_int_equal(probes, 50);
		assert_int_equal(listener.state.nozzle.target_centi_c, 0);
		listener_finish(&listener);
	}
}

static void moves_filament(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1023,\"value\":1,\"stepLen\":40,\"temperature\":210}", 1023, 0);
	assert_true(listener_wait_for_state(&listener, 13, 10));
	assert_int_equal(listener.state.nozzle.target_centi_c, 21000);
	assert_true(listener_wait_for_state(&listener, 14, 300));
	listener_keep_transcript(&listener);
	assert_true(listener_wait_for_state(&listener, 0, 300));
	assert_non_null(strstr(listener.transcript, "\"value\":1,\"progress\":50}"));
	assert_non_null(strstr(listener.transcript, "\"value\":1,\"progress\":100}"));
	listener_finish(&listener);
	start_printing(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1023,\"value\":1}", 1023, 1);
}

static void homes(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1026,\"value\":2}", 1026, 0);
	command("{\"commandType\":1026,\"value\":2}", 1026, 1);
	listener_wait_s(&listener, 10);
	assert_string_equal(listener.last[FLAGSHIP_TOPIC_NOTICE],
			    "[{\"commandType\":1026,\"value\":2}]");
	assert_true(listener.printer.machine.homed[MACHINE_X]);
	assert_true(listener.printer.machine.homed[MACHINE_Z]);
	start(FLAGSHIP_MODEL_M5C);
	command("{\"commandType\":1026,\"value\":0}", 1026, 0);
	listener_wait_s(&listener, 10);
	assert_true(listener.printer.machine.homed[MACHINE_X]);
	assert_true(listener.printer.machine.homed[MACHINE_Y]);
	assert_false(listener.printer.machine.homed[MACHINE_Z]);
	command("{\"commandType\":1026,\"value\":3}", 1026, 1);
	start(FLAGSHIP_MODEL_M5C);
	command("{\"commandType\":1026,\"value\":1}", 1026, 0);
	listener_wait_s(&listener, 10);
	assert_false(listener.printer.machine.homed[MACHINE_X]);
	assert_true(listener.printer.machine.homed[MACHINE_Z]);
}

static void crashes_without_a_name(void **state)
{
	(void)state;
	start_printing(FLAGSHIP_MODEL_M5);
	size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];
	assert_int_equal(listener_command(&listener, "[{\"commandType\":1034},"
						     "{\"commandType\":1003,\"value\":100}]"),
			 0);
	assert_int_equal(listener.crashes, 1);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before);
	size_t notices = listener.published[FLAGSHIP_TOPIC_NOTICE];
	virtual_printer_advance(&listener.printer, 60000);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], notices);
	virtual_printer_restart(&listener.printer);
	int64_t now_ms = listener.printer.now_ms;
	virtual_printer_advance(&listener.printer, VIRTUAL_PRINTER_TICK_MS);
	assert_int_equal(listener.printer.now_ms, now_ms + VIRTUAL_PRINTER_TICK_MS);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	assert_int_equal(listener.states[listener.state_count - 1], 0);
	assert_true(listener.state.nozzle.current_centi_c > 20000);
	assert_int_equal(listener.state.nozzle.target_centi_c, 0);
}

static void answers_1027_on_either_topic(void **state)
{
	size_t answers;

	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	answers = listener.published[FLAGSHIP_TOPIC_NOTICE];
	assert_true(answers > 0);
	assert_int_equal(listener_command(&listener, "{\"commandType\":1027,\"value\":0}"), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], 2 * answers);
}

static void says_nothing_to_what_it_does_not_know(void **state)
{
	static const char *const unknown[] = {
		"{\"commandType\":1029}",
		"{\"commandType\":9999,\"value\":1}",
		"{\"value\":1}",
		"{\"commandType\":1020}",
		"[]",
	};

	(void)state;
	start(FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_int_equal(listener_command(&listener, unknown[i]), 0);
	}
	assert_int_equal(listener_query(&listener, "{\"commandType\":1003,\"value\":20000}"), 0);
	listener_wait_s(&listener, 60);
	for (size_t i = 0; i < LISTENER_KINDS; i++) {
		assert_int_equal(listener.published[i], 0);
	}
}

static void changes_nothing_for_malformed_ones(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	assert_int_equal(listener_command(&listener, "[{\"commandType\":1003,\"value\":20000},"),
			 FLAGSHIP_ERROR_JSON);
	assert_int_equal(listener_command(&listener, "7"), FLAGSHIP_ERROR_NOT_OBJECT);
	assert_int_equal(thermal_target_centi_c(&listener.printer.machine.nozzle), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], 0);
}

static void answers_gcode(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	assert_string_equal(listener_gcode(&listener, "M105"),
			    "ok T:23.40 /0.00 B:23.40 /0.00 @:0 B@:0\n");
	assert_string_equal(listener_gcode(&listener, "M104 S50"),
			    "ok\n\nok\n\n+ringbuf:1,512,0\n");
	machine_know_position(&listener.printer.machine, true);
	assert_string_equal(listener_gcode(&listener, "G1 X100 F600"), "ok\n\n+ringbuf:2,512,0\n");
	listener_wait_s(&listener, 11);
	assert_string_equal(listener_gcode(&listener, "M999"),
			    "echo:Unknown command: \"M999\"\n+ringbuf:1,512,0\nok\n");
	assert_int_equal(listener.state.nozzle.target_centi_c, 5000);
	assert_int_equal(strlen(listener_gcode(&listener, "M503")), 512);
	command("{\"commandType\":1043}", 1043, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_a_query_at_once_with_all_it_knows),
		cmocka_unit_test(reports_its_job_in_the_burst),
		cmocka_unit_test(heats_by_message),
		cmocka_unit_test(changes_settings),
		cmocka_unit_test(pauses_resumes_and_stops_an_m5),
		cmocka_unit_test(ignores_control_of_nobody),
		cmocka_unit_test(refuses_by_the_reply_codes),
		cmocka_unit_test(prints_again_on_an_m5),
		cmocka_unit_test(takes_the_vendors_form_on_an_m5c),
		cmocka_unit_test(pauses_and_resumes_an_m5c_by_name),
		cmocka_unit_test(stops_an_m5c_only_by_both_ways),
		cmocka_unit_test(stops_while_preparing),
		cmocka_unit_test(levels),
		cmocka_unit_test(moves_filament),
		cmocka_unit_test(homes),
		cmocka_unit_test(crashes_without_a_name),
		cmocka_unit_test(answers_1027_on_either_topic),
		cmocka_unit_test(says_nothing_to_what_it_does_not_know),
		cmocka_unit_test(changes_nothing_for_malformed_ones),
		cmocka_unit_test(answers_gcode),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
