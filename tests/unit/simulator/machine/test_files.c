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
#define BOARD    "/usr/data/local/model/"
#define USB      "/tmp/udisk/udisk1/"
#define VASE     "vase_0.3mm_PETG.gcode"
#define CUBE     "calibration_cube.gcode"
#define BENCHY   "flagship_benchy_0.2mm_PLA_Anker_M5.gcode"

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

/* What 1009 with these fields answers behind its acknowledgement. */
static const char *list_page(const char *fields)
{
	char json[JSON_MAX];
	size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];

	snprintf(json, sizeof(json), "{\"commandType\":1009,%s}", fields);
	assert_int_equal(listener_command(&listener, json), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before + 2);
	return listener.last[FLAGSHIP_TOPIC_COMMAND_REPLY];
}

static const char *list(int place)
{
	return list_page(place == 1 ? "\"value\":1" : "\"value\":0");
}

static void lists_what_is_on_board_and_on_usb(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	const char *answer = list(1);
	assert_non_null(strstr(answer, "{\"commandType\":1009,\"reply\":0,"
				       "\"fileLists\":[{\"name\":\"flagship_benchy_"));
	assert_non_null(strstr(answer, "\"path\":\"" BOARD VASE "\",\"timestamp\":1690000000}"));
	assert_null(strstr(answer, USB));
	answer = list(0);
	assert_non_null(strstr(answer, "\"path\":\"" USB CUBE "\""));
	assert_null(strstr(answer, BOARD));
	/* On the query topic it is not answered. */
	assert_int_equal(listener_query(&listener, "{\"commandType\":1009,\"value\":1}"), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_QUERY_REPLY], 0);
}

static void lists_page_by_page(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	const char *answer = list_page("\"value\":1,\"isFirst\":1,\"index\":1,\"num\":1,"
				       "\"userId\":\"u1\"");
	assert_non_null(strstr(answer, "benchy"));
	assert_null(strstr(answer, "vase"));
	answer = list_page("\"value\":1,\"isFirst\":0,\"index\":2,\"num\":1");
	assert_null(strstr(answer, "benchy"));
	assert_non_null(strstr(answer, "vase"));
	answer = list_page("\"value\":1,\"isFirst\":0,\"index\":3,\"num\":1");
	assert_non_null(strstr(answer, "\"fileLists\":[]"));
	answer = list_page("\"value\":1,\"isFirst\":1,\"index\":1,\"num\":47");
	assert_non_null(strstr(answer, "benchy"));
	assert_non_null(strstr(answer, "vase"));
}

static void lists_as_text(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	virtual_printer_set_habits(&listener.printer,
				   &(struct virtual_printer_habits){.lists_as_text = true});
	assert_non_null(strstr(list(1), "\"fileLists\":\"[{\\\"name\\\":\\\"flagship_clip_"));
	assert_non_null(strstr(list(1), "\\\"timestamp\\\":\\\"1690000000\\\""));
}

static void deletes_a_file_once(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C);
	command("{\"commandType\":1032,\"filePath\":\"" BOARD VASE "\"}", 1032, 0);
	assert_null(strstr(list(1), "vase"));
	command("{\"commandType\":1032,\"filePath\":\"" BOARD VASE "\"}", 1032, 1);
	command("{\"commandType\":1032,\"filePath\":\"" USB "Geh\\u00e4use Deckel.gcode\"}", 1032,
		0);
	assert_null(strstr(list(0), "Deckel"));
	command("{\"commandType\":1032,\"filePath\":\"" CUBE "\"}", 1032, 1);
	command("{\"commandType\":1032}", 1032, 1);
}

static void start_file(const char *path, int64_t reply)
{
	char json[JSON_MAX];

	snprintf(json, sizeof(json),
		 "{\"commandType\":1008,\"value\":1,\"printMode\":1,\"userName\":\"me\","
		 "\"filePath\":\"%s\",\"userId\":\"u1\"}",
		 path);
	command(json, 1008, reply);
}

/* Whether a 1044 names this path within some seconds. */
static bool is_loaded(const char *path)
{
	char notice[JSON_MAX];
	bool loaded;

	snprintf(notice, sizeof(notice),
		 "{\"commandType\":1044,\"filePath\":\"%s\",\"url\":", path);
	listener_keep_transcript(&listener);
	listener_wait_s(&listener, 3);
	loaded = strstr(listener.transcript, notice) != NULL;
	listener_finish(&listener);
	return loaded;
}

static void keeps_the_file_that_it_prints(void **state)
{
	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5, VIRTUAL_PRINTER_PRINT, 7);
	command("{\"commandType\":1032,\"filePath\":\"" BOARD BENCHY "\"}", 1032, 1);
	command("{\"commandType\":1032,\"filePath\":\"" BOARD VASE "\"}", 1032, 0);
}

static void starts_the_file_that_was_chosen(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	assert_int_equal(listener_query(&listener, "{\"commandType\":1027}"), 0);
	start_file(USB "none.gcode", 3);
	command("{\"commandType\":1010,\"type\":0,\"filePath\":\"" USB "none.gcode\"}", 1010, 1);
	command("{\"commandType\":1010,\"type\":0,\"filePath\":\"" USB CUBE "\"}", 1010, 0);
	assert_non_null(
		strstr(listener.last[FLAGSHIP_TOPIC_COMMAND_REPLY], "\"fileName\":\"" CUBE "\""));
	/* Not before it is loaded, and no other one. */
	start_file(USB CUBE, 0);
	assert_true(is_loaded(USB CUBE));
	assert_int_equal(listener.state.job.state, PRINTER_JOB_IDLE);
	assert_string_equal(listener.state.job.name, "");
	start_file(BOARD VASE, 0);
	assert_false(listener_wait_for_state(&listener, 8, 10));
	start_file(USB CUBE, 0);
	assert_true(listener_wait_for_state(&listener, 1, HOUR_S));
	assert_string_equal(listener.state.job.name, CUBE);
	start_file(USB CUBE, 4);
	command("{\"commandType\":1010,\"type\":0,\"filePath\":\"" BOARD VASE "\"}", 1010, 1);
}

static void only_tells_of_a_file(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5);
	command("{\"commandType\":1010,\"type\":1,\"filePath\":\"" BOARD VASE "\"}", 1010, 0);
	assert_false(is_loaded(BOARD VASE));
	start_file(BOARD VASE, 0);
	assert_false(listener_wait_for_state(&listener, 8, 10));
}

/* Neither fork of the firmware has them: protocol.md 3.2. */
static void knows_no_gcode_of_files(void **state)
{
	static const char *const lines[] = {"M20", "M23 " CUBE, "M24", "M25", "M524", "M32 " CUBE};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		start(i % 2 == 0 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C);
		assert_non_null(strstr(listener_gcode(&listener, lines[i]), "Unknown command"));
		assert_false(listener_wait_for_state(&listener, 8, 10));
	}
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
		cmocka_unit_test(lists_page_by_page),
		cmocka_unit_test(lists_as_text),
		cmocka_unit_test(deletes_a_file_once),
		cmocka_unit_test(keeps_the_file_that_it_prints),
		cmocka_unit_test(starts_the_file_that_was_chosen),
		cmocka_unit_test(only_tells_of_a_file),
		cmocka_unit_test(knows_no_gcode_of_files),
		cmocka_unit_test(turns_the_fan),
		cmocka_unit_test(switches_the_light_by_gcode),
		cmocka_unit_test(counts_what_it_does),
		cmocka_unit_test(counts_more_types_than_it_has_room_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
