/* SPDX-License-Identifier: MIT */
#include "fleet/fleet_internal.h"

#include <assert.h>

static struct fleet_listener *listener_at(struct list *place)
{
	return LIST_OF(place, struct fleet_listener, place);
}

void fleet_subscribe(struct fleet *fleet, struct fleet_listener *listener)
{
	listener->fleet = fleet;
	listener->number = ++fleet->last_listener;
	list_insert(&fleet->listeners, &listener->place);
}

void fleet_unsubscribe(struct fleet_listener *listener)
{
	struct fleet *fleet = listener->fleet;

	if (!fleet) {
		return;
	}
	for (struct fleet_cursor *cursor = fleet->cursor; cursor; cursor = cursor->outer) {
		if (cursor->next == &listener->place) {
			cursor->next = listener->place.next;
		}
	}
	list_remove(&listener->place);
	listener->fleet = NULL;
}

static void begin(struct fleet *fleet, struct fleet_cursor *cursor)
{
	fleet_enter(fleet);
	*cursor = (struct fleet_cursor){
		.outer = fleet->cursor,
		.next = fleet->listeners.next,
		.last = fleet->last_listener,
	};
	fleet->cursor = cursor;
}

static void end(struct fleet *fleet, const struct fleet_cursor *cursor)
{
	assert(fleet->cursor == cursor); /* the inner one ends first */
	fleet->cursor = cursor->outer;
	fleet_leave(fleet);
}

/* NULL is the end of it. */
static const struct fleet_listener *next(struct fleet *fleet, struct fleet_cursor *cursor)
{
	struct list *place = cursor->next;

	if (place != &fleet->listeners && listener_at(place)->number <= cursor->last) {
		cursor->next = place->next;
		return listener_at(place);
	}
	end(fleet, cursor);
	return NULL;
}

/* As next; a fleet that is being closed says nothing any more. */
static const struct fleet_listener *next_open(struct fleet *fleet, struct fleet_cursor *cursor)
{
	if (fleet->closing) {
		cursor->next = &fleet->listeners;
	}
	return next(fleet, cursor);
}

void fleet_report(struct fleet *fleet, const struct fleet_event *event)
{
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_event) {
			to->handlers->on_event(to->context, event);
		}
	}
}

void fleet_report_payload(struct fleet_printer *printer, enum flagship_topic_kind kind,
			  const struct channel_payload *payload)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_payload && !printer->removed) {
			to->handlers->on_payload(to->context, printer, kind, payload);
		}
	}
}

void fleet_report_printer_event(struct fleet_printer *printer, const struct printer_event *event)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_printer_event && !printer->removed) {
			to->handlers->on_printer_event(to->context, printer, event);
		}
	}
}

void fleet_report_changed(struct fleet_printer *printer, uint32_t parts)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_changed && !printer->removed) {
			to->handlers->on_changed(to->context, printer, parts);
		}
	}
}

void fleet_report_reply(struct fleet_printer *printer, uint64_t command,
			const struct flagship_message *message)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_reply) {
			to->handlers->on_reply(to->context, printer, command, message);
		}
	}
}

void fleet_report_done(struct fleet_printer *printer, const struct command_report *report)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_done) {
			to->handlers->on_done(to->context, printer, report);
		}
	}
}

void fleet_report_acknowledged(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next_open(fleet, &cursor))) {
		if (to->handlers->on_acknowledged && !printer->removed) {
			to->handlers->on_acknowledged(to->context, printer);
		}
	}
}

void fleet_report_closed(struct fleet *fleet)
{
	struct fleet_cursor cursor;
	const struct fleet_listener *to;

	begin(fleet, &cursor);
	while ((to = next(fleet, &cursor))) {
		if (to->handlers->on_closed) {
			to->handlers->on_closed(to->context);
		}
	}
	while (!list_is_empty(&fleet->listeners)) {
		fleet_unsubscribe(listener_at(fleet->listeners.next));
	}
}
