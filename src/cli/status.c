/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/live.h"
#include "cli/status_page.h"

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

struct status {
	struct live live;
	struct status_options options;
	struct output output;
	struct printer_state state;
	bool in_place;      /* each page replaces the one before */
	bool shown;         /* something was printed */
	unsigned int lines; /* of the page on the terminal */
	bool awaits_progress;
	int64_t wrong_since; /* when the first message came that the key does not fit */
	char before[PRINTER_STATE_JSON_MAX];
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
static bool status_changed(struct status *status)
{
	struct printer_state state = status->state;
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	state.job.heard_ms = state.nozzle.heard_ms = state.bed.heard_ms = state.seen_ms = 0;
	if (printer_state_to_json(&state, 0, false, json, sizeof(json), &length) != 0 ||
	    strcmp(json, status->before) == 0) {
		return false;
	}
	memcpy(status->before, json, length + 1);
	return true;
}

static void status_print(struct status *status)
{
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;
	int64_t now_ms = live_now_ms();

	if (status->options.json) {
		if (printer_state_to_json(&status->state, now_ms, true, json, sizeof(json),
					  &length) == 0) {
			puts(json);
		}
	} else {
		if (status->in_place && status->lines > 0) {
			printf(CURSOR_UP CLEAR_BELOW, status->lines);
		} else if (status->shown) {
			putchar('\n');
		}
		status->lines = status_page_print(&status->output, &status->state, now_ms);
	}
	status->shown = true;
	fflush(stdout);
	if (ferror(stdout)) {
		live_stop(&status->live, CLI_FAILED);
	}
}

static void status_refresh(void *context)
{
	struct status *status = context;

	printer_state_check_online(&status->state, live_now_ms(), NULL, NULL);
	if (status_changed(status) || (status->in_place && !status->options.json)) {
		status_print(status);
	}
}

static void status_ask(void *context)
{
	struct status *status = context;

	live_send_status_query(&status->live);
}

/* The first picture is there. */
static void status_conclude(void *context)
{
	struct status *status = context;

	live_timer_stop(&status->live, STATUS_TIMER_DEADLINE);
	live_timer_stop(&status->live, STATUS_TIMER_QUIET);
	status_changed(status);
	status_print(status);
	if (!status->options.watch) {
		live_stop(&status->live, CLI_DONE);
		return;
	}
	live_timer_start(&status->live, STATUS_TIMER_TICK, STATUS_REFRESH_MS, STATUS_REFRESH_MS,
			 status_refresh);
	/* An M5 that sits idle says nothing unasked, and would be taken for offline. */
	live_timer_start(&status->live, STATUS_TIMER_ASK, STATUS_ASK_AGAIN_MS, STATUS_ASK_AGAIN_MS,
			 status_ask);
}

static void status_deadline(void *context)
{
	struct status *status = context;
	const struct connection *connection = &status->live.connection;

	if (client_counts(status->live.client)->payloads == 0) {
		live_stop(&status->live,
			  live_explain_silence(&status->live, connection->timeout_ms));
		return;
	}
	if (!status_has_essentials(&status->state)) {
		cli_warn("printer %s: only a part of its state was heard", connection->serial);
	}
	status_conclude(status);
}

/* Until the first picture: a wrong key shows at once, and need not wait for the deadline. */
static void status_tick(void *context)
{
	struct status *status = context;
	const struct client_counts *counts = client_counts(status->live.client);
	int64_t now_ms = live_monotonic_ms(&status->live);

	if (counts->payloads > 0 || counts->wrong_key == 0) {
		return;
	}
	if (status->wrong_since == 0) {
		status->wrong_since = now_ms;
	} else if (now_ms - status->wrong_since >= STATUS_WRONG_KEY_MS) {
		live_stop(&status->live, live_explain_silence(&status->live, 0));
	}
}

static void status_start(void *context)
{
	struct status *status = context;

	live_timer_start(&status->live, STATUS_TIMER_DEADLINE, status->live.connection.timeout_ms,
			 0, status_deadline);
	live_timer_start(&status->live, STATUS_TIMER_TICK, STATUS_TICK_MS, STATUS_TICK_MS,
			 status_tick);
}

/* Decides, before the first picture, how long to wait for more of it. */
static void status_wait(struct status *status)
{
	int64_t wait_ms = status_has_everything(&status->state) ? 0 : STATUS_QUIET_MS;

	if (!status_has_essentials(&status->state)) {
		return;
	}
	if (!status_lacks_progress(&status->state)) {
		live_timer_start(&status->live, STATUS_TIMER_QUIET, wait_ms, 0, status_conclude);
	} else if (!status->awaits_progress) {
		status->awaits_progress = true;
		live_timer_start(&status->live, STATUS_TIMER_QUIET, STATUS_PROGRESS_MS, 0,
				 status_conclude);
	}
}

static void status_payload(void *context, enum flagship_topic_kind kind, const uint8_t *plaintext,
			   size_t length)
{
	struct status *status = context;

	(void)kind;
	status->state.model = client_model(status->live.client);
	printer_state_apply(&status->state, plaintext, length, live_now_ms(), NULL, NULL);
	if (status->shown) {
		live_timer_start(&status->live, STATUS_TIMER_QUIET, STATUS_SETTLE_MS, 0,
				 status_refresh);
	} else {
		status_wait(status);
	}
}

static void status_lost(void *context)
{
	struct status *status = context;

	printer_state_connection_lost(&status->state);
	/* What was told on stderr now stands below the page. */
	status->lines = 0;
}

static const struct live_handlers status_handlers = {
	.on_start = status_start,
	.on_ready = status_ask,
	.on_payload = status_payload,
	.on_lost = status_lost,
};

static int status_run(const struct cli_command *command, int argc, char **argv)
{
	struct live_options live_options = LIVE_OPTIONS_DEFAULT;
	struct status status = {.live.interrupt_status = CLI_FAILED};
	int result = options_parse(
		command, &argc, argv,
		(void *[]){&status.options, &live_options.connection, &live_options.key});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (status.options.watch) {
		status.live.interrupt_status = CLI_DONE;
	}
	output_init(&status.output, stdout);
	status.in_place = status.options.watch && isatty(STDOUT_FILENO) == 1;
	printer_state_init(&status.state, live_options.connection.serial, NULL,
			   FLAGSHIP_MODEL_UNKNOWN);
	return live_run(&status.live, &live_options, &status_handlers, &status);
}

const struct cli_command status_command = {
	.name = "status",
	.section = "Printers",
	.summary = "show what a printer does right now",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Asks the printer for all it knows (1027) and shows the answer. Where none comes\n"
		"within --timeout, says what to check and ends with exit status 6.",
	.groups = (const struct options_group *const[]){&status_group, &connection_options_group,
							&key_options_group, NULL},
	.run = status_run,
};
