/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/output/output.h"
#include "cli/setup/printers_page.h"
#include "cli/target/choice.h"
#include "cli/target/live.h"
#include "cli/watch/state_heard.h"

#include <stdlib.h>

/*
 * All printers are asked at once. Who is there has answered within milliseconds; a picture may come
 * in several messages, so that a moment is waited for more.
 */
#define PRINTERS_DEADLINE_MS 1800
#define PRINTERS_QUIET_MS    150

enum printers_timer {
	PRINTERS_TIMER_DEADLINE,
	PRINTERS_TIMER_QUIET,
};

struct printers_options {
	bool json;
	bool offline;
};

struct printers {
	struct live live;
	struct targets targets;
	struct printers_options options;
	struct printers_row *rows;
	size_t missing;    /* rows of which nothing tells what the printer does */
	size_t incomplete; /* rows that lack something that the table shows */
};

static const struct options_option printers_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON array",
	 .offset = offsetof(struct printers_options, json)},
	{.name = "offline",
	 .kind = OPTIONS_FLAG,
	 .help = "only what is stored here; nobody is asked",
	 .offset = offsetof(struct printers_options, offline)},
};

static const struct options_group printers_group = OPTIONS_GROUP("Options", printers_table);

static struct printers_row *printers_row_of(const struct printers *printers,
					    const struct fleet_printer *printer)
{
	return &printers->rows[live_target(printer) - printers->targets.printers];
}

static void printers_finish(void *context)
{
	struct printers *printers = context;

	live_stop(&printers->live, CLI_DONE);
}

static void printers_start(void *context)
{
	struct printers *printers = context;
	const struct fleet *fleet = printers->live.fleet;
	int64_t wait_ms = PRINTERS_DEADLINE_MS;

	for (struct fleet_printer *printer = fleet_next_printer(fleet, NULL); printer != NULL;
	     printer = fleet_next_printer(fleet, printer)) {
		printers_row_of(printers, printer)->asked = true;
	}
	if (printers->targets.timeout_given) {
		wait_ms = printers->targets.timeout_ms;
	}
	live_timer_start(&printers->live, PRINTERS_TIMER_DEADLINE, wait_ms, 0, printers_finish);
}

static void printers_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

static bool printers_is_there(const struct printers_row *row)
{
	return row->failed || row->state.job.state_heard;
}

static bool printers_is_complete(const struct printers_row *row)
{
	return row->failed ||
	       (state_has_essentials(&row->state) && !state_lacks_progress(&row->state));
}

/* With every row complete there is nothing to wait for; with all there the rest follows at once. */
static void printers_look(struct printers *printers)
{
	if (printers->incomplete == 0) {
		printers_finish(printers);
	} else if (printers->missing == 0) {
		live_timer_start(&printers->live, PRINTERS_TIMER_QUIET, PRINTERS_QUIET_MS, 0,
				 printers_finish);
	}
}

static void printers_payload(void *context, struct fleet_printer *printer,
			     enum flagship_topic_kind kind, const uint8_t *plaintext, size_t length)
{
	struct printers *printers = context;
	struct printers_row *row = printers_row_of(printers, printer);
	bool was_there = printers_is_there(row);
	bool was_complete = printers_is_complete(row);

	(void)kind;
	(void)plaintext;
	(void)length;
	/* Kept, since the fleet is gone when rows are printed. */
	row->state = *fleet_printer_state(printer);
	printers->missing -= !was_there && printers_is_there(row);
	printers->incomplete += was_complete;
	printers->incomplete -= printers_is_complete(row);
	printers_look(printers);
}

static void printers_failed(void *context, struct fleet_printer *printer, int status)
{
	struct printers *printers = context;
	struct printers_row *row = printers_row_of(printers, printer);

	printers->missing -= !printers_is_there(row);
	printers->incomplete -= !printers_is_complete(row);
	row->failed = true;
	row->status = status;
	printers_look(printers);
}

static const struct live_handlers printers_handlers = {
	.on_start = printers_start,
	.on_ready = printers_ready,
	.on_payload = printers_payload,
	.on_failed = printers_failed,
};

static int printers_make_rows(struct printers *printers)
{
	printers->rows = calloc(printers->targets.count ? printers->targets.count : 1,
				sizeof(*printers->rows));
	if (printers->rows == NULL) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	printers->missing = printers->incomplete = printers->targets.count;
	for (size_t i = 0; i < printers->targets.count; i++) {
		const struct target *target = &printers->targets.printers[i];

		printers->rows[i].target = target;
		printer_state_init(&printers->rows[i].state, target->serial, target->name,
				   target->model);
	}
	return OPTIONS_RUN;
}

static int printers_print(const struct printers *printers)
{
	struct output output;

	if (printers->options.json) {
		return printers_print_json(printers->rows, printers->targets.count);
	}
	output_init(&output, stdout);
	printers_print_table(&output, printers->rows, printers->targets.count);
	return CLI_DONE;
}

/* Where nobody could be asked, that is the result; else the table says who did not answer. */
static int printers_worst(const struct printers *printers, int status)
{
	for (size_t i = 0; i < printers->targets.count; i++) {
		if (!printers->rows[i].failed) {
			return status;
		}
		status = printers->rows[i].status;
	}
	return status;
}

static int printers_query(struct printers *printers, struct target_options *options)
{
	int result = targets_init(&printers->targets, options, TARGETS_MANY);

	if (result == OPTIONS_RUN) {
		result = printers_make_rows(printers);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = live_run(&printers->live, &printers->targets, &printers_handlers, printers);
	if (result == CLI_DONE) {
		result = printers_print(printers);
	}
	return printers_worst(printers, result);
}

static int printers_list(struct printers *printers, const struct options_list *names)
{
	int result = targets_init_offline(&printers->targets, names);

	if (result == OPTIONS_RUN) {
		result = printers_make_rows(printers);
	}
	if (result == OPTIONS_RUN && printers->targets.count == 0 && !printers->options.json) {
		target_choices_explain_none(&printers->targets.accounts);
		return CLI_NOT_CONFIGURED;
	}
	return result == OPTIONS_RUN ? printers_print(printers) : result;
}

static int printers_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct printers printers = {.live.interrupt_status = CLI_FAILED};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&printers.options, TARGET_PLACES(&target_options)});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (printers.options.offline) {
		result = printers_list(&printers, &target_options.printers);
	} else {
		target_options_default_all(&target_options);
		result = printers_query(&printers, &target_options);
	}
	free(printers.rows);
	targets_finish(&printers.targets);
	return result;
}

const struct cli_command printers_command = {
	.name = "printers",
	.section = "Printers",
	.summary = "list the printers with what they do",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Asks all printers at once and shows each with its temperatures and its job. Who\n"
		"does not answer within two seconds is shown with no answer. --offline asks "
		"nobody.",
	.groups = (const struct options_group *const[]){&printers_group, TARGET_GROUPS, NULL},
	.run = printers_run,
};
