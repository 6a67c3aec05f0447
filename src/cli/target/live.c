/* SPDX-License-Identifier: MIT */
#include "cli/target/live.h"

#include "base/clock.h"
#include "cli/target/live_internal.h"
#include "fleet/stored.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int live_signals[] = {SIGINT, SIGTERM};

#define LIVE_SIGNAL_COUNT (sizeof(live_signals) / sizeof(live_signals[0]))

static void live_close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

void live_stop(struct live *live, int status)
{
	if (live->stopping) {
		return;
	}
	live->stopping = true;
	live->status = status;
	for (size_t i = 0; i < LIVE_SIGNAL_COUNT; i++) {
		live_close_handle((uv_handle_t *)&live->signals[i]);
	}
	for (size_t i = 0; i < LIVE_TIMERS; i++) {
		live_close_handle((uv_handle_t *)&live->timers[i]);
	}
	if (live->handlers->on_stop) {
		live->handlers->on_stop(live->context);
	}
	fleet_close(live->fleet);
}

static void live_handle_signal(uv_signal_t *handle, int number)
{
	struct live *live = handle->data;

	if (number == SIGINT && live->handlers->on_interrupt &&
	    live->handlers->on_interrupt(live->context)) {
		return;
	}
	live->interrupted = true;
	live_stop(live, live->interrupt_status);
}

static void live_handle_timer(uv_timer_t *timer)
{
	struct live *live = timer->data;

	live->timer_callbacks[timer - live->timers](live->context);
}

void live_command(struct live *live, struct fleet_printer *printer,
		  const struct command_request *request)
{
	const struct service_request own = {.printer = printer, .command = request, .asker = "cli"};
	uint64_t id;

	if (service_submit(live->commands, &own, &id) != 0) {
		cli_error("out of memory");
		live_stop(live, CLI_FAILED);
	}
}

const struct target *live_target(const struct fleet_printer *printer)
{
	return live_of(printer)->target;
}

const char *live_label(const struct fleet_printer *printer)
{
	return live_of(printer)->label;
}

static void live_handle_ready(struct live *live, struct fleet_printer *printer)
{
	struct live_printer *own = live_of(printer);

	if (own->was_ready) {
		cli_warn("printer %s: connected again", own->label);
	}
	if (!own->was_ready && fleet_printer_rights(printer).no_query) {
		cli_warn("printer %s is shared with this account without the right to ask it for "
			 "anything; only what it tells by itself can be seen",
			 own->label);
	}
	own->was_ready = true;
	live->handlers->on_ready(live->context, printer);
}

/* A printer of which nothing was received for so long is asked what has become of it meanwhile. */
static void live_handle_clock(const struct live *live, const struct clock_change *change)
{
	struct fleet_printer *printer = NULL;

	while (change->slept_ms > 0 && (printer = fleet_next_printer(live->fleet, printer))) {
		(void)fleet_ask_status(printer);
	}
}

static void live_handle_event(void *context, const struct fleet_event *event)
{
	struct live *live = context;

	if (live->stopping) {
		return;
	}
	switch (event->kind) {
	case FLEET_LOGIN_CONNECTED:
	case FLEET_LOGIN_CHANGED:
	case FLEET_PRINTER_ADDED:
	case FLEET_PRINTER_CHANGED:
	case FLEET_PRINTER_REMOVED:
	case FLEET_CHANGE_NOTICE:
		break;
	case FLEET_CLOCK_CHANGED:
		live_handle_clock(live, &event->clock);
		break;
	case FLEET_LOGIN_LOST:
		live_report_lost(live, event);
		break;
	case FLEET_LOGIN_DETACHED:
		live_report_detached(live, event);
		break;
	case FLEET_LOGIN_FAILED:
		live_report_connect_failed(live, event);
		break;
	case FLEET_PRINTER_READY:
		live_handle_ready(live, event->printer);
		break;
	case FLEET_PRINTER_REFUSED:
		live_report_refused(live, event);
		break;
	case FLEET_PAYLOAD_REFUSED:
		live_report_payload(event);
		break;
	}
}

/* --- what else comes from the fleet --- */

/* Of a printer that is named by --serial alone: its messages tell, and the settings of that model
 * count from now on. */
static void live_learn_model(const struct live *live, struct fleet_printer *printer)
{
	enum flagship_model model = fleet_printer_state(printer)->model;
	struct target *target = live_of(printer)->target;

	if (target->model == FLAGSHIP_MODEL_UNKNOWN && model != FLAGSHIP_MODEL_UNKNOWN) {
		targets_learn_model(live->targets, target, model);
		fleet_printer_set_profile(printer, target->profile);
	}
}

static void live_handle_payload(void *context, struct fleet_printer *printer,
				enum flagship_topic_kind kind,
				const struct channel_payload *payload)
{
	struct live *live = context;

	live_learn_model(live, printer);
	if (!live->stopping && live->handlers->on_payload) {
		live->handlers->on_payload(live->context, printer, kind, payload);
	}
}

static void live_handle_printer_event(void *context, struct fleet_printer *printer,
				      const struct printer_event *event)
{
	struct live *live = context;
	struct printer_moment now = live_moment();
	struct printer_event dated = *event;

	dated.t_ms = moment_unix_ms(&now, event->t_ms);
	if (!live->stopping && live->handlers->on_printer_event) {
		live->handlers->on_printer_event(live->context, printer, &dated);
	}
}

static void live_handle_reply(void *context, struct fleet_printer *printer, uint64_t command,
			      const struct flagship_message *message)
{
	struct live *live = context;

	if (!live->stopping && live->handlers->on_reply) {
		live->handlers->on_reply(live->context, printer, command, message);
	}
}

static void live_handle_done(void *context, struct fleet_printer *printer,
			     const struct command_report *report)
{
	struct live *live = context;

	if (!live->stopping && live->handlers->on_done) {
		live->handlers->on_done(live->context, printer, report);
	}
}

static void live_handle_acknowledged(void *context, struct fleet_printer *printer)
{
	struct live *live = context;

	if (!live->stopping && live->handlers->on_acknowledged) {
		live->handlers->on_acknowledged(live->context, printer);
	}
}

static void live_handle_closed(void *context)
{
	struct live *live = context;

	live->fleet = NULL;
}

static const struct fleet_handlers live_fleet_handlers = {
	.on_event = live_handle_event,
	.on_payload = live_handle_payload,
	.on_printer_event = live_handle_printer_event,
	.on_reply = live_handle_reply,
	.on_done = live_handle_done,
	.on_acknowledged = live_handle_acknowledged,
	.on_closed = live_handle_closed,
};

/* --- start --- */

/* None of these can fail on a loop that is there. */
static void live_prepare(struct live *live)
{
	for (size_t i = 0; i < LIVE_SIGNAL_COUNT; i++) {
		uv_signal_init(&live->loop, &live->signals[i]);
		live->signals[i].data = live;
		uv_signal_start(&live->signals[i], live_handle_signal, live_signals[i]);
		uv_unref((uv_handle_t *)&live->signals[i]);
	}
	for (size_t i = 0; i < LIVE_TIMERS; i++) {
		uv_timer_init(&live->loop, &live->timers[i]);
		live->timers[i].data = live;
	}
	/* A broken connection is an error that is returned, not a signal. */
	signal(SIGPIPE, SIG_IGN);
}

static int live_add_printer(struct live *live, size_t index, struct fleet_login *login)
{
	struct live_printer *printer = &live->printers[index];

	printer->live = live;
	printer->target = &live->targets->printers[index];
	target_label(printer->target, printer->label);
	const struct fleet_printer_options options = {
		.serial = printer->target->serial,
		.name = printer->target->name,
		.model = printer->target->model,
		.key = printer->target->key,
		.profile = printer->target->model != FLAGSHIP_MODEL_UNKNOWN
				   ? printer->target->profile
				   : NULL,
		.rights = stored_rights(printer->target->stored),
		.context = printer,
	};
	return fleet_add_printer(login, &options, &printer->printer);
}

static int live_fill_fleet(struct live *live)
{
	const struct targets *targets = live->targets;

	for (size_t l = 0; l < targets->login_count; l++) {
		const struct target_login *target_login = &targets->logins[l];
		struct fleet_login *login;
		int error = fleet_add_login(live->fleet, &target_login->session,
					    target_login->user_id, (void *)target_login, &login);

		for (size_t p = 0; p < targets->count && !error; p++) {
			if (targets->printers[p].login == l) {
				error = live_add_printer(live, p, login);
			}
		}
		if (!error && target_login->by_gateway) {
			error = fleet_attach_login(login, targets->gateway, live->wants_messages);
		}
		if (error) {
			return error;
		}
	}
	return fleet_start(live->fleet);
}

static void live_open(struct live *live)
{
	int error = fleet_create(&live->loop, &live->fleet);

	live->printers = calloc(live->targets->count, sizeof(*live->printers));
	if (!error && !live->printers) {
		error = FLAGSHIP_ERROR_MEMORY;
	}
	if (!error) {
		error = service_create(live->fleet, NULL, &live->commands);
	}
	if (!error) {
		live->listener.handlers = &live_fleet_handlers;
		live->listener.context = live;
		fleet_subscribe(live->fleet, &live->listener);
		error = live_fill_fleet(live);
	}
	if (error) {
		live_stop(live, live_explain_start(live, error));
	} else if (live->handlers->on_start) {
		live->handlers->on_start(live->context);
	}
}

int live_run(struct live *live, struct targets *targets, const struct live_handlers *handlers,
	     void *context)
{
	live->targets = targets;
	live->handlers = handlers;
	live->context = context;
	if (uv_loop_init(&live->loop) != 0) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	live_prepare(live);
	live_open(live);
	uv_run(&live->loop, UV_RUN_DEFAULT);
	uv_loop_close(&live->loop);
	service_destroy(live->commands);
	live->commands = NULL;
	free(live->printers);
	live->printers = NULL;
	return live->status;
}

/* --- clocks --- */

void live_timer_start(struct live *live, unsigned int index, int64_t after_ms, int64_t repeat_ms,
		      void (*callback)(void *context))
{
	if (live->stopping) {
		return;
	}
	live->timer_callbacks[index] = callback;
	uv_update_time(&live->loop);
	uv_timer_start(&live->timers[index], live_handle_timer, (uint64_t)after_ms,
		       (uint64_t)repeat_ms);
}

void live_timer_stop(struct live *live, unsigned int index)
{
	if (!live->stopping) {
		uv_timer_stop(&live->timers[index]);
	}
}

struct printer_moment live_moment(void)
{
	struct clock_times now;

	clock_read_times(&now);
	return (struct printer_moment){.now_ms = now.steady_ms, .unix_ms = now.unix_ms};
}

int64_t live_monotonic_ms(const struct live *live)
{
	return (int64_t)uv_now(&live->loop);
}
