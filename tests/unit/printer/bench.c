/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEP_MAX      2048
#define MILLISECONDS  1000.0
#define DEADLINES_MAX 1000

static void add(struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct bench *bench, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(bench->log + bench->length, sizeof(bench->log) - bench->length,
			       format, arguments);
	va_end(arguments);
	bench->length += (size_t)length;
	assert_true(bench->length < sizeof(bench->log));
}

static void log_gcode(struct bench *bench, const struct flagship_message *message)
{
	char line[STEP_MAX];

	flagship_text_copy(message->as.gcode_command.command, line, sizeof(line));
	assert_int_equal(message->as.gcode_command.command_length, strlen(line));
	add(bench, "g[%s]", line);
}

/* c1008=VALUE,USER,FILE@ID: in the vendor's form all of it is there, and printMode. */
static void log_control(struct bench *bench, const struct flagship_message *message)
{
	const struct flagship_print_control *control = &message->as.print_control;
	char text[STEP_MAX];

	add(bench, "=%" PRId64, control->value);
	if (control->present & FLAGSHIP_PRINT_CONTROL_HAS_USER_NAME) {
		flagship_text_copy(control->user_name, text, sizeof(text));
		add(bench, ",%s", text);
	}
	if (control->present & FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH) {
		flagship_text_copy(control->file_path, text, sizeof(text));
		add(bench, ",%s", text);
	}
	if (control->present & FLAGSHIP_PRINT_CONTROL_HAS_USER_ID) {
		flagship_text_copy(control->user_id, text, sizeof(text));
		add(bench, "@%s", text);
		assert_true(control->present & FLAGSHIP_PRINT_CONTROL_HAS_PRINT_MODE);
		assert_int_equal(control->print_mode, 1);
	} else {
		assert_false(control->present & FLAGSHIP_PRINT_CONTROL_HAS_PRINT_MODE);
	}
}

static void log_command(struct bench *bench, const struct flagship_message *message)
{
	char text[STEP_MAX];

	add(bench, "c%" PRId64, message->type);
	switch (message->type) {
	case FLAGSHIP_MESSAGE_PRINT_CONTROL:
		log_control(bench, message);
		break;
	case FLAGSHIP_MESSAGE_FILE_LIST_REQUEST:
		add(bench, "=%" PRId64 "/%" PRId64, message->as.file_list_request.value,
		    message->as.file_list_request.index);
		assert_int_equal(message->as.file_list_request.is_first,
				 message->as.file_list_request.index == 1);
		assert_int_equal(message->as.file_list_request.count, 47);
		assert_true(message->as.present & FLAGSHIP_FILE_LIST_REQUEST_HAS_USER_ID);
		break;
	case FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST:
		flagship_text_copy(message->as.gcode_file_request.file_path, text, sizeof(text));
		add(bench, "=%s", text);
		assert_int_equal(message->as.gcode_file_request.file_type, 0);
		assert_true(message->as.present & FLAGSHIP_GCODE_FILE_REQUEST_HAS_USER_ID);
		break;
	case FLAGSHIP_MESSAGE_DELETE_GCODE_FILE:
		flagship_text_copy(message->as.delete_gcode_file.file_path, text, sizeof(text));
		add(bench, "=%s", text);
		break;
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
		add(bench, "=%" PRId64, message->as.nozzle_temp.value_centi_c);
		break;
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
		add(bench, "=%" PRId64, message->as.hotbed_temp.value_centi_c);
		break;
	case FLAGSHIP_MESSAGE_PRINT_SPEED:
		add(bench, "=%" PRId64, message->as.print_speed.speed_mm_s);
		break;
	case FLAGSHIP_MESSAGE_MOVE_ZERO:
		add(bench, "=%" PRId64, message->as.move_zero.value);
		break;
	default:
		break;
	}
}

static bool take_sent(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct bench *bench = context;
	struct flagship_message message;
	size_t count;

	if (bench->send_fails) {
		return false;
	}
	assert_int_equal(flagship_payload_read(json, length, &message, 1, &count), 0);
	assert_int_equal(count, 1);
	add(bench, "%s%.15g:", bench->length > 0 ? " " : "", (double)bench->now_ms / MILLISECONDS);
	if (kind == FLAGSHIP_TOPIC_QUERY) {
		add(bench, "q%" PRId64, message.type);
	} else if (message.type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		log_gcode(bench, &message);
	} else {
		log_command(bench, &message);
	}
	return true;
}

static void take_reply(void *context, uint64_t id, const struct flagship_message *message)
{
	struct bench *bench = context;

	assert_true(id > 0 && message != NULL);
	bench->told++;
}

static void take_done(void *context, const struct command_report *report)
{
	struct bench *bench = context;
	struct bench_report *kept = &bench->reports[bench->report_count++];

	assert_true(bench->report_count <= BENCH_REPORTS_MAX);
	assert_non_null(report->detail);
	assert_non_null(report->text);
	kept->report = *report;
	kept->t_ms = bench->now_ms;
	snprintf(kept->detail, sizeof(kept->detail), "%s", report->detail);
	snprintf(kept->text, sizeof(kept->text), "%.*s", (int)report->text_length, report->text);
	kept->report.detail = kept->detail;
	kept->report.text = kept->text;
}

void bench_init(struct bench *bench, enum flagship_model model)
{
	struct command_output output = {take_sent, take_reply, take_done, bench};

	*bench = (struct bench){0};
	printer_state_init(&bench->state, "TESTSERIAL", "test", model);
	printer_profile_init(&bench->profile, model);
	bench->engine = command_engine_create(&bench->state, &bench->profile, &output);
	assert_non_null(bench->engine);
	command_set_connected(bench->engine, true, 0);
}

void bench_finish(struct bench *bench)
{
	command_engine_destroy(bench->engine);
}

uint64_t bench_submit(struct bench *bench, const struct command_request *request)
{
	uint64_t id = command_submit(bench->engine, request, bench->now_ms);

	assert_true(id != 0);
	return id;
}

void bench_wait_until(struct bench *bench, int64_t t_ms)
{
	for (size_t i = 0; i < DEADLINES_MAX; i++) {
		int64_t due_ms = command_next_deadline_ms(bench->engine);
		if (due_ms > t_ms) {
			bench->now_ms = t_ms;
			return;
		}
		assert_true(due_ms >= bench->now_ms);
		bench->now_ms = due_ms;
		command_advance(bench->engine, due_ms);
		/* What is due is done: else whoever runs the engine would spin. */
		assert_true(command_next_deadline_ms(bench->engine) > due_ms);
	}
	fail_msg("the deadlines do not end");
}

void bench_hear(struct bench *bench, enum flagship_topic_kind kind, const char *json)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;

	assert_int_equal(flagship_payload_read(json, strlen(json), messages,
					       FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count),
			 0);
	job_await_states(&bench->state.job,
			 command_awaited_states(bench->engine, kind, bench->now_ms));
	printer_state_merge(&bench->state, messages, count, bench->now_ms, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		command_receive(bench->engine, kind, &messages[i], bench->now_ms);
	}
}

static void hear_reply(struct bench *bench, const char *what)
{
	char json[2 * STEP_MAX];
	char *end;
	long type = strtol(what, &end, 10);

	if (*end == '=') {
		snprintf(json, sizeof(json), "{\"commandType\":%ld,\"reply\":%s}", type, end + 1);
	} else {
		snprintf(json, sizeof(json), "{\"commandType\":%ld}", type);
	}
	bench_hear(bench, FLAGSHIP_TOPIC_COMMAND_REPLY, json);
}

static void hear_gcode(struct bench *bench, const char *what, int type)
{
	char text[STEP_MAX] = "";
	char json[2 * STEP_MAX];
	size_t length = 0;
	size_t bytes = 0;

	for (what++; *what != ']'; what++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s",
					   *what == '|'   ? "\\n"
					   : *what == '~' ? " "
							  : (char[]){*what, '\0'});
		bytes++;
	}
	snprintf(json, sizeof(json),
		 "{\"commandType\":%d,\"reply\":0,\"resCode\":0,\"resLen\":%zu,\"resData\":\"%s\"}",
		 type, bytes, text);
	bench_hear(bench, FLAGSHIP_TOPIC_COMMAND_REPLY, json);
}

static void receive_value(struct bench *bench, enum flagship_topic_kind kind, const char *what)
{
	char json[2 * STEP_MAX];
	char *end;
	long type = strtol(what, &end, 10);

	snprintf(json, sizeof(json), "{\"commandType\":%ld,\"value\":%s}", type, end + 1);
	bench_hear(bench, kind, json);
}

static void hear_notice(struct bench *bench, const char *format, const char *what)
{
	char json[2 * STEP_MAX];

	/* The formats are those of this file. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(json, sizeof(json), format, what);
#pragma GCC diagnostic pop
	bench_hear(bench, FLAGSHIP_TOPIC_NOTICE, json);
}

static void receive_target(struct bench *bench, int type, const char *what)
{
	char json[2 * STEP_MAX];

	snprintf(json, sizeof(json), "{\"commandType\":%d,\"currentTemp\":2000%s%s}", type,
		 *what != '\0' ? ",\"targetTemp\":" : "", what);
	bench_hear(bench, FLAGSHIP_TOPIC_NOTICE, json);
}

/* J[JSON] and N[JSON]; ~ is a space. */
static void hear_json(struct bench *bench, const char *what)
{
	char json[STEP_MAX];
	size_t length = strlen(what) - 3;

	snprintf(json, sizeof(json), "%.*s", (int)length, what + 2);
	for (char *c = json; *c != '\0'; c++) {
		*c = *c == '~' ? ' ' : *c;
	}
	bench_hear(bench, *what == 'J' ? FLAGSHIP_TOPIC_COMMAND_REPLY : FLAGSHIP_TOPIC_NOTICE,
		   json);
}

static void connect(struct bench *bench, bool connected)
{
	if (!connected) {
		printer_state_connection_lost(&bench->state);
	}
	command_set_connected(bench->engine, connected, bench->now_ms);
}

void bench_do(struct bench *bench, const char *what)
{
	char name[STEP_MAX];

	if (strcmp(what, "lost") == 0 || strcmp(what, "back") == 0) {
		connect(bench, *what == 'b');
	} else if (strcmp(what, "cancel") == 0) {
		command_cancel(bench->engine, 1, bench->now_ms);
	} else if (strcmp(what, "h") == 0) {
		bench_hear(bench, FLAGSHIP_TOPIC_NOTICE,
			   "{\"commandType\":1003,\"currentTemp\":22000}");
	} else if (*what == 'r') {
		hear_reply(bench, what + 1);
	} else if (*what == 'G' || *what == 'O') {
		hear_gcode(bench, what + 1, *what == 'G' ? 1043 : 1044);
	} else if (*what == 's') {
		hear_notice(bench, "{\"commandType\":1000,\"subType\":1,\"value\":%s}", what + 1);
	} else if (*what == 'v') {
		receive_value(bench, FLAGSHIP_TOPIC_NOTICE, what + 1);
	} else if (*what == 'f') {
		receive_value(bench, FLAGSHIP_TOPIC_QUERY_REPLY, what + 1);
	} else if (*what == 't') {
		receive_target(bench, FLAGSHIP_MESSAGE_NOZZLE_TEMP, what + 1);
	} else if (*what == 'b') {
		receive_target(bench, FLAGSHIP_MESSAGE_HOTBED_TEMP, what + 1);
	} else if (*what == 'J' || *what == 'N') {
		hear_json(bench, what);
	} else if (*what == 'n') {
		snprintf(name, sizeof(name), "%.*s", (int)strlen(what) - 3, what + 2);
		hear_notice(bench, "{\"commandType\":1001,\"name\":\"%s\"}", name);
	} else {
		fail_msg("no such step: %s", what);
	}
}

void bench_run(struct bench *bench, const char *steps)
{
	char copy[STEP_MAX];
	char *rest = copy;
	char *step;

	assert_true(strlen(steps) < sizeof(copy));
	memcpy(copy, steps, strlen(steps) + 1);
	while ((step = strtok_r(rest, " ", &rest)) != NULL) {
		char *what;
		double seconds = strtod(step, &what);
		bench_wait_until(bench, (int64_t)(seconds * MILLISECONDS));
		what++;
		if (strchr("GOnJN", *what) != NULL) {
			bench_do(bench, what);
			continue;
		}
		for (char *part; (part = strtok_r(what, "+", &what)) != NULL;) {
			bench_do(bench, part);
		}
	}
}
