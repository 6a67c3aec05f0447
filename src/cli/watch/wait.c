/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/control/report.h"
#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/target/live.h"
#include "cli/watch/event_line.h"
#include "cli/watch/wait_condition.h"
#include "printer/state/state.h"
#include "printer/state/state_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* wait: until something is so, on one printer or on several. */

#define WAIT_TICK_MS          250
#define WAIT_ASK_MS           4000
#define WAIT_INTERRUPT_STATUS 130 /* what the shell makes of a death by SIGINT */

enum wait_timer {
	WAIT_TIMER_TICK,
	WAIT_TIMER_ASK,
};

struct wait_options {
	bool json;
	bool any;
	const char *exec;
};

/* How it ended for one printer. */
struct wait_end {
	const char *outcome;                    /* as JSON has it: "holds" */
	const struct wait_condition *condition; /* that holds, or NULL */
	const char *detail;                     /* why it does not, or NULL */
	int status;
};

struct wait_printer {
	struct wait_history history;
	bool ended;
	int64_t ready_ms; /* when it was subscribed last; 0: it is not */
};

struct wait {
	struct live live;
	struct targets targets;
	struct wait_options options;
	struct output output;
	struct exec_queue exec;
	struct wait_condition *conditions;
	size_t condition_count;
	struct wait_printer *printers; /* as many as targets */
	size_t left;
	int64_t started_ms;
	int status;
};

/* One printer's end, on its way to JSON. */
struct wait_line {
	const struct wait *wait;
	const struct target *target;
	const struct printer_state *state;
	const struct wait_end *end;
	int64_t elapsed_ms;
};

static const struct options_option wait_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print how it ended as one JSON object for each printer",
	 .offset = offsetof(struct wait_options, json)},
	{.name = "any",
	 .kind = OPTIONS_FLAG,
	 .help = "of several printers, end with the first for which it holds",
	 .offset = offsetof(struct wait_options, any)},
	{.name = "exec",
	 .kind = OPTIONS_TEXT,
	 .value = "COMMAND",
	 .help = "run this by the shell when it holds, which is told in FLAGSHIP_EVENT, "
		 "FLAGSHIP_PRINTER and others",
	 .offset = offsetof(struct wait_options, exec)},
};

static const struct options_group wait_group = OPTIONS_GROUP("Options", wait_table);

static struct wait_printer *wait_find(const struct wait *wait, const struct fleet_printer *printer)
{
	return &wait->printers[live_target(printer) - wait->targets.printers];
}

static bool wait_has(const struct wait *wait, enum wait_kind kind)
{
	for (size_t i = 0; i < wait->condition_count; i++) {
		if (wait->conditions[i].kind == kind) {
			return true;
		}
	}
	return false;
}

/* --- an end --- */

static void wait_write(struct json_writer *writer, const void *context)
{
	const struct wait_line *line = context;
	const struct wait_end *end = line->end;
	struct printer_moment now = live_moment();
	char time[TIME_TEXT_MAX];
	char state[PRINTER_STATE_JSON_MAX];
	size_t length;

	json_object_begin(writer);
	json_member_string(writer, "serial", line->target->serial);
	json_member_string(writer, "name", line->target->name);
	json_member_string(writer, "outcome", end->outcome);
	json_member_string(writer, "condition", end->condition ? end->condition->text : NULL);
	json_member_string(writer, "detail", end->detail);
	json_member_string(writer, "ended_at", time_text_write(now.unix_ms, time));
	json_member_int(writer, "elapsed_ms", line->elapsed_ms);
	json_key(writer, "state");
	if (printer_state_to_json(line->state, &now, state, sizeof(state), &length) == 0) {
		json_raw(writer, state, length);
	} else {
		json_null(writer);
	}
	json_object_end(writer);
}

static void wait_print_text(const struct wait *wait, const struct fleet_printer *printer,
			    const struct wait_end *end)
{
	const char *label = live_label(printer);
	const char *job = fleet_printer_state(printer)->job.name;

	if (!end->condition) {
		cli_error("printer %s: %s", label, end->detail);
		return;
	}
	output_text(&wait->output, OUTPUT_BOLD, label, strlen(label), false);
	output_print(&wait->output, OUTPUT_PLAIN, ": %s", end->condition->text);
	if (job[0] != '\0') {
		fputs("  ", stdout);
		output_text(&wait->output, OUTPUT_PLAIN, job, strlen(job), false);
	}
	fputc('\n', stdout);
}

static void wait_exec(struct wait *wait, const struct fleet_printer *printer,
		      const struct wait_end *end)
{
	const struct event_source source = {
		.state = fleet_printer_state(printer),
		.name = live_target(printer)->name,
	};

	event_exec_state(&wait->exec, end->condition->name, clock_unix_ms(), &source, NULL);
}

static void wait_end(struct wait *wait, const struct fleet_printer *printer,
		     const struct wait_end *end)
{
	struct wait_printer *own = wait_find(wait, printer);
	const struct wait_line line = {
		.wait = wait,
		.target = live_target(printer),
		.state = fleet_printer_state(printer),
		.end = end,
		.elapsed_ms = live_monotonic_ms(&wait->live) - wait->started_ms,
	};

	if (own->ended) {
		return;
	}
	own->ended = true;
	wait->left--;
	if (wait->options.json) {
		json_line_print(wait_write, &line, stdout);
	} else {
		wait_print_text(wait, printer, end);
	}
	fflush(stdout);
	wait->status = ferror(stdout) ? CLI_FAILED
				      : control_worse_status(wait->status, end->status);
	if (end->condition) {
		wait_exec(wait, printer, end);
	}
	if (end->condition && wait->options.any) {
		live_stop(&wait->live, ferror(stdout) ? CLI_FAILED : CLI_DONE);
	} else if (wait->left == 0) {
		live_stop(&wait->live, wait->status);
	}
}

/* --- looking --- */

static void wait_look(struct wait *wait, const struct fleet_printer *printer)
{
	struct wait_printer *own = wait_find(wait, printer);
	const struct printer_state *state = fleet_printer_state(printer);
	int64_t now_ms = live_monotonic_ms(&wait->live);
	const char *first_reason = NULL;
	size_t impossible = 0;

	if (own->ended) {
		return;
	}
	wait_history_state(&own->history, state, now_ms);
	for (size_t i = 0; i < wait->condition_count; i++) {
		const struct wait_condition *condition = &wait->conditions[i];
		const char *reason;
		enum wait_verdict verdict = wait_condition_check(condition, state, &own->history,
								 now_ms, &reason);

		if (verdict == WAIT_HOLDS) {
			wait_end(wait, printer,
				 &(struct wait_end){.outcome = "holds", .condition = condition});
			return;
		}
		first_reason = first_reason ? first_reason : reason;
		impossible += verdict == WAIT_IMPOSSIBLE;
	}
	if (impossible == wait->condition_count) {
		wait_end(wait, printer,
			 &(struct wait_end){.outcome = "impossible",
					    .detail = first_reason,
					    .status = CLI_FAILED});
	}
}

/* Never received, and not to be expected any more. */
static void wait_give_up(struct wait *wait, const struct fleet_printer *printer)
{
	for (size_t i = 0; i < wait->condition_count; i++) {
		if (wait->conditions[i].kind == WAIT_OFFLINE &&
		    wait_find(wait, printer)->ready_ms != 0) {
			wait_end(wait, printer,
				 &(struct wait_end){.outcome = "holds",
						    .condition = &wait->conditions[i]});
			return;
		}
	}
	int status = live_explain_silence(&wait->live, printer, wait->targets.answer_ms);
	wait_end(wait, printer,
		 &(struct wait_end){.outcome = "unanswered",
				    .detail = "nothing was heard of it",
				    .status = status});
}

static void wait_check_silence(struct wait *wait, const struct fleet_printer *printer)
{
	const struct wait_printer *own = wait_find(wait, printer);
	const struct printer_state *state = fleet_printer_state(printer);
	int64_t now_ms = live_monotonic_ms(&wait->live);
	bool received = fleet_printer_counts(printer)->payloads > 0;
	int64_t since_ms = received && own->ready_ms != 0 ? own->ready_ms : wait->started_ms;

	/* Whoever waits for it to come has time; a lost connection is being made again. */
	if (own->ended || wait_has(wait, WAIT_ONLINE) || (received && own->ready_ms == 0) ||
	    (received && state->online) || now_ms - since_ms < wait->targets.answer_ms) {
		return;
	}
	if (!received) {
		wait_give_up(wait, printer);
	} else {
		wait_end(wait, printer,
			 &(struct wait_end){.outcome = "offline",
					    .detail = "it has fallen silent",
					    .status = CLI_NO_ANSWER});
	}
}

static bool wait_is_over(const struct wait *wait)
{
	return wait->targets.timeout_given &&
	       live_monotonic_ms(&wait->live) - wait->started_ms >= wait->targets.timeout_ms;
}

static void wait_tick(void *context)
{
	struct wait *wait = context;
	struct fleet_printer *printer = NULL;
	bool over = wait_is_over(wait);

	while (!wait->live.stopping && (printer = fleet_next_printer(wait->live.fleet, printer))) {
		wait_look(wait, printer);
		if (!wait->live.stopping) {
			wait_check_silence(wait, printer);
		}
		if (over && !wait->live.stopping) {
			bool received = fleet_printer_counts(printer)->payloads > 0;

			wait_end(wait, printer,
				 &(struct wait_end){
					 .outcome = received ? "timeout" : "unanswered",
					 .detail = received ? "it did not come true in time"
							    : "nothing was heard of it",
					 .status = received ? CLI_FAILED : CLI_NO_ANSWER});
		}
	}
}

/* --- what comes --- */

static void wait_ask(void *context)
{
	struct wait *wait = context;
	struct fleet_printer *printer = NULL;

	while ((printer = fleet_next_printer(wait->live.fleet, printer))) {
		if (!wait_find(wait, printer)->ended && fleet_printer_ready(printer)) {
			fleet_ask_status(printer);
		}
	}
}

static void wait_start(void *context)
{
	struct wait *wait = context;

	wait->started_ms = live_monotonic_ms(&wait->live);
	exec_queue_open(&wait->exec, &wait->live.loop, wait->options.exec);
	live_timer_start(&wait->live, WAIT_TIMER_TICK, WAIT_TICK_MS, WAIT_TICK_MS, wait_tick);
	/* An M5 that sits idle says nothing unasked, and an answer can be lost. */
	live_timer_start(&wait->live, WAIT_TIMER_ASK, WAIT_ASK_MS, WAIT_ASK_MS, wait_ask);
}

static void wait_ready(void *context, struct fleet_printer *printer)
{
	struct wait *wait = context;

	wait_find(wait, printer)->ready_ms = live_monotonic_ms(&wait->live);
	fleet_ask_status(printer);
}

static void wait_lost(void *context, struct fleet_printer *printer)
{
	struct wait *wait = context;

	wait_find(wait, printer)->ready_ms = 0;
}

static void wait_payload(void *context, struct fleet_printer *printer,
			 enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	(void)kind;
	(void)payload;
	wait_look(context, printer);
}

static void wait_event(void *context, struct fleet_printer *printer,
		       const struct printer_event *event)
{
	struct wait *wait = context;

	wait_history_event(&wait_find(wait, printer)->history, event);
}

static void wait_failed(void *context, struct fleet_printer *printer, int status)
{
	wait_end(context, printer,
		 &(struct wait_end){
			 .outcome = "failed", .detail = "it cannot be reached", .status = status});
}

static void wait_stop(void *context)
{
	struct wait *wait = context;

	exec_queue_finish(&wait->exec, wait->live.interrupted);
}

static const struct live_handlers wait_handlers = {
	.on_start = wait_start,
	.on_ready = wait_ready,
	.on_payload = wait_payload,
	.on_printer_event = wait_event,
	.on_lost = wait_lost,
	.on_failed = wait_failed,
	.on_stop = wait_stop,
};

static int wait_read(struct wait *wait, int argc, char **argv)
{
	if (argc == 0) {
		cli_error("wait: say what for, such as finished; see flagship wait --help");
		return CLI_USAGE;
	}
	wait->conditions = calloc((size_t)argc, sizeof(*wait->conditions));
	if (!wait->conditions) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	wait->condition_count = (size_t)argc;
	for (int i = 0; i < argc; i++) {
		if (!wait_condition_read(argv[i], &wait->conditions[i])) {
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

static int wait_run_live(struct wait *wait)
{
	wait->left = wait->targets.count;
	wait->printers = calloc(wait->left, sizeof(*wait->printers));
	if (!wait->printers) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	return live_run(&wait->live, &wait->targets, &wait_handlers, wait);
}

static int wait_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct wait wait = {
		.live = {.interrupt_status = WAIT_INTERRUPT_STATUS, .wants_messages = true}};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&wait.options, TARGET_PLACES(&target_options)});

	if (result == OPTIONS_RUN) {
		result = wait_read(&wait, argc, argv);
	}
	if (result == OPTIONS_RUN) {
		output_init(&wait.output, stdout);
		result = targets_init(&wait.targets, &target_options, TARGETS_NAMED);
		if (result == OPTIONS_RUN) {
			result = wait_run_live(&wait);
		}
		targets_finish(&wait.targets);
	}
	free(wait.conditions);
	free(wait.printers);
	return result;
}

const struct cli_command wait_command = {
	.name = "wait",
	.section = "Printers",
	.summary = "wait until a job is finished, or something else is so",
	.arguments = "CONDITION...",
	.arguments_max = SIZE_MAX,
	.description =
		"Waits until one of the conditions holds, prints it, and ends with 0. They are\n"
		"finished, stopped, paused, printing, idle, error, online, offline; temperature\n"
		"(all that is heated is as warm as it should be), nozzle and bed (that part is),\n"
		"nozzle=200, 'nozzle>=200', 'bed<=40', progress=50 and layer=10 (at least).\n"
		"Ends with 1 where none of them can come true any more, such as finished after a\n"
		"stop, and after --timeout; with 6 where the printer does not answer, or falls\n"
		"silent. Of several printers all are waited for, unless --any.",
	.groups = (const struct options_group *const[]){&wait_group, TARGET_GROUPS, NULL},
	.run = wait_run,
};
