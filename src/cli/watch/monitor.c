/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/codec/message_view.h"
#include "cli/codec/record.h"
#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/live.h"
#include "cli/target/targets.h"
#include "cli/watch/event_line.h"

#include <flagship/flagship.h>
#include <flagship/message.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How `flagship monitor` shows messages, one line each. */
struct monitor_print {
	struct output output;
	const struct target *target;
	int name_width; /* columns of the names */
	enum flagship_model model;
	bool json;
	bool raw;
};

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
	return topic == FLAGSHIP_TOPIC_NOTICE          ? "notice"
	       : topic == FLAGSHIP_TOPIC_COMMAND_REPLY ? "command_reply"
	       : topic == FLAGSHIP_TOPIC_QUERY_REPLY   ? "query_reply"
						       : "change_notice";
}

static void monitor_write(struct json_writer *writer, const void *context)
{
	const struct monitor_line *line = context;
	const struct flagship_message *message = line->message;
	char time[TIME_TEXT_MAX];

	json_object_begin(writer);
	json_key(writer, "t");
	json_scaled(writer, line->now_ms, MONITOR_MS_DIGITS);
	json_member_string(writer, "heard_at", time_text_write(line->now_ms, time));
	json_member_string(writer, "serial", line->print->target->serial);
	json_member_string(writer, "printer_name", line->print->target->name);
	json_member_string(writer, "topic", monitor_topic_name(line->topic));
	json_key(writer, "type");
	if (message->type == FLAGSHIP_MESSAGE_UNTYPED) {
		json_null(writer);
	} else {
		json_int(writer, message->type);
	}
	json_member_string(writer, "name", message_view_name(message));
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
	const char *name = print->target->name ? print->target->name : print->target->serial;
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
	output_print(output, OUTPUT_CYAN, "%-*s", MONITOR_NAME_WIDTH, name ? name : number);
	for (size_t i = 0; i < line->count; i++) {
		monitor_print_field(output, &line->fields[i]);
	}
	if (line->count == 0) {
		fputs("  ", output->stream);
		output_json(output, OUTPUT_DIM, message->json);
	}
	fputc('\n', output->stream);
}

/* now_ms: Unix milliseconds. */
static void monitor_print_message(const struct monitor_print *print, enum flagship_topic_kind topic,
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

/* What printer_event_name says behind the last. */
#define MONITOR_NO_EVENT "unknown"
#define MONITOR_COMMA    ","

enum monitor_timer {
	MONITOR_TIMER_END,
	MONITOR_TIMER_SILENCE,
};

struct monitor_options {
	bool json;
	bool raw;
	bool events;
	struct options_list only;
	const char *exec;
	const char *record;
	bool redact;
	bool overwrite;
	int64_t count;
	int64_t duration_ms;
};

struct monitor {
	struct live live;
	struct targets targets;
	struct monitor_options options;
	struct monitor_print print;
	struct exec_queue exec;
	struct record record;
	int64_t printed;
};

static const struct options_option monitor_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON object a line: names, whole units, and the time as t",
	 .offset = offsetof(struct monitor_options, json)},
	{.name = "raw",
	 .kind = OPTIONS_FLAG,
	 .help = "print what the printer sent, untouched; with --json in the member raw",
	 .offset = offsetof(struct monitor_options, raw)},
	{.name = "events",
	 .kind = OPTIONS_FLAG,
	 .help = "print what happens instead of every message: one JSON object an event",
	 .offset = offsetof(struct monitor_options, events)},
	{.name = "only",
	 .kind = OPTIONS_LIST,
	 .joined = true,
	 .value = "EVENT,...",
	 .help = "with --events: these alone, such as job_finished; may be repeated",
	 .offset = offsetof(struct monitor_options, only)},
	{.name = "exec",
	 .kind = OPTIONS_TEXT,
	 .value = "COMMAND",
	 .help = "with --events: run this by the shell on each, which is told in FLAGSHIP_EVENT, "
		 "FLAGSHIP_PRINTER and others",
	 .offset = offsetof(struct monitor_options, exec)},
	{.name = "record",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "keep what the printer says for flagship replay; of one printer",
	 .offset = offsetof(struct monitor_options, record)},
	{.name = "redact",
	 .kind = OPTIONS_FLAG,
	 .help = "with --record: without names, keys, ids and serial number",
	 .offset = offsetof(struct monitor_options, redact)},
	{.name = "overwrite",
	 .kind = OPTIONS_FLAG,
	 .help = "with --record: write over a file that is there already",
	 .offset = offsetof(struct monitor_options, overwrite)},
	{.name = "count",
	 .kind = OPTIONS_INTEGER,
	 .value = "N",
	 .minimum = 1,
	 .maximum = INT64_MAX,
	 .help = "end after so many lines",
	 .offset = offsetof(struct monitor_options, count)},
	{.name = "for",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .minimum = 1,
	 .maximum = INT64_MAX,
	 .help = "end after so long",
	 .offset = offsetof(struct monitor_options, duration_ms)},
};

static const struct options_group monitor_group = OPTIONS_GROUP("Options", monitor_table);

/* Of those that said nothing that could be read: why. Returns the first reason, or CLI_DONE. */
static int monitor_explain(const struct monitor *monitor, int64_t waited_ms, bool only_trouble)
{
	const struct fleet *fleet = monitor->live.fleet;
	int status = CLI_DONE;

	for (struct fleet_printer *printer = fleet_next_printer(fleet, NULL); printer;
	     printer = fleet_next_printer(fleet, printer)) {
		const struct fleet_counts *counts = fleet_printer_counts(printer);
		bool trouble = counts->wrong_key > 0 || !fleet_printer_ready(printer);

		if (counts->payloads == 0 && (trouble || !only_trouble)) {
			int reason = live_explain_silence(&monitor->live, printer, waited_ms);

			status = status == CLI_DONE ? reason : status;
		}
	}
	return status;
}

static void monitor_end(void *context)
{
	struct monitor *monitor = context;

	live_stop(&monitor->live, monitor_explain(monitor, monitor->options.duration_ms, true));
}

/* A printer that sits idle may well be silent, so that this is no reason to end. */
static void monitor_report_silence(void *context)
{
	struct monitor *monitor = context;

	monitor_explain(monitor, monitor->targets.timeout_ms, false);
}

static void monitor_start(void *context)
{
	struct monitor *monitor = context;

	exec_queue_open(&monitor->exec, &monitor->live.loop, monitor->options.exec);
	if (monitor->options.duration_ms > 0) {
		live_timer_start(&monitor->live, MONITOR_TIMER_END, monitor->options.duration_ms, 0,
				 monitor_end);
	}
	live_timer_start(&monitor->live, MONITOR_TIMER_SILENCE, monitor->targets.timeout_ms, 0,
			 monitor_report_silence);
}

static void monitor_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

/* After one more line: whether that was all. */
static bool monitor_is_done(struct monitor *monitor)
{
	if (ferror(stdout)) {
		live_stop(&monitor->live, CLI_FAILED);
		return true;
	}
	if (++monitor->printed == monitor->options.count) {
		live_stop(&monitor->live, CLI_DONE);
		return true;
	}
	return false;
}

static void monitor_record(struct monitor *monitor, struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	if (monitor->options.record &&
	    !record_add(&monitor->record, fleet_printer_state(printer)->model, kind,
			payload->messages, payload->count, clock_unix_ms())) {
		live_stop(&monitor->live, CLI_FAILED);
	}
}

/* Whether it is one of the words that commas separate. */
static bool monitor_lists(const char *words, const char *name)
{
	for (const char *word = words;; word++) {
		size_t length = strcspn(word, MONITOR_COMMA);

		if (length == strlen(name) && strncmp(word, name, length) == 0) {
			return true;
		}
		word += length;
		if (*word == '\0') {
			return false;
		}
	}
}

static bool monitor_wants(const struct monitor *monitor, const struct printer_event *event)
{
	const struct options_list *only = &monitor->options.only;

	for (size_t i = 0; i < only->count; i++) {
		if (monitor_lists(only->items[i], printer_event_name(event->kind))) {
			return true;
		}
	}
	return only->count == 0;
}

static void monitor_event(void *context, struct fleet_printer *printer,
			  const struct printer_event *event)
{
	struct monitor *monitor = context;
	const struct event_source source = {
		.state = fleet_printer_state(printer),
		.name = live_target(printer)->name,
	};
	char line[EVENT_LINE_MAX];

	if (!monitor->options.events || !monitor_wants(monitor, event) ||
	    event_line_write(event, &source, line, sizeof(line)) != 0) {
		return;
	}
	print_json_line(stdout, line, strlen(line));
	fflush(stdout);
	event_line_exec(&monitor->exec, event, &source, line);
	monitor_is_done(monitor);
}

static void monitor_payload(void *context, struct fleet_printer *printer,
			    enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct monitor *monitor = context;
	int64_t now_ms = clock_unix_ms();

	if (monitor->targets.count == 1) {
		live_timer_stop(&monitor->live, MONITOR_TIMER_SILENCE);
	}
	monitor_record(monitor, printer, kind, payload);
	if (monitor->options.events) {
		return;
	}
	monitor->print.target = live_target(printer);
	monitor->print.model = fleet_printer_state(printer)->model;
	for (size_t i = 0; i < payload->count; i++) {
		monitor_print_message(&monitor->print, kind, &payload->messages[i], now_ms);
		if (monitor_is_done(monitor)) {
			return;
		}
	}
}

static void monitor_stop(void *context)
{
	struct monitor *monitor = context;

	exec_queue_finish(&monitor->exec, monitor->live.interrupted);
}

static const struct live_handlers monitor_handlers = {
	.on_start = monitor_start,
	.on_ready = monitor_ready,
	.on_payload = monitor_payload,
	.on_printer_event = monitor_event,
	.on_stop = monitor_stop,
};

static bool monitor_is_event(const char *name, size_t length)
{
	const char *known;

	for (int kind = 0; strcmp(known = printer_event_name((enum printer_event_kind)kind),
			   MONITOR_NO_EVENT) != 0;
	     kind++) {
		if (strlen(known) == length && strncmp(known, name, length) == 0) {
			return true;
		}
	}
	return false;
}

static int monitor_check_events(const char *words)
{
	for (const char *word = words;; word++) {
		size_t length = strcspn(word, MONITOR_COMMA);

		if (!monitor_is_event(word, length)) {
			cli_error("there is no event '%.*s'; man flagship-monitor lists them",
				  (int)length, word);
			return CLI_USAGE;
		}
		word += length;
		if (*word == '\0') {
			return OPTIONS_RUN;
		}
	}
}

/* What does not go together. */
static int monitor_check(const struct monitor_options *options)
{
	if (!options->events && (options->exec || options->only.count > 0)) {
		cli_error("--exec and --only go with --events");
		return CLI_USAGE;
	}
	if (options->events && options->raw) {
		cli_error("--raw prints messages, --events what happens: give one");
		return CLI_USAGE;
	}
	if (!options->record && (options->redact || options->overwrite)) {
		cli_error("--redact and --overwrite go with --record");
		return CLI_USAGE;
	}
	for (size_t i = 0; i < options->only.count; i++) {
		if (monitor_check_events(options->only.items[i]) != OPTIONS_RUN) {
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

static int monitor_open_record(struct monitor *monitor)
{
	const struct target *target = &monitor->targets.printers[0];
	const struct record_options options = {
		.path = monitor->options.record,
		.overwrite = monitor->options.overwrite,
		.redact = monitor->options.redact,
		.serial = target->serial,
		.name = target->name,
		.user_id = monitor->targets.logins[target->login].user_id,
	};

	if (!options.path) {
		return OPTIONS_RUN;
	}
	if (monitor->targets.count > 1) {
		cli_error("a recording is of one printer: say with -p which");
		return CLI_USAGE;
	}
	return record_open(&monitor->record, &options);
}

/* Of the longest, so that the lines of several printers stand in columns. */
static int monitor_name_width(const struct targets *targets)
{
	size_t widest = 0;

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->printers[i];
		const char *name = target->name ? target->name : target->serial;
		size_t width = output_width(name, strlen(name));

		widest = width > widest ? width : widest;
	}
	return (int)widest;
}

static int monitor_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct monitor monitor = {.live = {.interrupt_status = CLI_DONE, .wants_messages = true}};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&monitor.options, TARGET_PLACES(&target_options)});

	if (result == OPTIONS_RUN) {
		result = monitor_check(&monitor.options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	output_init(&monitor.print.output, stdout);
	monitor.print.json = monitor.options.json;
	monitor.print.raw = monitor.options.raw;
	result = targets_init(&monitor.targets, &target_options, TARGETS_MANY);
	if (result == OPTIONS_RUN) {
		monitor.print.name_width = monitor_name_width(&monitor.targets);
		result = monitor_open_record(&monitor);
	}
	if (result == OPTIONS_RUN) {
		result = live_run(&monitor.live, &monitor.targets, &monitor_handlers, &monitor);
	}
	if (!record_close(&monitor.record) && result == CLI_DONE) {
		result = CLI_FAILED;
	}
	targets_finish(&monitor.targets);
	return result;
}

const struct cli_command monitor_command = {
	.name = "monitor",
	.section = "Printers",
	.summary = "follow what printers say, as they say it",
	.arguments = "",
	.arguments_max = 0,
	.description = "Prints a line for each message of the printers until Ctrl-C. Asks the "
		       "printers once\n"
		       "for all they know (1027), so that there is a first picture; then it waits "
		       "for what\n"
		       "changes. Losing and regaining the connection is told on standard error.\n"
		       "--events prints what happens instead, as flagship replay --events does, "
		       "with the\n"
		       "printer: job_started, progress, job_finished, error and so on.",
	.groups = (const struct options_group *const[]){&monitor_group, TARGET_GROUPS, NULL},
	.run = monitor_run,
};
