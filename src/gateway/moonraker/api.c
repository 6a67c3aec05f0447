/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_MS 1000

/* --- what happens to printers --- */

static struct moonraker_printer *known(const struct moonraker *moonraker,
				       const struct fleet_printer *printer)
{
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *own = LIST_OF(at, struct moonraker_printer, place);

		if (own->printer == printer) {
			return own;
		}
	}
	return NULL;
}

/* What was subscribed ends with the connection, as clients of Klipper know it: they ask anew once
 * it is ready, and nothing old is shown as live. */
static void drop_subscriptions(struct moonraker_printer *printer)
{
	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		moonraker_subscribe(LIST_OF(at, struct moonraker_socket, place), 0);
	}
	printer->homed[0] = '\0';
}

static void look_at_klippy(struct moonraker_printer *printer)
{
	enum klippy klippy = moonraker_klippy(printer);

	if (klippy == printer->klippy) {
		return;
	}
	printer->klippy = klippy;
	if (klippy == KLIPPY_DISCONNECTED) {
		drop_subscriptions(printer);
	}
	if (klippy != KLIPPY_STARTUP) {
		moonraker_notify(printer->moonraker, printer,
				 klippy == KLIPPY_READY      ? "notify_klippy_ready"
				 : klippy == KLIPPY_SHUTDOWN ? "notify_klippy_shutdown"
							     : "notify_klippy_disconnected",
				 NULL, NULL);
	}
}

static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	struct moonraker_printer *own = known(context, printer);

	(void)parts;
	if (own) {
		look_at_klippy(own);
		moonraker_touch(own);
	}
}

static void on_removed(struct moonraker *moonraker, const struct fleet_printer *printer)
{
	struct moonraker_printer *own = known(moonraker, printer);

	if (own) {
		drop_subscriptions(own);
		moonraker_close_sockets(own, "the printer was removed");
		moonraker_drop_lines(own);
		own->printer = NULL;
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct moonraker *moonraker = context;

	if (event->kind == FLEET_PRINTER_REMOVED) {
		on_removed(moonraker, event->printer);
		return;
	}
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *own = LIST_OF(at, struct moonraker_printer, place);

		if (own->printer &&
		    (event->printer ? own->printer == event->printer
				    : fleet_printer_login(own->printer) == event->login)) {
			look_at_klippy(own);
			moonraker_touch(own);
		}
	}
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_changed = on_changed,
	.on_reply = moonraker_on_reply,
	.on_done = moonraker_on_done,
};

/* --- every second --- */

static bool has_call(const struct moonraker_printer *printer)
{
	const struct list *head = &printer->moonraker->calls;

	for (const struct list *at = head->next; at != head; at = at->next) {
		if (LIST_OF(at, struct moonraker_call, place)->printer == printer) {
			return true;
		}
	}
	return moonraker_has_script(printer);
}

static void let_go_on(struct moonraker_printer *printer)
{
	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		struct moonraker_socket *socket = LIST_OF(at, struct moonraker_socket, place);

		socket->in_second = 0;
		if (socket->paused) {
			socket->paused = false;
			moonraker_pause_socket(socket, false);
		}
	}
}

static void on_second(uv_timer_t *timer)
{
	struct moonraker *moonraker = timer->data;
	struct list *next;

	moonraker_save_database(moonraker);
	if (moonraker->socket_count > 0) {
		moonraker_read_system(&moonraker->system);
		moonraker_notify_machine(moonraker);
	}
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers; at = next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);

		next = at->next;
		let_go_on(printer);
		if (!printer->printer && list_is_empty(&printer->sockets) && !has_call(printer)) {
			moonraker_drop_printer(printer);
		} else {
			moonraker_touch(printer);
		}
	}
}

/* --- beginning and end --- */

int moonraker_create(uv_loop_t *loop, const struct moonraker_options *options,
		     struct moonraker **out, struct problem *problem)
{
	struct moonraker *moonraker = calloc(1, sizeof(*moonraker));

	*out = moonraker;
	if (!moonraker) {
		return problem_memory(problem);
	}
	moonraker->loop = loop;
	moonraker->options = *options;
	list_init(&moonraker->printers);
	list_init(&moonraker->calls);
	list_init(&moonraker->scripts);
	uv_timer_init(loop, &moonraker->changes);
	uv_timer_init(loop, &moonraker->second);
	moonraker->changes.data = moonraker;
	moonraker->second.data = moonraker;
	uv_timer_start(&moonraker->second, on_second, SECOND_MS, SECOND_MS);
	moonraker_read_system(&moonraker->system);
	moonraker->listener.handlers = &handlers;
	moonraker->listener.context = moonraker;
	fleet_subscribe(gateway_printers_fleet(options->printers), &moonraker->listener);
	moonraker->files_listener.changed = moonraker_on_file;
	moonraker->files_listener.context = moonraker;
	files_subscribe(options->files, &moonraker->files_listener);
	moonraker->history_listener.changed = moonraker_on_history;
	moonraker->history_listener.context = moonraker;
	history_subscribe(options->history, &moonraker->history_listener);
	moonraker->webcam_listener.changed = moonraker_on_webcam;
	moonraker->webcam_listener.context = moonraker;
	webcam_book_subscribe(options->webcams, &moonraker->webcam_listener);
	moonraker->queue_listener.changed = moonraker_on_queue;
	moonraker->queue_listener.context = moonraker;
	list_init(&moonraker->queue_listener.place);
	if (options->queue) {
		queue_subscribe(options->queue, &moonraker->queue_listener);
	}
	if (!moonraker_make_routes(moonraker)) {
		return problem_memory(problem);
	}
	return moonraker_open_database(moonraker, problem);
}

size_t moonraker_sockets(const struct moonraker *moonraker)
{
	return moonraker->socket_count;
}

void moonraker_stop(struct moonraker *moonraker)
{
	if (!moonraker || moonraker->stopped) {
		return;
	}
	moonraker->stopped = true;
	moonraker_end_scripts(moonraker);
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		moonraker_close_sockets(LIST_OF(at, struct moonraker_printer, place),
					"the gateway ends");
	}
	moonraker_save_last(moonraker);
	fleet_unsubscribe(&moonraker->listener);
	files_unsubscribe(&moonraker->files_listener);
	history_unsubscribe(&moonraker->history_listener);
	webcam_book_unsubscribe(&moonraker->webcam_listener);
	queue_unsubscribe(&moonraker->queue_listener);
	uv_close((uv_handle_t *)&moonraker->changes, NULL);
	uv_close((uv_handle_t *)&moonraker->second, NULL);
}

static void drop_calls(struct moonraker *moonraker)
{
	while (!list_is_empty(&moonraker->calls)) {
		struct moonraker_call *call = LIST_OF(moonraker->calls.next, struct moonraker_call,
						      place);

		list_remove(&call->place);
		free(call);
	}
}

void moonraker_destroy(struct moonraker *moonraker)
{
	if (!moonraker) {
		return;
	}
	drop_calls(moonraker);
	while (!list_is_empty(&moonraker->printers)) {
		moonraker_drop_printer(
			LIST_OF(moonraker->printers.next, struct moonraker_printer, place));
	}
	moonraker_close_database(moonraker);
	free(moonraker->routes[0]);
	free(moonraker->routes[1]);
	free(moonraker->paths);
	free(moonraker);
}
