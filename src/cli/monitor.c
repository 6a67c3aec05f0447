/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/live.h"
#include "cli/monitor_print.h"

#include <flagship/flagship.h>

enum monitor_timer {
	MONITOR_TIMER_END,
	MONITOR_TIMER_SILENCE,
};

struct monitor_options {
	bool json;
	bool raw;
	int64_t count;
	int64_t duration_ms;
};

struct monitor {
	struct live live;
	struct targets targets;
	struct monitor_options options;
	struct monitor_print print;
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

	for (struct fleet_printer *printer = fleet_next_printer(fleet, NULL); printer != NULL;
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
static void monitor_tell_silence(void *context)
{
	struct monitor *monitor = context;

	monitor_explain(monitor, monitor->targets.timeout_ms, false);
}

static void monitor_start(void *context)
{
	struct monitor *monitor = context;

	if (monitor->options.duration_ms > 0) {
		live_timer_start(&monitor->live, MONITOR_TIMER_END, monitor->options.duration_ms, 0,
				 monitor_end);
	}
	live_timer_start(&monitor->live, MONITOR_TIMER_SILENCE, monitor->targets.timeout_ms, 0,
			 monitor_tell_silence);
}

static void monitor_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

static void monitor_payload(void *context, struct fleet_printer *printer,
			    enum flagship_topic_kind kind, const uint8_t *plaintext, size_t length)
{
	struct monitor *monitor = context;
	struct flagship_payload payload;
	struct flagship_message message;
	int64_t now_ms = live_now_ms();

	if (monitor->targets.count == 1) {
		live_timer_stop(&monitor->live, MONITOR_TIMER_SILENCE);
	}
	monitor->print.serial = fleet_printer_serial(printer);
	monitor->print.model = fleet_printer_state(printer)->model;
	flagship_payload_init(&payload, plaintext, length);
	while (flagship_payload_next(&payload, &message) > 0) {
		monitor_print_message(&monitor->print, kind, &message, now_ms);
		if (ferror(stdout)) {
			live_stop(&monitor->live, CLI_FAILED);
			return;
		}
		if (++monitor->printed == monitor->options.count) {
			live_stop(&monitor->live, CLI_DONE);
			return;
		}
	}
}

static const struct live_handlers monitor_handlers = {
	.on_start = monitor_start,
	.on_ready = monitor_ready,
	.on_payload = monitor_payload,
};

static int monitor_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct monitor monitor = {.live.interrupt_status = CLI_DONE};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&monitor.options, TARGET_PLACES(&target_options)});

	if (result != OPTIONS_RUN) {
		return result;
	}
	output_init(&monitor.print.output, stdout);
	monitor.print.json = monitor.options.json;
	monitor.print.raw = monitor.options.raw;
	result = targets_init(&monitor.targets, &target_options, TARGETS_MANY);
	if (result == OPTIONS_RUN) {
		result = live_run(&monitor.live, &monitor.targets, &monitor_handlers, &monitor);
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
		       "changes. Losing and regaining the connection is told on standard error.",
	.groups = (const struct options_group *const[]){&monitor_group, TARGET_GROUPS, NULL},
	.run = monitor_run,
};
