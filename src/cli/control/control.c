/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"

#include "cli/control/ask.h"
#include "cli/control/replies.h"
#include "cli/control/report.h"
#include "printer/guard/guard.h"

#include <stdlib.h>
#include <string.h>

/* What a command does before it connects: options, targets, a question. */

static const struct options_option control_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print what came of it as one JSON object for each printer",
	 .offset = offsetof(struct control_options, json)},
	{.name = "no-wait",
	 .kind = OPTIONS_FLAG,
	 .help = "end as soon as the broker took the command; do not wait for what comes of it",
	 .offset = offsetof(struct control_options, no_wait)},
	{.name = "force",
	 .kind = OPTIONS_FLAG,
	 .help = "do it even where flagship would refuse it, or ask first",
	 .offset = offsetof(struct control_options, force)},
	{.name = "yes",
	 .kind = OPTIONS_FLAG,
	 .help = "do not ask first, where the command would ask on a terminal",
	 .offset = offsetof(struct control_options, yes)},
};

const struct options_group control_options_group = OPTIONS_GROUP("Options", control_table);

int control_parse(struct control *control, const struct cli_command *command, int *argc,
		  char **argv, void *own)
{
	struct target_options *target = &control->target_options;

	control->name = command->name;
	if (own) {
		return options_parse(command, argc, argv,
				     (void *[]){own, &control->options, TARGET_PLACES(target)});
	}
	return options_parse(command, argc, argv,
			     (void *[]){&control->options, TARGET_PLACES(target)});
}

static int confirm_first(struct control *control)
{
	int result = OPTIONS_RUN;

	if (!control->question || control->options.force) {
		return OPTIONS_RUN;
	}
	if (!control->options.yes && (!control->asks_people_only || control_can_ask())) {
		result = control_ask_first(control->question, control->targets.printers,
					   control->targets.count);
	}
	control->request.force = result == OPTIONS_RUN && control->yes_overrides;
	return result;
}

int control_run(struct control *control)
{
	output_init(&control->output, stdout);
	int result = targets_init(&control->targets, &control->target_options,
				  control->many ? TARGETS_NAMED : TARGETS_ONE);
	if (result == OPTIONS_RUN) {
		result = confirm_first(control);
	}
	if (result == OPTIONS_RUN) {
		result = control_run_live(control);
	}
	targets_finish(&control->targets);
	return result;
}

#define CONTROL_LOOK_MS 1000

/* An answer to the query for all it knows can be lost. */
#define CONTROL_ASK_AGAIN_MS 1000

/* The broker has that long at least for what was sent at the end of the wait for the state. */
#define CONTROL_TAKEN_MS 1000

/* What the shell makes of a death by SIGINT. */
#define CONTROL_INTERRUPT_STATUS 130

enum control_timer {
	CONTROL_TIMER_WAKE,
	CONTROL_TIMER_LOOK,
};

enum control_stage {
	CONTROL_WAITS,     /* for the connection, then for the printer's state */
	CONTROL_SUBMITTED, /* for the report */
	CONTROL_PUBLISHED, /* --no-wait: for the broker to take it */
	CONTROL_GOES_ON,   /* reported, and followed further */
	CONTROL_ENDED,
};

struct control_printer {
	enum control_stage stage;
	bool ready; /* subscribed once */
	int64_t asked_ms;
	int64_t taken_by_ms; /* of CONTROL_PUBLISHED */
	struct control_replies replies;
};

static struct control_printer *control_find(struct control *control,
					    const struct fleet_printer *printer)
{
	return &control->printers[live_target(printer) - control->targets.printers];
}

void control_end(struct control *control, struct fleet_printer *printer, int status)
{
	struct control_printer *own = control_find(control, printer);

	if (own->stage == CONTROL_ENDED) {
		return;
	}
	own->stage = CONTROL_ENDED;
	control->status = control_worse_status(control->status, status);
	control->left--;
	if (ferror(stdout)) {
		control->status = CLI_FAILED;
	}
	if (control->left == 0) {
		live_stop(&control->live, control->status);
	}
}

static void control_print_heading(struct control *control, const struct control_report *line)
{
	if (control->targets.count > 1) {
		output_text(&control->output, OUTPUT_BOLD, line->label, strlen(line->label), false);
		fputs(":\n", control->output.stream);
	}
}

static void control_print_queued(struct control *control, const struct control_report *line)
{
	/* What was asked for is the answer itself. */
	if (!line->replies || control_report_status(line->report) != CLI_DONE) {
		control_report_print(line, &control->output);
	}
	if (line->replies) {
		control_print_heading(control, line);
		control_replies_print(line->replies, line->replies_length, &control->output);
	}
}

/* report: NULL where it was only sent. */
static void control_print(struct control *control, struct fleet_printer *printer,
			  const struct command_report *report)
{
	const struct target *target = live_target(printer);
	struct control_printer *own = control_find(control, printer);
	struct control_report line = {
		.serial = target->serial,
		.name = target->name,
		.label = live_label(printer),
		.command = control->name,
		.sent_only = report == NULL,
		.report = report,
	};

	if (control->keeps_replies) {
		line.replies = control_replies_take(&own->replies, &line.replies_length);
	}
	if (control->print_replies && line.replies && report) {
		if (!control->options.json) {
			control_print_heading(control, &line);
		}
		control->print_replies(control, target, line.replies, line.replies_length);
		line.replies = NULL;
		if (control_report_status(report) == CLI_DONE) {
			return;
		}
	}
	if (control->options.json) {
		control_report_print_json(&line, &control->output);
	} else {
		control_print_queued(control, &line);
	}
}

/* Reports an end that the engine knows nothing of. */
static void control_conclude(struct control *control, struct fleet_printer *printer,
			     enum command_outcome outcome, const char *detail)
{
	const struct command_report report = {
		.kind = control->request.kind,
		.outcome = outcome,
		.detail = detail,
		.text = "",
	};

	control_print(control, printer, &report);
}

static void control_wake(void *context);

static void control_wake_by(struct control *control, int64_t at_ms)
{
	if (control->wake_ms == 0 || at_ms < control->wake_ms) {
		int64_t now_ms = live_monotonic_ms(&control->live);

		control->wake_ms = at_ms;
		live_timer_start(&control->live, CONTROL_TIMER_WAKE,
				 at_ms > now_ms ? at_ms - now_ms : 0, 0, control_wake);
	}
}

/* --no-wait: whether the broker has taken it by now. */
static void control_check_published(struct control *control, struct fleet_printer *printer)
{
	const struct control_printer *own = control_find(control, printer);

	if (own->stage != CONTROL_PUBLISHED) {
		return;
	}
	if (!fleet_printer_ready(printer)) {
		control_conclude(control, printer, COMMAND_UNANSWERED,
				 "the connection was lost before the broker acknowledged it; it "
				 "may be done still");
		control_end(control, printer, CLI_NO_ANSWER);
	} else if (fleet_printer_unacknowledged(printer) == 0) {
		control_print(control, printer, NULL);
		control_end(control, printer, CLI_DONE);
	} else if (live_monotonic_ms(&control->live) >= own->taken_by_ms) {
		control_conclude(control, printer, COMMAND_UNANSWERED,
				 "the broker did not acknowledge it; it may be done still");
		control_end(control, printer, CLI_NO_ANSWER);
	} else {
		control_wake_by(control, own->taken_by_ms);
	}
}

static void control_done(void *context, struct fleet_printer *printer,
			 const struct command_report *report)
{
	struct control *control = context;
	struct control_printer *own = control_find(control, printer);
	int status = control_report_status(report);

	if (own->stage == CONTROL_ENDED) {
		return;
	}
	if (control->options.no_wait && report->outcome == COMMAND_ACCEPTED) {
		own->stage = CONTROL_PUBLISHED;
		own->taken_by_ms = live_monotonic_ms(&control->live) + CONTROL_TAKEN_MS;
		if (own->taken_by_ms < control->deadline_ms) {
			own->taken_by_ms = control->deadline_ms;
		}
		control_check_published(control, printer);
		return;
	}
	control_print(control, printer, report);
	if (status == CLI_DONE && control->go_on && control->go_on(control, printer)) {
		own->stage = CONTROL_GOES_ON;
		control->look(control, printer);
		return;
	}
	control_end(control, printer, status);
}

/* Says why it makes no sense now; --force sends it nevertheless. */
static bool control_object(struct control *control, struct fleet_printer *printer)
{
	struct command_report report = {
		.kind = control->request.kind,
		.outcome = COMMAND_REFUSED,
		.guarded = true,
		.text = "",
	};

	if (!control->objection || control->options.force ||
	    fleet_printer_rights(printer).no_command) {
		return false;
	}
	report.detail = control->objection(fleet_printer_state(printer));
	if (!report.detail) {
		return false;
	}
	control_print(control, printer, &report);
	control_end(control, printer, CLI_REFUSED);
	return true;
}

static void control_submit(struct control *control, struct fleet_printer *printer)
{
	struct control_printer *own = control_find(control, printer);
	struct command_request request = control->request;

	if (control_object(control, printer)) {
		return;
	}
	target_fill_request(live_target(printer), &request);
	request.force = request.force || control->options.force;
	request.no_wait = control->options.no_wait;
	request.timeout_ms = control->targets.timeout_given ? control->targets.timeout_ms : 0;
	if (control->doubt && !request.force && !fleet_guard(printer, &request)) {
		cli_error("%s", control->doubt);
		control_end(control, printer, CLI_USAGE);
		return;
	}
	own->stage = CONTROL_SUBMITTED;
	live_command(&control->live, printer, &request);
}

/* What only asks needs no guard, and so no state; what is refused for lack of a right neither. */
static bool control_only_asks(const struct control *control)
{
	return control->request.kind == COMMAND_QUERY || control->request.kind == COMMAND_FILES;
}

/* Whether nothing that the printer could say would keep it from being sent. */
static bool control_needs_no_state(const struct control *control, struct fleet_printer *printer)
{
	return control->options.force ||
	       (!control->objection &&
		guard_lacks(fleet_printer_state(printer), live_target(printer)->profile, NULL,
			    &control->request) == 0);
}

/* --no-wait asks for no answer, and so waits for no state where none is needed. */
static bool control_may_send_blindly(const struct control *control, struct fleet_printer *printer)
{
	return control_only_asks(control) ||
	       (control->options.no_wait && control_needs_no_state(control, printer));
}

static void control_try(struct control *control, struct fleet_printer *printer)
{
	struct control_printer *own = control_find(control, printer);

	if (own->stage == CONTROL_WAITS && fleet_printer_ready(printer) &&
	    (control_may_send_blindly(control, printer) ||
	     fleet_printer_rights(printer).no_command ||
	     fleet_printer_state(printer)->job.state_received)) {
		control_submit(control, printer);
	}
}

/* Nothing was received that tells what the printer does. */
static void control_give_up(struct control *control, struct fleet_printer *printer)
{
	int64_t waited_ms = control->targets.timeout_ms;

	/* It speaks, but not of a job: no guard could say more about it later. A printer that was
	 * of which nothing was received may receive ours all the same, for whoever insists. */
	if (control_find(control, printer)->ready && fleet_printer_ready(printer) &&
	    (fleet_printer_counts(printer)->payloads > 0 || control->options.force)) {
		control_submit(control, printer);
		return;
	}
	int status = live_explain_silence(&control->live, printer, waited_ms);
	if (control->options.json) {
		control_conclude(control, printer,
				 status == CLI_NO_ANSWER ? COMMAND_UNANSWERED : COMMAND_FAILED,
				 "nothing was heard of the printer, so nothing was sent; --force "
				 "sends it nevertheless");
	} else {
		cli_error("printer %s: nothing was heard of it, so nothing was sent; --force sends "
			  "it nevertheless",
			  live_label(printer));
	}
	control_end(control, printer, status);
}

static void control_ask(struct control *control, struct fleet_printer *printer)
{
	struct control_printer *own = control_find(control, printer);

	own->asked_ms = live_monotonic_ms(&control->live);
	fleet_ask_status(printer);
	control_wake_by(control, own->asked_ms + CONTROL_ASK_AGAIN_MS);
}

static void control_wait_on(struct control *control, struct fleet_printer *printer)
{
	int64_t asked_ms = control_find(control, printer)->asked_ms;
	int64_t now_ms = live_monotonic_ms(&control->live);

	if (now_ms >= control->deadline_ms) {
		control_give_up(control, printer);
		return;
	}
	control_wake_by(control, control->deadline_ms);
	if (!fleet_printer_ready(printer)) {
		return;
	}
	if (now_ms - asked_ms >= CONTROL_ASK_AGAIN_MS) {
		control_ask(control, printer);
	} else {
		control_wake_by(control, asked_ms + CONTROL_ASK_AGAIN_MS);
	}
}

/* What the passing of time alone changes; all else is an event. */
static void control_wake(void *context)
{
	struct control *control = context;
	struct fleet_printer *printer = NULL;

	control->wake_ms = 0;
	while (!control->live.stopping &&
	       (printer = fleet_next_printer(control->live.fleet, printer))) {
		if (control_find(control, printer)->stage == CONTROL_WAITS) {
			control_wait_on(control, printer);
		} else {
			control_check_published(control, printer);
		}
	}
}

static void control_look(void *context)
{
	struct control *control = context;
	struct fleet_printer *printer = NULL;

	while (!control->live.stopping &&
	       (printer = fleet_next_printer(control->live.fleet, printer))) {
		if (control_find(control, printer)->stage == CONTROL_GOES_ON) {
			control->look(control, printer);
		}
	}
}

static void control_start(void *context)
{
	struct control *control = context;

	control->deadline_ms = live_monotonic_ms(&control->live) + control->targets.timeout_ms;
	control_wake_by(control, control->deadline_ms);
	if (control->look) {
		live_timer_start(&control->live, CONTROL_TIMER_LOOK, CONTROL_LOOK_MS,
				 CONTROL_LOOK_MS, control_look);
	}
}

static void control_ready(void *context, struct fleet_printer *printer)
{
	struct control *control = context;

	control_find(control, printer)->ready = true;
	if (!control_may_send_blindly(control, printer)) {
		/* After a reconnection too: the state may prove what was sent before. */
		control_ask(control, printer);
	}
	control_try(control, printer);
}

static void control_lost(void *context, struct fleet_printer *printer)
{
	control_check_published(context, printer);
}

static void control_acknowledged(void *context, struct fleet_printer *printer)
{
	control_check_published(context, printer);
}

static void control_payload(void *context, struct fleet_printer *printer,
			    enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct control *control = context;

	(void)kind;
	(void)payload;
	control_try(control, printer);
	if (control_find(control, printer)->stage == CONTROL_GOES_ON) {
		control->look(control, printer);
	}
}

static void control_reply(void *context, struct fleet_printer *printer, uint64_t command,
			  const struct flagship_message *message)
{
	struct control *control = context;
	struct control_printer *own = control_find(control, printer);

	(void)command;
	if (control->keeps_replies && own->stage == CONTROL_SUBMITTED) {
		control_replies_add(&own->replies, message->json);
	}
}

static void control_failed(void *context, struct fleet_printer *printer, int status)
{
	struct control *control = context;

	if (control_find(control, printer)->stage == CONTROL_ENDED) {
		return;
	}
	if (control->options.json) {
		control_conclude(control, printer, COMMAND_FAILED, "it cannot be reached");
	}
	control_end(control, printer, status);
}

/* Ctrl-C: what was sent has no end that could still be seen. */
static void control_stop(void *context)
{
	struct control *control = context;
	struct fleet_printer *printer = NULL;

	while (control->left > 0 && control->live.fleet &&
	       (printer = fleet_next_printer(control->live.fleet, printer))) {
		switch (control_find(control, printer)->stage) {
		case CONTROL_WAITS:
			control_conclude(control, printer, COMMAND_FAILED,
					 "interrupted; nothing was sent");
			break;
		case CONTROL_SUBMITTED:
		case CONTROL_PUBLISHED:
			control_conclude(control, printer, COMMAND_UNANSWERED,
					 "interrupted; it was sent, and may be done still");
			break;
		default:
			break;
		}
	}
}

static const struct live_handlers control_handlers = {
	.on_start = control_start,
	.on_ready = control_ready,
	.on_payload = control_payload,
	.on_reply = control_reply,
	.on_done = control_done,
	.on_lost = control_lost,
	.on_acknowledged = control_acknowledged,
	.on_failed = control_failed,
	.on_stop = control_stop,
};

int control_run_live(struct control *control)
{
	control->printers = calloc(control->targets.count, sizeof(*control->printers));
	if (!control->printers) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	control->left = control->targets.count;
	control->live.interrupt_status = CONTROL_INTERRUPT_STATUS;
	int result = live_run(&control->live, &control->targets, &control_handlers, control);
	for (size_t i = 0; i < control->targets.count; i++) {
		control_replies_finish(&control->printers[i].replies);
	}
	free(control->printers);
	return result;
}
