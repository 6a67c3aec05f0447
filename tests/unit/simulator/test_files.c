/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listener.h"

#include <stdio.h>
#include <string.h>

#define JSON_MAX 512
#define HOUR_S   INT64_C(3600)

static struct listener listener;

static void start(enum flagship_model model)
{
	listener_start(&listener, model, VIRTUAL_PRINTER_IDLE, 7);
}

static void command(const char *json, int64_t type, int64_t reply)
{
	size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];

	assert_int_equal(listener_command(&listener, json), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before + 1);
	assert_int_equal(listener_reply(&listener, type), reply);
}

/* What 1009 answers. */
static const char *list(int place)
{
	char json[JSON_MAX];

	snprintf(json, sizeof(json), "{\"commandType\":1009,\"value\":%d}", place);
	assert_int_equal(listener_query(&listener, json), 0);
	return listener.last[FLAGSHIP_TOPIC_QUERY_REPLY];
}

static void lists_what_is_on_board_and_on_usb(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	const char *answer = list(1);
	assert_non_null(strstr(answer, "{\"commandType\":1009,\"reply\":0,\"value\":1,"
				       "\"fileLists\":[{\"name\":\"flagship_benchy_"));
	assert_non_null(strstr(answer, "\"path\":\"/local/vase_0.3mm_PETG.gcode\""));
	assert_null(strstr(answer, "/usb/"));
	answer = list(0);
	assert_non_null(strstr(answer, "\"path\":\"/usb/calibration_cube.gcode\""));
	assert_null(strstr(answer, "/local/"));
}

static void deletes_a_file_once(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	command("{\"commandType\":1032,\"filePath\":\"/local/vase_0.3mm_PETG.gcode\"}", 1032, 0);
	assert_null(strstr(list(1), "vase"));
	command("{\"commandType\":1032,\"filePath\":\"/local/vase_0.3mm_PETG.gcode\"}", 1032, 1);
	command("{\"commandType\":1032,\"filePath\":\"Geh\\u00e4use Deckel.gcode\"}", 1032, 0);
	assert_null(strstr(list(0), "Deckel"));
	command("{\"commandType\":1032}", 1032, 1);
}

static void keeps_the_file_that_it_prints(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1008,\"value\":0}", 1008, 0);
	command("{\"commandType\":1032,\"filePath\":\"flagship_benchy_0.2mm_PLA_Anker_M5.gcode\"}",
		1032, 1);
	command("{\"commandType\":1032,\"filePath\":\"vase_0.3mm_PETG.gcode\"}", 1032, 0);
}

static void prints_a_file_by_message(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1008,\"value\":0,\"filePath\":\"/usb/none.gcode\"}", 1008, 1);
	command("{\"commandType\":1008,\"value\":0,\"filePath\":\"/usb/calibration_cube.gcode\"}",
		1008, 0);
	assert_true(listener_wait_for_state(&listener, 1, HOUR_S));
	assert_string_equal(listener.state.job.name, "calibration_cube.gcode");
}

static void prints_a_file_by_gcode(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	assert_non_null(strstr(listener_gcode(&listener, "M23 none.gcode"), "open failed"));
	assert_non_null(strstr(listener_gcode(&listener, "M24"), "ok\n"));
	assert_false(listener_wait_for_state(&listener, 8, 10));
	assert_non_null(strstr(listener_gcode(&listener, "M23 /usb/calibration_cube.gcode ; it"),
			       "File selected\n"));
	(void)listener_gcode(&listener, "M24");
	assert_true(listener_wait_for_state(&listener, 8, 10));
	assert_true(listener_wait_for_state(&listener, 1, HOUR_S));
	listener_wait_s(&listener, 60);
	assert_string_equal(listener.state.job.name, "calibration_cube.gcode");
	(void)listener_gcode(&listener, "M25");
	assert_true(listener_wait_for_state(&listener, 2, 10));
	(void)listener_gcode(&listener, "M24");
	assert_true(listener_wait_for_state(&listener, 1, 10));
}

static void turns_the_fan(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1005,\"value\":60}", 1005, 0);
	assert_int_equal(listener.state.fan_percent, 60);
	command("{\"commandType\":1005}", 1005, 1);
	start(FLAGSHIP_MODEL_E1);
	command("{\"commandType\":1005,\"value\":60}", 1005, 1);
}

static void switches_the_light_by_gcode(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	assert_non_null(strstr(listener_gcode(&listener, "M3012 S1"), "echo:M3012 S1\n"));
	assert_non_null(strstr(listener_gcode(&listener, "M3012 S0"), "echo:M3012 S0\n"));
	assert_non_null(strstr(listener_gcode(&listener, "M355 S1"), "Unknown command"));
	start(FLAGSHIP_MODEL_M5);
	assert_non_null(strstr(listener_gcode(&listener, "M3012 S1"), "Unknown command"));
}

static uint32_t executed(int32_t type)
{
	const struct tally *tally = &listener.printer.tally;

	for (uint32_t i = 0; i < tally->count; i++) {
		if (tally->entries[i].type == type) {
			return tally->entries[i].executed;
		}
	}
	return 0;
}

static void counts_what_it_does(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1006,\"value\":90}", 1006, 0);
	command("{\"commandType\":1006,\"value\":91}", 1006, 0);
	command("{\"commandType\":1006}", 1006, 1);
	(void)listener_gcode(&listener, "M105");
	assert_int_equal(listener_command(&listener, "{\"commandType\":1029}"), 0);
	assert_int_equal(executed(1006), 2);
	assert_int_equal(executed(1043), 1);
	assert_int_equal(executed(1029), 0);
	assert_int_equal(listener.printer.tally.entries[0].refused, 1);
}

static void counts_more_types_than_it_has_room_for(void **state)
{
	struct tally tally = {0};
	struct tally sum = {0};
	uint32_t total = 0;

	(void)state;
	for (int32_t type = 0; type < 2 * TALLY_TYPES; type++) {
		tally_executed(&tally, type);
	}
	tally_add(&sum, &tally);
	tally_add(&sum, &tally);
	assert_int_equal(sum.count, TALLY_TYPES);
	for (uint32_t i = 0; i < sum.count; i++) {
		total += sum.entries[i].executed;
	}
	assert_int_equal(total, 4 * TALLY_TYPES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_what_is_on_board_and_on_usb),
		cmocka_unit_test(deletes_a_file_once),
		cmocka_unit_test(keeps_the_file_that_it_prints),
		cmocka_unit_test(prints_a_file_by_message),
		cmocka_unit_test(prints_a_file_by_gcode),
		cmocka_unit_test(turns_the_fan),
		cmocka_unit_test(switches_the_light_by_gcode),
		cmocka_unit_test(counts_what_it_does),
		cmocka_unit_test(counts_more_types_than_it_has_room_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
