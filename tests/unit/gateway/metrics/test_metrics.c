/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1000

/* What the sink gets, as a string. */
static char *written(const struct metrics_input *input, enum metrics_format format)
{
	struct metrics_buffer buffer = {0};

	assert_int_equal(metrics_write(input, format, metrics_buffer_add, &buffer), 0);
	assert_int_equal(metrics_buffer_add(&buffer, "", 1), 0);
	return buffer.data;
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);
	const char *end = text + strlen(text);

	for (const char *at = text; at < end; at = memchr(at, '\n', (size_t)(end - at)) + 1) {
		if ((size_t)(end - at) > length && memcmp(at, line, length) == 0 &&
		    at[length] == '\n') {
			return true;
		}
	}
	return false;
}

static size_t lines_with(const char *text, const char *part)
{
	size_t length = strlen(part);
	const char *end = text + strlen(text);
	size_t count = 0;

	for (const char *at = text; (at = memmem(at, (size_t)(end - at), part, length)) != NULL;
	     at += length) {
		count++;
	}
	return count;
}

static void check_lines(const char *text, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!has_line(text, lines[i])) {
			fail_msg("missing: %s\nin:\n%s", lines[i], text);
		}
	}
}

#define CHECK_LINES(text, lines) check_lines(text, lines, sizeof(lines) / sizeof((lines)[0]))

#define FULL                     "serial=\"SN000000\",name=\"Workshop\""
#define INK                      "serial=\"SN000001\",name=\"Ink\""

static void writes_all_that_a_printer_reports(void **state)
{
	static const char *const lines[] = {
		"flagship_printer_info{" FULL ",model=\"M5\",account=\"a\\\"@example.org\"} 1",
		"flagship_printer_online{" FULL "} 1",
		"flagship_printer_last_seen_timestamp_seconds{" FULL "} 1779999999.5",
		"flagship_printer_state{" FULL ",state=\"printing\"} 1",
		"flagship_printer_state{" FULL ",state=\"idle\"} 0",
		"flagship_printer_nozzle_temperature_celsius{" FULL "} 219.87",
		"flagship_printer_nozzle_target_temperature_celsius{" FULL "} 220",
		"flagship_printer_bed_temperature_celsius{" FULL "} 60",
		"flagship_printer_bed_target_temperature_celsius{" FULL "} 60.5",
		"flagship_printer_temperatures_received_timestamp_seconds{" FULL "} 1779999997.5",
		"flagship_printer_fan_ratio{" FULL "} 0.75",
		"flagship_printer_speed_meters_per_second{" FULL "} 0.1875",
		"flagship_printer_speed_setting_meters_per_second{" FULL "} 0.25",
		"flagship_printer_z_offset_meters{" FULL "} -0.00013",
		"flagship_printer_bed_levelled{" FULL "} 1",
		"flagship_printer_job_info{" FULL ",job_name=\"benchy \\\"2\\\".gcode\"} 1",
		"flagship_printer_job_progress_ratio{" FULL "} 0.3427",
		"flagship_printer_job_elapsed_seconds{" FULL "} 600",
		"flagship_printer_job_remaining_seconds{" FULL "} 1200",
		"flagship_printer_job_remaining_estimated{" FULL "} 1",
		"flagship_printer_job_finish_timestamp_seconds{" FULL "} 1780001190",
		"flagship_printer_job_layer{" FULL "} 12",
		"flagship_printer_job_layers{" FULL "} 240",
		"flagship_printer_job_filament_used_meters{" FULL "} 1.2345",
		"flagship_printer_job_filament_estimated_meters{" FULL "} 3.60225",
		"flagship_printer_error{" FULL "} 1",
		"flagship_printer_error_code_info{" FULL
		",code=\"0xFF01030001\",severity=\"serious\"} 1",
		"flagship_printer_alert{" FULL "} 1",
		"flagship_printer_filament_out{" FULL "} 1",
		"flagship_printer_malformed_messages_total{" FULL "} 2",
	};
	struct scene scene;

	(void)state;
	scene_init(&scene, SCENE_KINDS);
	char *text = written(&scene.input, METRICS_TEXT);
	CHECK_LINES(text, lines);
	free(text);
	scene_finish(&scene);
}

static void writes_ink_and_bounds_error_codes(void **state)
{
	static const char *const lines[] = {
		"flagship_printer_ink_ratio{" INK ",ink=\"cyan\"} 0.1",
		"flagship_printer_ink_ratio{" INK ",ink=\"gloss\"} 0.6",
		"flagship_printer_ink_expiry_seconds{" INK ",ink=\"cyan\"} 2592000",
		"flagship_printer_ink_expiry_seconds{" INK ",ink=\"gloss\"} -864000",
		"flagship_printer_waste_ink_room_ratio{" INK "} 0.825",
		"flagship_printer_error_code_info{" INK ",code=\"other\",severity=\"unknown\"} 1",
	};
	struct scene scene;

	(void)state;
	scene_init(&scene, SCENE_KINDS);
	char *text = written(&scene.input, METRICS_TEXT);
	CHECK_LINES(text, lines);
	assert_null(strstr(text, "DEADBEEF"));
	assert_null(strstr(text, "celsius{serial=\"SN000001\""));
	assert_null(strstr(text, "filament_out{serial=\"SN000001\""));
	free(text);
	scene_finish(&scene);
}

static void writes_mass_where_the_unit_is_one(void **state)
{
	static const struct {
		const char *unit;
		const char *line;
	} cases[] = {
		{"g", "flagship_printer_job_filament_used_grams{" FULL "} 12.5"},
		{"m", "flagship_printer_job_filament_used_meters{" FULL "} 12.5"},
		{"mm", "flagship_printer_job_filament_used_meters{" FULL "} 0.0125"},
	};
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	scene.states[0].job.filament_used = 12.5;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(scene.states[0].job.filament_unit, cases[i].unit);
		char *text = written(&scene.input, METRICS_TEXT);
		assert_true(has_line(text, cases[i].line));
		assert_int_equal(lines_with(text, "\nflagship_printer_job_filament_used"), 1);
		free(text);
	}
	strcpy(scene.states[0].job.filament_unit, "ells");
	char *text = written(&scene.input, METRICS_TEXT);
	assert_int_equal(lines_with(text, "\nflagship_printer_job_filament_used"), 0);
	free(text);
	scene_finish(&scene);
}

static void leaves_out_what_is_not_known(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, SCENE_KINDS);
	char *text = written(&scene.input, METRICS_TEXT);
	/* Offline: info, online, last seen, malformed. Never heard of: all but last seen. */
	assert_int_equal(lines_with(text, "serial=\"SN000002\""), 4);
	assert_int_equal(lines_with(text, "serial=\"SN000003\""), 3);
	assert_true(has_line(text, "flagship_printer_info{serial=\"SN000003\",name=\"New\"} 1"));
	assert_true(
		has_line(text, "flagship_printer_online{serial=\"SN000002\",name=\"Attic\"} 0"));
	/* Online, and nothing was told but that it is: error, alert and filament_out are 0 then. */
	assert_int_equal(lines_with(text, "serial=\"SN000004\""), 7);
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "NaN"));
	assert_null(strstr(text, "-9223372036854775808"));
	assert_null(strstr(text, "\nflagship_history_dropped_total "));
	free(text);
	scene_finish(&scene);
}

static void leaves_out_numbers_that_are_none(void **state)
{
	static const double values[] = {(double)NAN, (double)INFINITY, 1e300, -1e300};
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		scene.states[0].job.speed_mm_s = values[i];
		char *text = written(&scene.input, METRICS_TEXT);
		assert_null(strstr(text, "flagship_printer_speed_meters_per_second{"));
		free(text);
	}
	scene.input.now.unix_ms = PRINTER_NEVER;
	char *text = written(&scene.input, METRICS_TEXT);
	assert_null(strstr(text, "timestamp_seconds{"));
	free(text);
	scene_finish(&scene);
}

static void escapes_labels(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, SCENE_KINDS);
	char *text = written(&scene.input, METRICS_OPENMETRICS);
	assert_true(has_line(text, "flagship_printer_online{serial=\"SN000004\",name=\""
				   "a\\\"b\\\\c\\nd\xef\xbf\xbd\xc3\xbc}\"} 1"));
	free(text);
	scene_finish(&scene);
}

/* The longest of everything, all of it escaped or no UTF-8: no line is cut, nothing overflows. */
static void holds_the_longest_labels(void **state)
{
	char longest[TEXT_BUFFER_MAX + 100];
	struct scene scene;

	(void)state;
	memset(longest, '\xff', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	scene_init(&scene, MANY);
	for (size_t i = 0; i < MANY; i++) {
		scene.printers[i].serial = longest;
		scene.printers[i].name = longest;
		scene.printers[i].account = longest;
		memset(scene.states[i].job.name, '\n', PRINTER_TEXT_MAX - 1);
	}
	char *text = written(&scene.input, METRICS_OPENMETRICS);
	assert_int_equal(lines_with(text, "\nflagship_printer_info{"), MANY);
	assert_int_equal(lines_with(text, "\nflagship_printer_job_info{"), 3 * MANY / SCENE_KINDS);
	free(text);
	scene_finish(&scene);
}

static void bounds_the_series_of_a_printer(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 2);
	char *text = written(&scene.input, METRICS_TEXT);
	assert_int_equal(lines_with(text, "{" FULL), METRICS_PRINTER_SERIES_MAX);
	assert_in_range(lines_with(text, "{" INK), 30, METRICS_PRINTER_SERIES_MAX);
	free(text);
	scene_finish(&scene);
}

static void differs_in_form(void **state)
{
	static const char *const text_lines[] = {
		"# TYPE flagship_commands_total counter",
		"# TYPE flagship_printer_info gauge",
		"flagship_commands_total{outcome=\"confirmed\"} 3",
		"process_cpu_seconds_total 1.234",
		"flagship_uptime_seconds 61.5",
		"flagship_build_info{version=\"1.2.3\"} 1",
		"flagship_connections{client=\"websocket\"} 2",
		"process_resident_memory_bytes 4096",
	};
	static const char *const open_lines[] = {
		"# TYPE flagship_commands counter",
		"# TYPE flagship_printer info",
		"# UNIT process_cpu_seconds seconds",
		"# UNIT flagship_printer_bed_temperature_celsius celsius",
		"flagship_commands_total{outcome=\"confirmed\"} 3",
		"# EOF",
	};
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	char *text = written(&scene.input, METRICS_TEXT);
	CHECK_LINES(text, text_lines);
	assert_null(strstr(text, "# UNIT"));
	assert_null(strstr(text, "# EOF"));
	free(text);
	text = written(&scene.input, METRICS_OPENMETRICS);
	CHECK_LINES(text, open_lines);
	assert_string_equal(text + strlen(text) - strlen("# EOF\n"), "# EOF\n");
	free(text);
	scene_finish(&scene);
}

struct counting_sink {
	size_t pieces;
	size_t fails_at; /* which piece; 0: none */
	size_t largest;
};

static int count_piece(void *context, const char *data, size_t length)
{
	struct counting_sink *sink = context;

	(void)data;
	sink->pieces++;
	sink->largest = length > sink->largest ? length : sink->largest;
	return sink->pieces == sink->fails_at ? FLAGSHIP_ERROR_BUFFER : 0;
}

static void comes_in_bounded_pieces_and_ends_with_an_error(void **state)
{
	struct counting_sink sink = {0};
	struct scene scene;

	(void)state;
	scene_init(&scene, MANY);
	assert_int_equal(metrics_write(&scene.input, METRICS_TEXT, count_piece, &sink), 0);
	assert_in_range(sink.pieces, 10, 1000);
	assert_in_range(sink.largest, 1, 16384);
	sink = (struct counting_sink){.fails_at = 3};
	assert_int_equal(metrics_write(&scene.input, METRICS_TEXT, count_piece, &sink),
			 FLAGSHIP_ERROR_BUFFER);
	assert_int_equal(sink.pieces, 3);
	scene_finish(&scene);
}

static void writes_no_printers(void **state)
{
	struct metrics_input input = {.now = {SCENE_NOW_MS, SCENE_UNIX_MS}};
	char *text = written(&input, METRICS_OPENMETRICS);

	(void)state;
	assert_non_null(strstr(text, "# TYPE flagship_printer_online gauge\n"));
	assert_null(strstr(text, "# TYPE flagship_uptime_seconds"));
	free(text);
}

static void chooses_the_format(void **state)
{
	static const struct {
		const char *accept;
		enum metrics_format format;
	} cases[] = {
		{NULL, METRICS_TEXT},
		{"", METRICS_TEXT},
		{"*/*", METRICS_TEXT},
		{"text/html,application/xhtml+xml,*/*;q=0.8", METRICS_TEXT},
		{"application/openmetrics-text", METRICS_OPENMETRICS},
		{"Application/OpenMetrics-Text ; Version=\"1.0.0\"", METRICS_OPENMETRICS},
		/* Prometheus 2.42, and one that would have an older OpenMetrics too. */
		{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
		 "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		 METRICS_OPENMETRICS},
		{"application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5",
		 METRICS_TEXT},
		{"application/openmetrics-text;q=0.3,text/plain;q=0.4", METRICS_TEXT},
		{"application/openmetrics-text;q=0.4,text/plain;q=0.3", METRICS_OPENMETRICS},
		{"application/openmetrics-text;q=0", METRICS_TEXT},
		{"application/openmetrics-text;q=0,*/*", METRICS_TEXT},
		{"application/openmetrics-text;q=2", METRICS_TEXT},
		{"application/openmetrics-text;q=0.1234", METRICS_TEXT},
		{"application/openmetrics-text;q=.5", METRICS_TEXT},
		{"application/openmetrics-text;q=1.001", METRICS_TEXT},
		{"application/openmetrics-text;q=0.001", METRICS_OPENMETRICS},
		{"application/*", METRICS_OPENMETRICS},
		{"application/*, text/plain;q=0.9", METRICS_OPENMETRICS},
		{"text/*, application/openmetrics-text;q=0.9", METRICS_TEXT},
		{"application/openmetrics-text, text/plain", METRICS_TEXT},
		{"application/openmetrics-text, text/*", METRICS_OPENMETRICS},
		{"application/json", METRICS_TEXT},
		{"application/openmetrics-textual", METRICS_TEXT},
		{"application/openmetrics", METRICS_TEXT},
		{"application/openmetrics-text;x=\",\";q=0.4,text/plain;q=0.5", METRICS_TEXT},
		{"application/openmetrics-text;x=\"\\\",\";q=0.6,text/plain;q=0.5",
		 METRICS_OPENMETRICS},
		{"application/openmetrics-text;q", METRICS_OPENMETRICS},
		{"application/openmetrics-text;q=", METRICS_TEXT},
		{";,;,=,\"", METRICS_TEXT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (metrics_format_choose(cases[i].accept) != cases[i].format) {
			fail_msg("Accept: %s", cases[i].accept);
		}
	}
	assert_string_equal(metrics_content_type(METRICS_OPENMETRICS),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	assert_string_equal(metrics_content_type(METRICS_TEXT),
			    "text/plain; version=0.0.4; charset=utf-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_all_that_a_printer_reports),
		cmocka_unit_test(writes_ink_and_bounds_error_codes),
		cmocka_unit_test(writes_mass_where_the_unit_is_one),
		cmocka_unit_test(leaves_out_what_is_not_known),
		cmocka_unit_test(leaves_out_numbers_that_are_none),
		cmocka_unit_test(escapes_labels),
		cmocka_unit_test(holds_the_longest_labels),
		cmocka_unit_test(bounds_the_series_of_a_printer),
		cmocka_unit_test(differs_in_form),
		cmocka_unit_test(comes_in_bounded_pieces_and_ends_with_an_error),
		cmocka_unit_test(writes_no_printers),
		cmocka_unit_test(chooses_the_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
