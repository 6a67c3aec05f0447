/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/history/export.h"

#include <string.h>

static struct history_job make_job(void)
{
	return (struct history_job){
		.id = 7,
		.outcome = HISTORY_FAILED,
		.begun_ms = INT64_C(1795910400000),
		.started_ms = PRINTER_NEVER,
		.ended_ms = INT64_C(1795910461001),
		.duration_ms = 61001,
		.elapsed_s = PRINTER_NEVER,
		.progress_centi_percent = 4050,
		.layer = PRINTER_NEVER,
		.layers = 3,
		.thumbnail = PRINTER_NEVER,
		.filament_used_milli = 1500,
		.filament_estimated_milli = PRINTER_NEVER,
		.filament_unit = "mm",
		.serial = "SN1",
		.printer_name = "=cmd|' /C calc'!A0",
		.file = "a \"b\", c.gcode",
		.reason = "ran\nout",
	};
}

static void lines_are_rfc_4180(void **state)
{
	const struct history_job job = make_job();
	char line[EXPORT_LINE_MAX];

	(void)state;
	size_t length = export_job_line(&job, line);
	assert_int_equal(length, strlen(line));
	assert_string_equal(line, "7,SN1,'=cmd|' /C calc'!A0,\"a \"\"b\"\", c.gcode\",,,,failed,"
				  "\"ran\nout\",false,2026-11-29T00:00:00.000Z,,"
				  "2026-11-29T00:01:01.001Z,61.001,,40.5,,3,1.5,,mm,\r\n");
}

static void the_longest_line_has_room(void **state)
{
	struct history_entry entry = {.type = HISTORY_COMMAND};
	char line[EXPORT_LINE_MAX];

	(void)state;
	memset(entry.text, '"', sizeof(entry.text) - 1);
	memset(entry.value, '"', sizeof(entry.value) - 1);
	memset(entry.asker, '"', sizeof(entry.asker) - 1);
	memset(entry.printer_name, '"', sizeof(entry.printer_name) - 1);
	size_t length = export_entry_line(&entry, line);
	assert_true(length < EXPORT_LINE_MAX && strcmp(line + length - 2, "\r\n") == 0);
	assert_non_null(strstr(line, ",false,"));
}

static void objects_say_null(void **state)
{
	const struct history_job job = make_job();
	char text[EXPORT_LINE_MAX];
	struct json_writer writer;
	size_t length;

	(void)state;
	json_writer_init(&writer, text, sizeof(text));
	export_job(&writer, &job);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_non_null(strstr(text, "\"started_at\":null"));
	assert_non_null(strstr(text, "\"duration_s\":61.001,\"elapsed_s\":null"));
	assert_non_null(strstr(text, "\"outcome\":\"failed\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_rfc_4180),
		cmocka_unit_test(the_longest_line_has_room),
		cmocka_unit_test(objects_say_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
