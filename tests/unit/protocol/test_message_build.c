/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/flagship.h>

#include <math.h>
#include <string.h>

#define OUT_SIZE 1024

#define COMMAND  FLAGSHIP_DIRECTION_COMMAND
#define NOTICE   FLAGSHIP_DIRECTION_NOTICE
#define QUERY    FLAGSHIP_DIRECTION_QUERY
#define REPLY    FLAGSHIP_DIRECTION_REPLY

static void init(struct flagship_message *message, enum flagship_message_type type)
{
	assert_int_equal(flagship_message_init(message, type), 0);
}

static void assert_builds(const struct flagship_message *message, unsigned int direction,
			  const char *expected)
{
	char out[OUT_SIZE];
	size_t length;

	assert_int_equal(flagship_message_build(message, direction, out, sizeof(out), &length), 0);
	assert_string_equal(out, expected);
	assert_int_equal(length, strlen(expected));
}

static void assert_refused(const struct flagship_message *message, unsigned int direction,
			   int error)
{
	char out[OUT_SIZE];
	size_t length = 1;

	assert_int_equal(flagship_message_build(message, direction, out, sizeof(out), &length),
			 error);
	assert_int_equal(length, 0);
}

static void builds_the_common_commands(void **state)
{
	char out[OUT_SIZE];
	size_t length;

	(void)state;
	assert_int_equal(flagship_build_query_status(out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1027,\"value\":0}");
	assert_int_equal(flagship_build_nozzle_target(22000, out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1003,\"value\":22000}");
	assert_int_equal(flagship_build_bed_target(6000, out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1004,\"value\":6000}");
	assert_int_equal(flagship_build_print_speed(250, out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1006,\"value\":250}");
	assert_int_equal(flagship_build_gcode("M105", out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1043,\"cmdData\":\"M105\",\"cmdLen\":4}");
	assert_int_equal(flagship_build_gcode("M117 \"été\"", out, sizeof(out), &length), 0);
	assert_string_equal(
		out, "{\"commandType\":1043,\"cmdData\":\"M117 \\\"été\\\"\",\"cmdLen\":12}");
	assert_int_equal(flagship_build_device_name("船 😀 \"x\"", out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1034,\"devName\":\"船 😀 \\\"x\\\"\"}");
	/* Every field each time, as the vendor's app does (protocol.md 3.2). */
	assert_int_equal(
		flagship_build_print_control(4, "", "u1", "owner", out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1008,\"value\":4,\"printMode\":1,"
				 "\"userName\":\"owner\",\"filePath\":\"\",\"userId\":\"u1\"}");
	assert_int_equal(flagship_build_print_control(1, "/m/a.gcode", "u1", "owner", out,
						      sizeof(out), &length),
			 0);
	assert_string_equal(
		out, "{\"commandType\":1008,\"value\":1,\"printMode\":1,"
		     "\"userName\":\"owner\",\"filePath\":\"/m/a.gcode\",\"userId\":\"u1\"}");
	assert_int_equal(
		flagship_build_print_control_observed(0, NULL, NULL, out, sizeof(out), &length), 0);
	assert_string_equal(out, "{\"commandType\":1008,\"value\":0}");
	assert_int_equal(flagship_build_print_control_observed(1, "owner", "a.gcode", out,
							       sizeof(out), &length),
			 0);
	assert_string_equal(out, "{\"commandType\":1008,\"value\":1,\"userName\":\"owner\","
				 "\"filePath\":\"a.gcode\"}");
	assert_int_equal(length, strlen(out));
}

static void refuses_gcode_that_is_not_one_command(void **state)
{
	char out[OUT_SIZE];
	size_t length;

	(void)state;
	assert_int_equal(flagship_build_gcode("", out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_build_gcode("G28\nG1 Z0", out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_build_gcode("G28\r", out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
}

static void refuses_what_is_out_of_range(void **state)
{
	static const int64_t nozzle[] = {-1, 31001, INT64_MIN, INT64_MAX};
	char out[OUT_SIZE];
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(nozzle) / sizeof(nozzle[0]); i++) {
		assert_int_equal(flagship_build_nozzle_target(nozzle[i], out, sizeof(out), &length),
				 FLAGSHIP_ERROR_RANGE);
	}
	assert_int_equal(flagship_build_nozzle_target(31000, out, sizeof(out), &length), 0);
	assert_int_equal(flagship_build_nozzle_target(0, out, sizeof(out), &length), 0);
	assert_int_equal(flagship_build_bed_target(11501, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_RANGE);
	assert_int_equal(flagship_build_print_speed(0, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_RANGE);
	assert_int_equal(flagship_build_print_control(5, "", "u", "n", out, sizeof(out), &length),
			 FLAGSHIP_ERROR_RANGE);
}

static void a_command_needs_its_fields(void **state)
{
	struct flagship_message message;

	(void)state;
	init(&message, FLAGSHIP_MESSAGE_DEVICE_NAME_SET);
	assert_refused(&message, COMMAND, FLAGSHIP_ERROR_MISSING_FIELD);
	init(&message, FLAGSHIP_MESSAGE_NOZZLE_TEMP);
	assert_refused(&message, COMMAND, FLAGSHIP_ERROR_MISSING_FIELD);
	assert_builds(&message, NOTICE, "{\"commandType\":1003}");
	init(&message, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	assert_refused(&message, COMMAND, FLAGSHIP_ERROR_MISSING_FIELD);
	message.has_reply = true;
	assert_builds(&message, REPLY, "{\"commandType\":1043,\"reply\":0}");
}

static void a_field_goes_only_its_way(void **state)
{
	struct flagship_message message;

	(void)state;
	init(&message, FLAGSHIP_MESSAGE_NOZZLE_TEMP);
	message.as.nozzle_temp.present = FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C;
	message.as.nozzle_temp.value_centi_c = 100;
	assert_refused(&message, NOTICE, FLAGSHIP_ERROR_DIRECTION);
	assert_refused(&message, QUERY, FLAGSHIP_ERROR_DIRECTION);
	assert_builds(&message, COMMAND, "{\"commandType\":1003,\"value\":100}");
}

static void builds_every_kind_of_field(void **state)
{
	struct flagship_message message;
	struct flagship_print_schedule *job = &message.as.print_schedule;
	static const char types[] = "[\"PLA\",\"PETG\"]";

	(void)state;
	init(&message, FLAGSHIP_MESSAGE_PRINT_SCHEDULE);
	job->present = FLAGSHIP_PRINT_SCHEDULE_HAS_NAME |
		       FLAGSHIP_PRINT_SCHEDULE_HAS_FILAMENT_ESTIMATED |
		       FLAGSHIP_PRINT_SCHEDULE_HAS_PROGRESS_CENTI_PERCENT;
	job->name = (struct flagship_text){"\\u00e9\\n", 8, true};
	job->filament_estimated = 12.5;
	job->progress_centi_percent = -1;
	assert_builds(&message, NOTICE,
		      "{\"commandType\":1001,\"progress\":-1,\"filamentUsed\":12.5,"
		      "\"name\":\"é\\n\"}");
	job->filament_estimated = INFINITY;
	assert_refused(&message, NOTICE, FLAGSHIP_ERROR_RANGE);

	init(&message, FLAGSHIP_MESSAGE_FILAMENT);
	message.as.filament.present = FLAGSHIP_FILAMENT_HAS_TYPES;
	message.as.filament.types = (struct flagship_json){types, sizeof(types) - 1};
	assert_builds(&message, NOTICE,
		      "{\"commandType\":1098,\"filamentType\":[\"PLA\",\"PETG\"]}");
	message.as.filament.types.length--;
	assert_refused(&message, NOTICE, FLAGSHIP_ERROR_ARGUMENT);
	message.as.filament.types = (struct flagship_json){"[]}", 3};
	assert_refused(&message, NOTICE, FLAGSHIP_ERROR_ARGUMENT);
}

static void refuses_types_it_does_not_know(void **state)
{
	struct flagship_message message;

	(void)state;
	assert_int_equal(flagship_message_init(&message, (enum flagship_message_type)4711),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_refused(&message, COMMAND, FLAGSHIP_ERROR_ARGUMENT);
}

static void refuses_a_buffer_that_is_too_small(void **state)
{
	static const char expected[] = "{\"commandType\":1027,\"value\":0}";
	char out[sizeof(expected)];
	size_t length;

	(void)state;
	assert_int_equal(flagship_build_query_status(out, sizeof(out), &length), 0);
	assert_int_equal(flagship_build_query_status(out, sizeof(out) - 1, &length),
			 FLAGSHIP_ERROR_BUFFER);
}

/* Each command of the specification, with every field at the ends of its range, reads back. */
static void every_command_reads_back(void **state)
{
	size_t type_count;
	const struct flagship_message_info *infos = flagship_message_infos(&type_count);
	size_t built = 0;

	(void)state;
	for (size_t i = 0; i < type_count; i++) {
		struct flagship_message message;
		struct flagship_message back;
		unsigned int direction = infos[i].directions & (COMMAND | QUERY);
		char out[OUT_SIZE];
		size_t length;
		size_t count;
		if (!direction) {
			continue;
		}
		init(&message, (enum flagship_message_type)infos[i].id);
		for (uint32_t f = 0; f < infos[i].field_count; f++) {
			const struct flagship_field_info *field = &infos[i].fields[f];
			void *place = (char *)&message.as + field->offset;
			if (!(field->directions & direction)) {
				continue;
			}
			message.as.present |= UINT32_C(1) << f;
			if (field->kind == FLAGSHIP_FIELD_TEXT) {
				*(struct flagship_text *)place = flagship_text_from("船\"\\\n");
			} else {
				assert_int_equal(field->kind, FLAGSHIP_FIELD_INT);
				*(int64_t *)place = field->maximum;
			}
		}
		assert_int_equal(
			flagship_message_build(&message, direction, out, sizeof(out), &length), 0);
		assert_int_equal(flagship_payload_read(out, length, &back, 1, &count), 0);
		assert_true(back.type == infos[i].id);
		assert_int_equal(back.as.present, message.as.present);
		assert_int_equal(back.refused, 0);
		built++;
	}
	assert_true(built >= 30);
}

struct name_case {
	const char *name;
	int64_t id;
};

static void finds_types_by_name(void **state)
{
	static const struct name_case cases[] = {
		{"nozzle_temp", 1003},
		{"NOZZLE_TEMP", 1003},
		{"ZZ_MQTT_CMD_NOZZLE_TEMP", 1003},
		{"zz_mqtt_cmd_gcode_command", 1043},
		{"job_summary", 1068},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct flagship_message_info *info = flagship_message_info_by_name(
			cases[i].name);
		assert_non_null(info);
		assert_true(info->id == cases[i].id);
	}
	assert_null(flagship_message_info_by_name("nozzl"));
	assert_null(flagship_message_info_by_name(""));
	assert_null(flagship_message_info_by_name("ZZ_MQTT_CMD_"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_common_commands),
		cmocka_unit_test(refuses_gcode_that_is_not_one_command),
		cmocka_unit_test(refuses_what_is_out_of_range),
		cmocka_unit_test(a_command_needs_its_fields),
		cmocka_unit_test(a_field_goes_only_its_way),
		cmocka_unit_test(builds_every_kind_of_field),
		cmocka_unit_test(refuses_types_it_does_not_know),
		cmocka_unit_test(refuses_a_buffer_that_is_too_small),
		cmocka_unit_test(every_command_reads_back),
		cmocka_unit_test(finds_types_by_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("message_build", tests, NULL, NULL);
}
