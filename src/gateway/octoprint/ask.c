/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/ask.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DONE        204
#define CONFLICT    409
#define FAILED      500
#define UNAVAILABLE 503
#define UNANSWERED  504
#define TICK_MS     250
#define DETAIL_SIZE 1024

struct waiting {
	struct list place;
	struct ask *ask;
	struct http_request *request;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char asker[SERVICE_ASKER_MAX + 1]; /* with the name of who asks where there is one */
	uint64_t command;
	uint64_t until_ms;
	char **lines; /* that are still to come, from next on */
	size_t count;
	size_t next;
	bool is_over;
	int status; /* of the answer then */
	char detail[DETAIL_SIZE];
};

/* --- the end of it --- */

static void free_waiting(struct waiting *waiting)
{
	list_remove(&waiting->place);
	for (size_t i = 0; waiting->lines && i < waiting->count; i++) {
		free(waiting->lines[i]);
	}
	free(waiting->lines);
	free(waiting);
}

static void on_gone(void *context)
{
	struct waiting *waiting = context;

	history_forget_waiting(waiting->ask->history, waiting);
	free_waiting(waiting);
}

static struct http_request *take_request(struct waiting *waiting)
{
	struct http_request *request = waiting->request;

	http_request_watch(request, NULL, NULL);
	free_waiting(waiting);
	return request;
}

static void respond_done(struct http_request *request)
{
	http_respond(request, &(struct http_response){.status = DONE});
}

/* What was answered is never missing in the history. */
static void on_kept(void *context)
{
	struct waiting *waiting = context;
	const struct ask *ask = waiting->ask;
	char detail[DETAIL_SIZE];
	int status = waiting->status;

	memcpy(detail, waiting->detail, sizeof(detail));
	struct http_request *request = take_request(waiting);
	if (status == DONE) {
		respond_done(request);
	} else {
		ask->refuse(request, status, detail);
	}
}

static void end_waiting(struct waiting *waiting, int status)
{
	waiting->is_over = true;
	waiting->status = status;
	history_await(waiting->ask->history, on_kept, waiting);
}

static void refuse_report(struct waiting *waiting, const struct service_command *command)
{
	const char *name = command->name[0] != '\0' ? command->name : command->serial;
	int status = command->report.outcome == COMMAND_REFUSED      ? CONFLICT
		     : command->report.outcome == COMMAND_UNANSWERED ? UNANSWERED
								     : UNAVAILABLE;

	snprintf(waiting->detail, sizeof(waiting->detail), "%.100s: %s", name,
		 command->report.detail);
	end_waiting(waiting, status);
}

static bool succeeded(const struct service_command *command)
{
	return command->report.outcome == COMMAND_CONFIRMED ||
	       command->report.outcome == COMMAND_ACCEPTED;
}

/* --- one after the other --- */

/* NULL: it could not be asked for, or was answered already. */
static const struct service_command *submit(const struct ask *ask, const char *asker,
					    struct fleet_printer *printer,
					    struct command_request *command)
{
	struct service *service = gateway_printers_commands(ask->printers);
	uint64_t id;

	gateway_printers_fill_request(printer, command);
	const struct service_request own = {.printer = printer, .command = command, .asker = asker};
	return service_submit(service, &own, &id) ? NULL : service_find(service, id);
}

struct command_request ask_command(enum command_kind kind)
{
	return (struct command_request){.kind = kind,
					.position_mm = {(double)NAN, (double)NAN, (double)NAN}};
}

static struct fleet_printer *find_printer(const struct ask *ask, const char *serial)
{
	bool several;

	return gateway_printers_find(ask->printers, serial, &several);
}

/* The command is over: the next one, or the answer. */
static void go_on(struct ask *ask, struct waiting *waiting, const struct service_command *command)
{
	while (command && command->over) {
		struct fleet_printer *printer = find_printer(ask, waiting->serial);

		if (!succeeded(command)) {
			refuse_report(waiting, command);
			return;
		}
		if (waiting->next == waiting->count) {
			end_waiting(waiting, DONE);
			return;
		}
		struct command_request line = ask_command(COMMAND_GCODE);

		line.text = waiting->lines[waiting->next++];
		command = printer ? submit(ask, waiting->asker, printer, &line) : NULL;
	}
	if (command) {
		waiting->command = command->id;
	} else {
		ask->refuse(take_request(waiting), FAILED,
			    "the printer is gone, or there is no memory");
	}
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct ask *ask = context;
	struct list *next;

	(void)printer;
	for (struct list *at = ask->waiting.next; at != &ask->waiting; at = next) {
		struct waiting *waiting = LIST_OF(at, struct waiting, place);

		next = at->next;
		if (waiting->command == report->id && !waiting->is_over) {
			go_on(ask, waiting,
			      service_find(gateway_printers_commands(ask->printers), report->id));
			return;
		}
	}
}

/* It goes on; its end shows in the state. Lines that are still to come do not: nobody would know.
 */
static void on_tick(uv_timer_t *timer)
{
	struct ask *ask = timer->data;
	struct list *next;

	for (struct list *at = ask->waiting.next; at != &ask->waiting; at = next) {
		struct waiting *waiting = LIST_OF(at, struct waiting, place);

		next = at->next;
		if (!waiting->is_over && waiting->next == waiting->count &&
		    uv_now(timer->loop) >= waiting->until_ms) {
			respond_done(take_request(waiting));
		}
	}
	if (list_is_empty(&ask->waiting)) {
		uv_timer_stop(timer);
	}
}

/* --- asking --- */

static const struct fleet_handlers ask_handlers = {.on_done = on_done};

void ask_init(struct ask *ask, uv_loop_t *loop, struct gateway_printers *printers,
	      struct history *history, web_refuse *refuse, const char *asker)
{
	*ask = (struct ask){
		.printers = printers, .history = history, .refuse = refuse, .asker = asker};
	list_init(&ask->waiting);
	uv_timer_init(loop, &ask->timer);
	ask->timer.data = ask;
	ask->listener.handlers = &ask_handlers;
	ask->listener.context = ask;
	fleet_subscribe(gateway_printers_fleet(printers), &ask->listener);
}

void ask_stop(struct ask *ask)
{
	while (!list_is_empty(&ask->waiting)) {
		struct waiting *waiting = LIST_OF(ask->waiting.next, struct waiting, place);

		history_forget_waiting(ask->history, waiting);
		ask->refuse(take_request(waiting), UNAVAILABLE,
			    "the gateway ends; what became of this is not known");
	}
	fleet_unsubscribe(&ask->listener);
	if (!uv_is_closing((uv_handle_t *)&ask->timer)) {
		uv_close((uv_handle_t *)&ask->timer, NULL);
	}
}

static struct waiting *add_waiting(struct ask *ask, struct http_request *request,
				   const struct fleet_printer *printer)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting) {
		ask->refuse(request, FAILED, "the gateway is out of memory");
		return NULL;
	}
	waiting->ask = ask;
	waiting->request = request;
	waiting->until_ms = uv_now(ask->timer.loop) + ASK_WAIT_MS;
	const char *user = http_request_user(request);

	snprintf(waiting->serial, sizeof(waiting->serial), "%s", fleet_printer_serial(printer));
	snprintf(waiting->asker, sizeof(waiting->asker), "%s%s%s", ask->asker,
		 user[0] != '\0' ? ": " : "", user);
	list_insert(&ask->waiting, &waiting->place);
	http_request_watch(request, on_gone, waiting);
	if (!uv_is_active((uv_handle_t *)&ask->timer)) {
		uv_timer_start(&ask->timer, on_tick, TICK_MS, TICK_MS);
	}
	return waiting;
}

void ask_submit(struct ask *ask, struct http_request *request, struct fleet_printer *printer,
		struct command_request *command)
{
	struct waiting *waiting = add_waiting(ask, request, printer);

	if (waiting) {
		go_on(ask, waiting, submit(ask, waiting->asker, printer, command));
	}
}

void ask_submit_lines(struct ask *ask, struct http_request *request, struct fleet_printer *printer,
		      const char *const *lines, size_t count)
{
	struct waiting *waiting = add_waiting(ask, request, printer);
	struct command_request first = ask_command(COMMAND_GCODE);

	if (!waiting) {
		return;
	}
	waiting->lines = calloc(count, sizeof(*waiting->lines));
	for (size_t i = 1; waiting->lines && i < count; i++) {
		char *line = strdup(lines[i]);

		if (line) {
			waiting->lines[waiting->count++] = line;
		}
	}
	if (!waiting->lines || waiting->count + 1 < count) {
		ask->refuse(take_request(waiting), FAILED, "the gateway is out of memory");
		return;
	}
	first.text = lines[0];
	go_on(ask, waiting, submit(ask, waiting->asker, printer, &first));
}
