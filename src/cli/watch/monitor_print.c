/* SPDX-License-Identifier: MIT */
#include "cli/watch/monitor_print.h"

#include "cli/codec/message_view.h"
#include "cli/output/json_line.h"
#include "cli/output/time_text.h"

#include <inttypes.h>
#include <string.h>

#define MONITOR_NAME_WIDTH 16
#define MONITOR_NAME_MAX   32
#define MONITOR_NUMBER_MAX 64
#define MONITOR_TEXT_MAX   1024
#define MONITOR_MS_DIGITS  3

/* What one line of JSON is made of. */
struct monitor_line {
	const struct monitor_print *print;
	enum flagship_topic_kind topic;
	const struct flagship_message *message;
	int64_t now_ms;
	const struct message_view_field *fields;
	size_t count;
};

static const char *monitor_topic_name(enum flagship_topic_kind topic)
{
	switch (topic) {
	case FLAGSHIP_TOPIC_NOTICE:
		return "notice";
	case FLAGSHIP_TOPIC_COMMAND_REPLY:
		return "command_reply";
	case FLAGSHIP_TOPIC_QUERY_REPLY:
		return "query_reply";
	default:
		return "change_notice";
	}
}

static void monitor_write(const void *context, struct json_writer *writer)
{
	const struct monitor_line *line = context;
	const struct flagship_message *message = line->message;
	char time[TIME_TEXT_MAX];

	json_object_begin(writer);
	json_key(writer, "t");
	json_scaled(writer, line->now_ms, MONITOR_MS_DIGITS);
	json_key(writer, "heard_at");
	json_string(writer, time_text_write(line->now_ms, time));
	json_key(writer, "serial");
	json_string(writer, line->print->target->serial);
	json_key(writer, "printer_name");
	json_string(writer, line->print->target->name);
	json_key(writer, "topic");
	json_string(writer, monitor_topic_name(line->topic));
	json_key(writer, "type");
	if (message->type == FLAGSHIP_MESSAGE_UNTYPED) {
		json_null(writer);
	} else {
		json_int(writer, message->type);
	}
	json_key(writer, "name");
	json_string(writer, message_view_name(message));
	for (size_t i = 0; i < line->count; i++) {
		json_key(writer, line->fields[i].name);
		message_view_write_value(&line->fields[i], writer);
	}
	/* What nobody knows yet is not lost. */
	if (line->print->raw || !message_view_is_whole(message)) {
		json_key(writer, "raw");
		json_raw(writer, message->json.data, message->json.length);
	}
	json_object_end(writer);
}

static void monitor_print_text(const struct output *output, struct flagship_text text)
{
	char copy[MONITOR_TEXT_MAX];
	bool cut = flagship_text_copy(text, copy, sizeof(copy)) >= sizeof(copy);

	output_text(output, OUTPUT_BOLD, copy, strlen(copy), false);
	if (cut) {
		output_print(output, OUTPUT_DIM, "...");
	}
}

static void monitor_print_number(const struct output *output,
				 const struct message_view_field *field)
{
	char number[MONITOR_NUMBER_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, number, sizeof(number));
	message_view_write_value(field, &writer);
	json_writer_finish(&writer, &length);
	output_print(output, OUTPUT_BOLD, "%s%s", number, field->unit);
}

static void monitor_print_field(const struct output *output, const struct message_view_field *field)
{
	if (field->kind == MESSAGE_VIEW_TEXT && field->text.length == 0) {
		return;
	}
	output_print(output, OUTPUT_PLAIN, "  %s ", field->label);
	switch (field->kind) {
	case MESSAGE_VIEW_SCALED:
	case MESSAGE_VIEW_REAL:
		monitor_print_number(output, field);
		break;
	case MESSAGE_VIEW_BOOL:
		output_print(output, OUTPUT_BOLD, "%s", field->number != 0 ? "yes" : "no");
		break;
	case MESSAGE_VIEW_WORD:
		output_print(output, OUTPUT_GREEN, "%s", field->word);
		break;
	case MESSAGE_VIEW_TEXT:
		monitor_print_text(output, field->text);
		break;
	case MESSAGE_VIEW_JSON:
		output_json(output, OUTPUT_DIM, field->json);
		break;
	}
}

static void monitor_print_name(const struct monitor_print *print)
{
	const char *name = print->target->name != NULL ? print->target->name
						       : print->target->serial;
	int pad = print->name_width - (int)output_width(name, strlen(name));

	output_print(&print->output, OUTPUT_PLAIN, "  ");
	output_text(&print->output, OUTPUT_PLAIN, name, strlen(name), false);
	output_print(&print->output, OUTPUT_PLAIN, "%*s", (pad > 0 ? pad : 0) + 2, "");
}

static void monitor_print_line(const struct monitor_line *line)
{
	const struct output *output = &line->print->output;
	const struct flagship_message *message = line->message;
	const char *name = message_view_name(message);
	char number[MONITOR_NAME_MAX];
	char clock[OUTPUT_TIME_MAX];

	if (message->type == FLAGSHIP_MESSAGE_UNTYPED) {
		snprintf(number, sizeof(number), "untyped");
	} else {
		snprintf(number, sizeof(number), "%" PRId64, message->type);
	}
	output_print(output, OUTPUT_DIM, "%s", output_clock(line->now_ms, clock));
	monitor_print_name(line->print);
	output_print(output, OUTPUT_CYAN, "%-*s", MONITOR_NAME_WIDTH, name != NULL ? name : number);
	for (size_t i = 0; i < line->count; i++) {
		monitor_print_field(output, &line->fields[i]);
	}
	if (line->count == 0) {
		fputs("  ", output->stream);
		output_json(output, OUTPUT_DIM, message->json);
	}
	fputc('\n', output->stream);
}

void monitor_print_message(const struct monitor_print *print, enum flagship_topic_kind topic,
			   const struct flagship_message *message, int64_t now_ms)
{
	struct message_view_field fields[MESSAGE_VIEW_FIELDS_MAX];
	struct monitor_line line = {
		.print = print,
		.topic = topic,
		.message = message,
		.now_ms = now_ms,
		.fields = fields,
		.count = message_view_read(message, print->model, fields),
	};

	if (print->json) {
		json_line_print(monitor_write, &line, print->output.stream);
	} else if (print->raw) {
		output_json(&print->output, OUTPUT_PLAIN, message->json);
		fputc('\n', print->output.stream);
	} else {
		monitor_print_line(&line);
	}
	fflush(print->output.stream);
}
