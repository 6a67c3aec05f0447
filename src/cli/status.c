/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/live.h"
#include "cli/status_page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The answer to 1027 may come in one message or in many, and nothing says which is the last. With
 * everything heard there is nothing to wait for; with the essential parts alone the rest follows at
 * once or not at all; and a job that runs tells its progress every 3 s at the latest.
 */
#define STATUS_QUIET_MS     150
#define STATUS_PROGRESS_MS  3500
#define STATUS_WRONG_KEY_MS 1000
#define STATUS_TICK_MS      250
#define STATUS_REFRESH_MS   1000
#define STATUS_SETTLE_MS    50
#define STATUS_ASK_AGAIN_MS 10000

#define CURSOR_UP           "\033[%uA"
#define CLEAR_BELOW         "\033[J"

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

/* What is known of the picture of one printer. */
struct status_printer {
	struct fleet_printer *printer;
	int64_t due_ms; /* when to wait no longer for more of it */
	bool concluded;
	bool silent; /* nothing was heard in time, which was told */
	bool awaits_progress;
	int64_t wrong_since_ms; /* when the first message came that the key does not fit */
	char before[PRINTER_STATE_JSON_MAX];
};

struct status {
	struct live live;
	struct targets targets;
	struct status_options options;
	struct output output;
	struct status_printer *printers;
	size_t count;
	bool concluded;     /* the first picture is shown */
	bool in_place;      /* each page replaces the one before */
	bool shown;         /* something was printed */
	unsigned int lines; /* of the page on the terminal */
	int status;         /* of the first printer that was silent */
};

static const struct options_option status_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print the state as one JSON object",
	 .offset = offsetof(struct status_options, json)},
	{.name = "watch",
	 .kind = OPTIONS_FLAG,
	 .help = "go on and show every change; with --json one line each",
	 .offset = offsetof(struct status_options, watch)},
};

static const struct options_group status_group = OPTIONS_GROUP("Options", status_table);

static bool status_has_essentials(const struct printer_state *state)
{
	return state->job.state_heard && (state->model == FLAGSHIP_MODEL_E1 ||
					  (state->nozzle.current_centi_c != PRINTER_NEVER &&
					   state->bed.current_centi_c != PRINTER_NEVER));
}

static bool status_is_printing(const struct printer_state *state)
{
	return state->job.state_heard && state->job.state == PRINTER_JOB_PRINTING;
}

static bool status_lacks_progress(const struct printer_state *state)
{
	return status_is_printing(state) && state->job.progress_centi_percent == PRINTER_NEVER;
}

static bool status_has_everything(const struct printer_state *state)
{
	return status_has_essentials(state) && state->fan_percent != PRINTER_NEVER &&
	       state->speed_mm_s != PRINTER_NEVER && state->max_speed_mm_s != PRINTER_NEVER &&
	       state->z_offset_centi_mm != PRINTER_NEVER && state->levelled != PRINTER_NEVER &&
	       state->filament.heard &&
	       (!status_is_printing(state) || state->job.layer != PRINTER_NEVER);
}

/* What changed, without what changes by itself: times and ages. */
static bool status_changed(struct status_printer *own)
{
	struct printer_state state = *fleet_printer_state(own->printer);
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	state.job.heard_ms = state.nozzle.heard_ms = state.bed.heard_ms = state.seen_ms = 0;
	if (printer_state_to_json(&state, 0, false, json, sizeof(json), &length) != 0 ||
	    strcmp(json, own->before) == 0) {
		return false;
	}
	memcpy(own->before, json, length + 1);
	return true;
}

static void status_print_json(const struct status_printer *own)
{
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	if (printer_state_to_json(fleet_printer_state(own->printer), live_now_ms(), true, json,
				  sizeof(json), &length) == 0) {
		puts(json);
	}
}

/* The pages of all printers that were heard, one below the other. */
static void status_print_pages(struct status *status)
{
	int64_t now_ms = live_now_ms();
	bool first = true;

	if (status->in_place && status->lines > 0) {
		printf(CURSOR_UP CLEAR_BELOW, status->lines);
	} else if (status->shown) {
		putchar('\n');
	}
	status->lines = 0;
	for (size_t i = 0; i < status->count; i++) {
		if (fleet_printer_counts(status->printers[i].printer)->payloads == 0) {
			continue;
		}
		if (!first) {
			putchar('\n');
			status->lines++;
		}
		first = false;
		status->lines += status_page_print(
			&status->output, fleet_printer_state(status->printers[i].printer), now_ms);
	}
	status->shown = true;
}

static void status_flush(struct status *status)
{
	fflush(stdout);
	if (ferror(stdout)) {
		live_stop(&status->live, CLI_FAILED);
	}
}

/* All that changed. */
static void status_refresh(void *context)
{
	struct status *status = context;
	bool changed = false;

	for (size_t i = 0; i < status->count; i++) {
		struct status_printer *own = &status->printers[i];

		if (fleet_printer_counts(own->printer)->payloads == 0 || !status_changed(own)) {
			continue;
		}
		changed = true;
		if (status->options.json) {
			status_print_json(own);
		}
	}
	if (!status->options.json && (changed || status->in_place)) {
		status_print_pages(status);
	}
	status_flush(status);
}

static void status_ask(void *context)
{
	struct status *status = context;

	for (size_t i = 0; i < status->count; i++) {
		fleet_ask_status(status->printers[i].printer);
	}
}

/* The first picture of every printer is there, or will not come. */
static void status_conclude(struct status *status)
{
	live_timer_stop(&status->live, STATUS_TIMER_DEADLINE);
	live_timer_stop(&status->live, STATUS_TIMER_QUIET);
	status->concluded = true;
	status_refresh(status);
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

static void status_due(void *context);

/* Concludes where nothing is waited for any more; else looks again when the next is due. */
static void status_schedule(struct status *status)
{
	int64_t now_ms = live_monotonic_ms(&status->live);
	int64_t due_ms = INT64_MAX;
	bool all = true;
	bool none_heard = true;

	for (size_t i = 0; i < status->count; i++) {
		const struct status_printer *own = &status->printers[i];

		all = all && own->concluded;
		none_heard = none_heard && own->silent;
		if (!own->concluded && own->due_ms < due_ms) {
			due_ms = own->due_ms;
		}
	}
	if (none_heard) {
		live_stop(&status->live, status->status);
	} else if (all) {
		status_conclude(status);
	} else if (due_ms != INT64_MAX) {
		live_timer_start(&status->live, STATUS_TIMER_QUIET,
				 due_ms > now_ms ? due_ms - now_ms : 0, 0, status_due);
	}
}

static void status_due(void *context)
{
	struct status *status = context;
	int64_t now_ms = live_monotonic_ms(&status->live);

	for (size_t i = 0; i < status->count; i++) {
		if (status->printers[i].due_ms <= now_ms) {
			status->printers[i].concluded = true;
		}
	}
	status_schedule(status);
}

static void status_give_up(struct status *status, struct status_printer *own, int reason)
{
	own->concluded = true;
	own->silent = true;
	if (status->status == CLI_DONE) {
		status->status = reason;
	}
}

static void status_deadline(void *context)
{
	struct status *status = context;

	for (size_t i = 0; i < status->count; i++) {
		struct status_printer *own = &status->printers[i];

		if (own->concluded) {
			continue;
		}
		own->concluded = true;
		if (fleet_printer_counts(own->printer)->payloads == 0) {
			status_give_up(status, own,
				       live_explain_silence(&status->live, own->printer,
							    status->targets.timeout_ms));
		} else if (!status_has_essentials(fleet_printer_state(own->printer))) {
			cli_warn("printer %s: only a part of its state was heard",
				 live_label(own->printer));
		}
	}
	status_schedule(status);
}

/* Until the first picture: a wrong key shows at once, and need not wait for the deadline. */
static void status_tick(void *context)
{
	struct status *status = context;
	int64_t now_ms = live_monotonic_ms(&status->live);

	for (size_t i = 0; i < status->count && !status->live.stopping; i++) {
		struct status_printer *own = &status->printers[i];
		const struct fleet_counts *counts = fleet_printer_counts(own->printer);

		if (own->concluded || counts->payloads > 0 || counts->wrong_key == 0) {
			continue;
		}
		if (own->wrong_since_ms == 0) {
			own->wrong_since_ms = now_ms;
		} else if (now_ms - own->wrong_since_ms >= STATUS_WRONG_KEY_MS) {
			status_give_up(status, own,
				       live_explain_silence(&status->live, own->printer, 0));
			status_schedule(status);
		}
	}
}

static void status_start(void *context)
{
	struct status *status = context;
	struct fleet_printer *printer = NULL;

	for (size_t i = 0; i < status->count; i++) {
		printer = fleet_next_printer(status->live.fleet, printer);
		status->printers[i].printer = printer;
		status->printers[i].due_ms = INT64_MAX;
	}
	live_timer_start(&status->live, STATUS_TIMER_DEADLINE, status->targets.timeout_ms, 0,
			 status_deadline);
	live_timer_start(&status->live, STATUS_TIMER_TICK, STATUS_TICK_MS, STATUS_TICK_MS,
			 status_tick);
}

static struct status_printer *status_of(struct status *status, const struct fleet_printer *printer)
{
	size_t i = 0;

	while (status->printers[i].printer != printer) {
		i++;
	}
	return &status->printers[i];
}

/* Decides, before the first picture, how long to wait for more of it. */
static void status_wait(struct status *status, struct status_printer *own)
{
	const struct printer_state *state = fleet_printer_state(own->printer);
	int64_t now_ms = live_monotonic_ms(&status->live);

	if (!status_has_essentials(state)) {
		return;
	}
	if (!status_lacks_progress(state)) {
		own->due_ms = now_ms + (status_has_everything(state) ? 0 : STATUS_QUIET_MS);
	} else if (!own->awaits_progress) {
		own->awaits_progress = true;
		own->due_ms = now_ms + STATUS_PROGRESS_MS;
	}
	status_schedule(status);
}

static void status_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

static void status_payload(void *context, struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const uint8_t *plaintext, size_t length)
{
	struct status *status = context;
	struct status_printer *own = status_of(status, printer);

	(void)kind;
	(void)plaintext;
	(void)length;
	if (status->concluded) {
		live_timer_start(&status->live, STATUS_TIMER_QUIET, STATUS_SETTLE_MS, 0,
				 status_refresh);
	} else if (!own->concluded) {
		status_wait(status, own);
	}
}

static void status_lost(void *context, struct fleet_printer *printer)
{
	struct status *status = context;

	(void)printer;
	/* What was told on stderr now stands below the page. */
	status->lines = 0;
}

/* Of several, the others are still shown. */
static void status_failed(void *context, struct fleet_printer *printer, int reason)
{
	struct status *status = context;

	status_give_up(status, status_of(status, printer), reason);
	status_schedule(status);
}

static const struct live_handlers status_handlers = {
	.on_start = status_start,
	.on_ready = status_ready,
	.on_payload = status_payload,
	.on_lost = status_lost,
	.on_failed = status_failed,
};

static int status_run_live(struct status *status)
{
	int result;

	status->count = status->targets.count;
	status->printers = calloc(status->count, sizeof(*status->printers));
	if (status->printers == NULL) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	result = live_run(&status->live, &status->targets, &status_handlers, status);
	free(status->printers);
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
	output_init(&status.output, stdout);
	status.in_place = status.options.watch && isatty(STDOUT_FILENO) == 1;
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
		"Asks the printer for all it knows (1027) and shows the answer. Where none comes\n"
		"within --timeout, says what to check and ends with exit status 6.",
	.groups = (const struct options_group *const[]){&status_group, TARGET_GROUPS, NULL},
	.run = status_run,
};
