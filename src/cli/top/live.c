/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/kit/input.h"
#include "cli/top/screen.h"
#include "cli/top/top.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TOP_JOB_REPORTED "no job is under way"

static bool top_has_no_job(const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	return job->state_received &&
	       (job->state == PRINTER_JOB_IDLE || job->state == PRINTER_JOB_FINISHED ||
		job->state == PRINTER_JOB_STOPPED);
}

void top_command(struct top *top, struct top_row *row, enum command_kind kind)
{
	size_t index = (size_t)(row - top->model.rows);
	struct command_request request = {.kind = kind};

	if (row->busy) {
		top_model_note(&top->model, OUTPUT_YELLOW, "%s: another command is under way",
			       row->label);
		return;
	}
	if (top_has_no_job(row->state)) {
		top_model_note(&top->model, OUTPUT_YELLOW, "%s: " TOP_JOB_REPORTED, row->label);
		return;
	}
	target_fill_request(&top->targets.printers[index], &request);
	request.timeout_ms = top->targets.timeout_given ? top->targets.timeout_ms : 0;
	row->busy = true;
	row->command = kind;
	top_model_note(&top->model, OUTPUT_CYAN, "%s: %s ...", row->label, top_row_state(row));
	live_command(&top->live, top->printers[index], &request);
}

static enum output_style top_outcome_style(const struct command_report *report)
{
	switch (report->outcome) {
	case COMMAND_CONFIRMED:
		return OUTPUT_GREEN;
	case COMMAND_ACCEPTED:
		return report->effect_expected ? OUTPUT_YELLOW : OUTPUT_GREEN;
	default:
		return OUTPUT_RED;
	}
}

void top_command_done(struct top *top, struct fleet_printer *printer,
		      const struct command_report *report)
{
	struct top_row *row = &top->model.rows[top_index(top, printer)];

	row->busy = false;
	top_model_note(&top->model, top_outcome_style(report), "%s: %s %s: %s", row->label,
		       command_kind_name(report->kind), command_outcome_name(report->outcome),
		       report->detail);
}

#define TOP_TICK_MS   1000
#define TOP_ASK_MS    10000
#define TOP_DRAW_MS   50 /* changes that come together are drawn together */
#define TOP_ONCE_MS   2000
#define TOP_SETTLE_MS 150

enum top_timer {
	TOP_TIMER_TICK,
	TOP_TIMER_ASK,
	TOP_TIMER_DRAW,
	TOP_TIMER_DEADLINE,
};

size_t top_index(const struct top *top, const struct fleet_printer *printer)
{
	return (size_t)(live_target(printer) - top->targets.printers);
}

/* --- the screen --- */

static void top_draw(void *context)
{
	struct top *top = context;
	struct top_view view = {.now = live_moment(), .ascii = top->terminal.ascii, .live = true};
	struct top_screen screen;

	top->awaits_draw = false;
	if (!top->terminal.open) {
		return;
	}
	top_terminal_size(&view.width, &view.height);
	top_model_update(&top->model);
	top_screen_init(&screen, &top->model, &view, top->first);
	top->first = screen.first;
	for (size_t i = 0; i < view.height; i++) {
		top_screen_line(&screen, i, &top->line);
		top_terminal_draw(&top->terminal, i, &top->line);
	}
	top_terminal_show();
}

static void top_draw_soon(struct top *top)
{
	if (top->terminal.open && !top->awaits_draw) {
		top->awaits_draw = true;
		live_timer_start(&top->live, TOP_TIMER_DRAW, TOP_DRAW_MS, 0, top_draw);
	}
}

static void top_tick(void *context)
{
	struct top *top = context;
	int64_t now_ms = live_monotonic_ms(&top->live);

	if (now_ms - top->sampled_ms >= TOP_SAMPLE_MS) {
		top->sampled_ms = now_ms;
		top_model_sample(&top->model);
	}
	top_draw(top);
}

static void top_receive_trouble(void *context, const char *line)
{
	struct top *top = context;

	top_model_note(&top->model, OUTPUT_YELLOW, "%s", line);
	top_draw_soon(top);
}

/* --- keys --- */

static void top_press(struct top *top, unsigned long key)
{
	struct top_row *row;

	switch (top_model_press(&top->model, key, &row)) {
	case TOP_ACTION_QUIT:
		live_stop(&top->live, CLI_DONE);
		break;
	case TOP_ACTION_PAUSE:
		top_command(top, row, COMMAND_PAUSE);
		break;
	case TOP_ACTION_RESUME:
		top_command(top, row, COMMAND_RESUME);
		break;
	case TOP_ACTION_STOP:
		top_command(top, row, COMMAND_STOP);
		break;
	case TOP_ACTION_NONE:
		break;
	}
}

static void top_handle_keys(uv_poll_t *poll, int status, int events)
{
	struct top *top = poll->data;
	unsigned long key;

	(void)events;
	/* A terminal that is gone says so for ever. */
	if (status) {
		live_stop(&top->live, CLI_FAILED);
		return;
	}
	while (!top->live.stopping && top_terminal_read(&key)) {
		top_press(top, key);
	}
	top_draw(top);
}

static void top_handle_resized(uv_signal_t *handle, int number)
{
	(void)number;
	top_terminal_resize();
	top_draw(handle->data);
}

/* --- once --- */

static bool top_all_reported(const struct top *top)
{
	for (size_t i = 0; i < top->model.count; i++) {
		if (!top->reported[i] && top->failures[i] == 0) {
			return false;
		}
	}
	return true;
}

/* Where nobody could be reached, that is the result. */
static int top_once_status(const struct top *top)
{
	for (size_t i = 0; i < top->model.count; i++) {
		if (top->failures[i] == 0) {
			return CLI_DONE;
		}
	}
	return top->model.count > 0 ? top->failures[0] : CLI_DONE;
}

static void top_finish_once(void *context)
{
	struct top *top = context;
	int status = top_once_status(top);
	struct printer_moment now = live_moment();

	top_model_update(&top->model);
	if (status == CLI_DONE && top->options.json) {
		top_once_print_json(&top->model, &now);
	} else if (status == CLI_DONE) {
		top_once_print(&top->model, &now);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		status = CLI_FAILED;
	}
	live_stop(&top->live, status);
}

static void top_look_once(struct top *top)
{
	if (top->options.once && top_all_reported(top)) {
		live_timer_start(&top->live, TOP_TIMER_DRAW, TOP_SETTLE_MS, 0, top_finish_once);
	}
}

/* --- what comes from the fleet --- */

static void top_ready(void *context, struct fleet_printer *printer)
{
	struct top *top = context;

	top->model.rows[top_index(top, printer)].unreachable = false;
	fleet_ask_status(printer);
	top_draw_soon(top);
}

static void top_done(void *context, struct fleet_printer *printer,
		     const struct command_report *report)
{
	struct top *top = context;

	top_command_done(top, printer, report);
	top_draw_soon(top);
}

static void top_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
			const struct channel_payload *payload)
{
	struct top *top = context;

	(void)kind;
	(void)payload;
	top->reported[top_index(top, printer)] = fleet_printer_state(printer)->job.state_received;
	top_look_once(top);
	top_draw_soon(top);
}

static void top_lost(void *context, struct fleet_printer *printer)
{
	struct top *top = context;

	top->model.rows[top_index(top, printer)].unreachable = true;
	top_draw_soon(top);
}

static void top_failed(void *context, struct fleet_printer *printer, int status)
{
	struct top *top = context;
	size_t index = top_index(top, printer);

	top->model.rows[index].unreachable = true;
	top->failures[index] = status;
	top_look_once(top);
	top_draw_soon(top);
}

/* An M5 that sits idle says nothing unasked, and would be taken for offline. */
static void top_ask(void *context)
{
	struct top *top = context;

	for (size_t i = 0; i < top->model.count; i++) {
		fleet_ask_status(top->printers[i]);
	}
}

/* --- start and end --- */

static void top_name_rows(struct top *top)
{
	struct fleet_printer *printer = NULL;

	while ((printer = fleet_next_printer(top->live.fleet, printer))) {
		size_t index = top_index(top, printer);

		top->printers[index] = printer;
		top->model.rows[index].number = index + 1;
		top->model.rows[index].label = live_label(printer);
		top->model.rows[index].state = fleet_printer_state(printer);
	}
}

static void top_start_screen(struct top *top)
{
	struct live *live = &top->live;

	if (!top_terminal_open(&top->terminal, top->colour)) {
		cli_error("the terminal's type is not known here (TERM=%s): flagship top --once "
			  "prints plain text",
			  getenv("TERM") ? getenv("TERM") : "");
		live_stop(live, CLI_FAILED);
		return;
	}
	top_trouble_open(&top->trouble, &live->loop, top_receive_trouble, top);
	input_poll_init(&live->loop, &top->keys, STDIN_FILENO);
	uv_signal_init(&live->loop, &top->resized);
	top->keys.data = top;
	top->resized.data = top;
	uv_poll_start(&top->keys, UV_READABLE, top_handle_keys);
	uv_signal_start(&top->resized, top_handle_resized, SIGWINCH);
	live_timer_start(live, TOP_TIMER_TICK, TOP_TICK_MS, TOP_TICK_MS, top_tick);
	live_timer_start(live, TOP_TIMER_ASK, TOP_ASK_MS, TOP_ASK_MS, top_ask);
	top_draw(top);
}

static void top_start(void *context)
{
	struct top *top = context;
	int64_t wait_ms = top->targets.timeout_given ? top->targets.timeout_ms : TOP_ONCE_MS;

	top_name_rows(top);
	top_model_init(&top->model, top->model.rows, top->model.shown, top->targets.count);
	if (top->options.once) {
		live_timer_start(&top->live, TOP_TIMER_DEADLINE, wait_ms, 0, top_finish_once);
	} else {
		top_start_screen(top);
	}
}

static void top_stop(void *context)
{
	struct top *top = context;

	if (!top->terminal.open) {
		return;
	}
	uv_close((uv_handle_t *)&top->keys, NULL);
	uv_close((uv_handle_t *)&top->resized, NULL);
	top_trouble_close(&top->trouble);
	top_terminal_close(&top->terminal);
}

const struct live_handlers top_live_handlers = {
	.on_start = top_start,
	.on_ready = top_ready,
	.on_payload = top_payload,
	.on_done = top_done,
	.on_lost = top_lost,
	.on_failed = top_failed,
	.on_stop = top_stop,
};
