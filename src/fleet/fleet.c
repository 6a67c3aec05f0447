/* SPDX-License-Identifier: MIT */
#include "fleet/fleet.h"

#include "fleet/fleet_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK_MS  1000 /* printers that fell silent */
#define MS_PER_S  1000
#define NS_PER_MS 1000000

static int64_t unix_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int64_t fleet_now_ms(const struct fleet *fleet)
{
	return (int64_t)uv_now(fleet->loop) + fleet->unix_offset_ms;
}

void fleet_tell(struct fleet *fleet, const struct fleet_event *event)
{
	if (!fleet->closing) {
		fleet->handlers.on_event(fleet->context, event);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct fleet *fleet = timer->data;
	int64_t now_ms = fleet_now_ms(fleet);

	for (struct fleet_printer *printer = fleet->first; printer && !fleet->closing;
	     printer = printer->next) {
		printer_pass_time(printer, now_ms);
	}
	fleet_schedule(fleet);
}

void fleet_schedule(struct fleet *fleet)
{
	int64_t now_ms;
	int64_t wait_ms = CHECK_MS;

	if (fleet->closing) {
		return;
	}
	now_ms = fleet_now_ms(fleet);
	for (struct fleet_printer *printer = fleet->first; printer; printer = printer->next) {
		int64_t due_ms = command_next_deadline_ms(printer->engine);

		if (due_ms != INT64_MAX && due_ms - now_ms < wait_ms) {
			wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
		}
	}
	uv_timer_start(&fleet->timer, on_timer, (uint64_t)wait_ms, 0);
}

int fleet_create(uv_loop_t *loop, const struct fleet_handlers *handlers, void *context,
		 struct fleet **out)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	*out = NULL;
	if (!fleet) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	fleet->loop = loop;
	fleet->handlers = *handlers;
	fleet->context = context;
	uv_update_time(loop);
	fleet->unix_offset_ms = unix_now_ms() - (int64_t)uv_now(loop);
	uv_timer_init(loop, &fleet->timer);
	fleet->timer.data = fleet;
	fleet->open = 1;
	*out = fleet;
	return 0;
}

int fleet_start(struct fleet *fleet)
{
	for (struct fleet_link *link = fleet->links; link; link = link->next) {
		int error = link_open(link);

		if (error) {
			return error;
		}
	}
	fleet_schedule(fleet);
	return 0;
}

static void fleet_free(struct fleet *fleet)
{
	struct fleet_handlers handlers = fleet->handlers;
	void *context = fleet->context;

	while (fleet->first) {
		struct fleet_printer *next = fleet->first->next;

		printer_free(fleet->first);
		fleet->first = next;
	}
	while (fleet->links) {
		struct fleet_link *next = fleet->links->next;

		link_free(fleet->links);
		fleet->links = next;
	}
	free(fleet);
	if (handlers.on_closed) {
		handlers.on_closed(context);
	}
}

void fleet_part_closed(struct fleet *fleet)
{
	if (--fleet->open == 0) {
		fleet_free(fleet);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	fleet_part_closed(handle->data);
}

void fleet_close(struct fleet *fleet)
{
	if (!fleet || fleet->closing) {
		return;
	}
	fleet->closing = true;
	uv_close((uv_handle_t *)&fleet->timer, on_timer_closed);
	for (struct fleet_link *link = fleet->links; link; link = link->next) {
		mqtt_session_close(link->session);
	}
}

struct fleet_printer *fleet_next_printer(const struct fleet *fleet,
					 const struct fleet_printer *printer)
{
	return printer ? printer->next : fleet->first;
}

struct fleet_printer *fleet_find(const struct fleet_link *link, const char *serial)
{
	struct fleet_printer *printer = link->fleet->first;

	while (printer && (printer->link != link || strcmp(printer->state.serial, serial) != 0)) {
		printer = printer->next;
	}
	return printer;
}
