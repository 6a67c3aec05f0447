/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/target/live.h"
#include "cli/watch/status_show.h"
#include "printer/state/state.h"

#include <stdlib.h>

/*
 * The answer to 1027 may come in one message or in many, and nothing says which is the last. With
 * everything received there is nothing to wait for; with the essential parts alone the rest follows
 * at once or not at all; and a job that runs tells its progress every 3 s at the latest.
 */
#define STATUS_QUIET_MS     150
#define STATUS_PROGRESS_MS  3500
#define STATUS_WRONG_KEY_MS 1000
#define STATUS_TICK_MS      250
#define STATUS_REFRESH_MS   1000
#define STATUS_SETTLE_MS    50
#define STATUS_ASK_AGAIN_MS 10000

enum status_timer {
	STATUS_TIMER_DEADLINE,
	STATUS_TIMER_QUIET,
	STATUS_TIMER_TICK,
	STATUS_TIMER_ASK,
};

struct status_options {
	bool json;
	bool watch;
};

/* How long to wait for the picture of one printer. */
struct status_printer {
	int64_t due_ms; /* when to wait no longer for more of it */
	bool awaits_progress;
	int64_t wrong_since_ms; /* when the first message came that the key does not fit */
};

struct status {
	struct live live;
	struct targets targets;
	struct status_options options;
	struct status_show show;
	struct status_printer *printers; /* as many as targets */
	size_t left;                     /* not concluded yet */
	size_t failed;                   /* for good */
	int status;                      /* of the first printer that was silent */
};

static const struct options_option status_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print the state as one JSON object for each printer",
	 .offset = offsetof(struct status_options, json)},
	{.name = "watch",
	 .kind = OPTIONS_FLAG,
	 .help = "go on and show every change; with --json one line each",
	 .offset = offsetof(struct status_options, watch)},
};

static const struct options_group status_group = OPTIONS_GROUP("Options", status_table);

static size_t status_index(const struct status *status, const struct fleet_printer *printer)
{
	return (size_t)(live_target(printer) - status->targets.printers);
}

static void status_check_output(struct status *status)
{
	if (ferror(stdout)) {
		live_stop(&status->live, CLI_FAILED);
	}
}

/* All that changed. */
static void status_refresh(void *context)
{
	struct status *status = context;

	status_show_changes(&status->show);
	status_check_output(status);
}

static void status_ask(void *context)
{
	struct status *status = context;
	struct fleet_printer *printer = NULL;

	while ((printer = fleet_next_printer(status->live.fleet, printer))) {
		fleet_ask_status(printer);
	}
}

/* The first picture of every printer is there, or will not come: the silent ones are the last. */
static void status_finish(struct status *status)
{
	live_timer_stop(&status->live, STATUS_TIMER_DEADLINE);
	live_timer_stop(&status->live, STATUS_TIMER_QUIET);
	status_show_silent(&status->show);
	status_check_output(status);
	if (!status->options.watch) {
		live_stop(&status->live, status->status);
		return;
	}
	live_timer_start(&status->live, STATUS_TIMER_TICK, STATUS_REFRESH_MS, STATUS_REFRESH_MS,
			 status_refresh);
	/* An M5 that sits idle says nothing unasked, and would be taken for offline. */
	live_timer_start(&status->live, STATUS_TIMER_ASK, STATUS_ASK_AGAIN_MS, STATUS_ASK_AGAIN_MS,
			 status_ask);
}

/* The picture of this printer is as good as it gets, and is shown. */
static void status_conclude(struct status *status, size_t index, enum status_answer answer)
{
	if (status->show.printers[index].answer != STATUS_AWAITED) {
		return;
	}
	status->show.printers[index].answer = answer;
	if (answer == STATUS_RECEIVED) {
		status_show_printer(&status->show, index);
		status_check_output(status);
	}
	if (--status->left == 0) {
		status_finish(status);
	}
}

static void status_due(void *context);

/* Looks again when the next is due. */
static void status_schedule(struct status *status)
{
	int64_t now_ms = live_monotonic_ms(&status->live);
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < status->targets.count; i++) {
		if (status->show.printers[i].answer == STATUS_AWAITED &&
		    status->printers[i].due_ms < due_ms) {
			due_ms = status->printers[i].due_ms;
		}
	}
	if (due_ms != INT64_MAX) {
		live_timer_start(&status->live, STATUS_TIMER_QUIET,
				 due_ms > now_ms ? due_ms - now_ms : 0, 0, status_due);
	}
}

static void status_due(void *context)
{
	struct status *status = context;
	int64_t now_ms = live_monotonic_ms(&status->live);

	for (size_t i = 0; i < status->targets.count; i++) {
		if (status->printers[i].due_ms <= now_ms) {
			status_conclude(status, i, STATUS_RECEIVED);
		}
	}
	status_schedule(status);
}

static enum status_answer status_answer_of(int reason)
{
	switch (reason) {
	case CLI_NO_ANSWER:
		return STATUS_SILENT;
	case CLI_FAILED:
		return STATUS_UNREADABLE;
	default:
		return STATUS_UNREACHABLE;
	}
}

static void status_give_up(struct status *status, size_t index, int reason)
{
	if (status->status == CLI_DONE) {
		status->status = reason;
	}
	status_conclude(status, index, status_answer_of(reason));
}

static void status_deadline(void *context)
{
	struct status *status = context;

	for (size_t i = 0; i < status->targets.count; i++) {
		struct fleet_printer *printer = status->show.printers[i].printer;

		if (status->show.printers[i].answer != STATUS_AWAITED) {
			continue;
		}
		if (fleet_printer_counts(printer)->payloads == 0) {
			status_give_up(status, i,
				       live_explain_silence(&status->live, printer,
							    status->targets.timeout_ms));
			continue;
		}
		if (!state_has_essentials(fleet_printer_state(printer))) {
			cli_warn("printer %s: only a part of its state was heard",
				 live_label(printer));
		}
		status_conclude(status, i, STATUS_RECEIVED);
	}
}

/* Until the first picture: a wrong key shows at once, and need not wait for the deadline. */
static void status_tick(void *context)
{
	struct status *status = context;
	int64_t now_ms = live_monotonic_ms(&status->live);

	for (size_t i = 0; i < status->targets.count && status->left > 0; i++) {
		struct status_printer *own = &status->printers[i];
		struct fleet_printer *printer = status->show.printers[i].printer;
		const struct fleet_counts *counts = fleet_printer_counts(printer);

		if (status->show.printers[i].answer != STATUS_AWAITED || counts->payloads > 0 ||
		    counts->wrong_key == 0) {
			continue;
		}
		if (own->wrong_since_ms == 0) {
			own->wrong_since_ms = now_ms;
		} else if (now_ms - own->wrong_since_ms >= STATUS_WRONG_KEY_MS) {
			status_give_up(status, i, live_explain_silence(&status->live, printer, 0));
		}
	}
}

static void status_start(void *context)
{
	struct status *status = context;
	struct fleet_printer *printer = NULL;

	while ((printer = fleet_next_printer(status->live.fleet, printer))) {
		size_t index = status_index(status, printer);

		status->show.printers[index].printer = printer;
		status->printers[index].due_ms = INT64_MAX;
	}
	status_show_open(&status->show, &status->live.loop);
	live_timer_start(&status->live, STATUS_TIMER_DEADLINE, status->targets.timeout_ms, 0,
			 status_deadline);
	live_timer_start(&status->live, STATUS_TIMER_TICK, STATUS_TICK_MS, STATUS_TICK_MS,
			 status_tick);
}

/* Decides, before the first picture, how long to wait for more of it. */
static void status_wait(struct status *status, size_t index)
{
	struct status_printer *own = &status->printers[index];
	const struct printer_state *state = fleet_printer_state(
		status->show.printers[index].printer);
	int64_t now_ms = live_monotonic_ms(&status->live);

	if (!state_has_essentials(state)) {
		return;
	}
	if (!state_lacks_progress(state)) {
		own->due_ms = now_ms + (state_has_everything(state) ? 0 : STATUS_QUIET_MS);
	} else if (!own->awaits_progress) {
		own->awaits_progress = true;
		own->due_ms = now_ms + STATUS_PROGRESS_MS;
	}
	if (own->due_ms <= now_ms) {
		status_conclude(status, index, STATUS_RECEIVED);
	} else {
		status_schedule(status);
	}
}

static void status_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

static void status_payload(void *context, struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct status *status = context;
	size_t index = status_index(status, printer);

	(void)kind;
	(void)payload;
	if (status->left == 0) {
		/* Who was silent may have come after all. */
		status->show.printers[index].answer = STATUS_RECEIVED;
		live_timer_start(&status->live, STATUS_TIMER_QUIET, STATUS_SETTLE_MS, 0,
				 status_refresh);
	} else if (status->show.printers[index].answer == STATUS_AWAITED) {
		status_wait(status, index);
	}
}

/* Of several, the others are still shown. */
static void status_failed(void *context, struct fleet_printer *printer, int reason)
{
	struct status *status = context;

	if (status->left > 0) {
		status_give_up(status, status_index(status, printer), reason);
	}
	if (++status->failed == status->targets.count) {
		live_stop(&status->live, status->status);
	}
}

/* The fleet is about to go, and with it what could still be shown. */
static void status_stop(void *context)
{
	struct status *status = context;

	status_show_close(&status->show);
}

static const struct live_handlers status_handlers = {
	.on_start = status_start,
	.on_ready = status_ready,
	.on_payload = status_payload,
	.on_failed = status_failed,
	.on_stop = status_stop,
};

static int status_run_live(struct status *status)
{
	int result = CLI_FAILED;

	status->left = status->show.count = status->targets.count;
	status->printers = calloc(status->left, sizeof(*status->printers));
	status->show.printers = calloc(status->left, sizeof(*status->show.printers));
	if (status->printers && status->show.printers) {
		result = live_run(&status->live, &status->targets, &status_handlers, status);
	} else {
		cli_error("out of memory");
	}
	free(status->printers);
	free(status->show.printers);
	return result;
}

static int status_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct status status = {.live.interrupt_status = CLI_FAILED};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&status.options, TARGET_PLACES(&target_options)});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (status.options.watch) {
		status.live.interrupt_status = CLI_DONE;
	}
	status_show_init(&status.show, status.options.json, status.options.watch);
	result = targets_init(&status.targets, &target_options, TARGETS_MANY);
	if (result == OPTIONS_RUN) {
		result = status_run_live(&status);
	}
	targets_finish(&status.targets);
	return result;
}

const struct cli_command status_command = {
	.name = "status",
	.section = "Printers",
	.summary = "show what printers do right now",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Asks the printers for all they know (1027) and shows each as it answers. Who "
		"does\n"
		"not answer within --timeout is shown last, with what to check, and the exit\n"
		"status is 6. --watch goes on, on a terminal in place until Ctrl-C.",
	.groups = (const struct options_group *const[]){&status_group, TARGET_GROUPS, NULL},
	.run = status_run,
};
