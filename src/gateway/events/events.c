/* SPDX-License-Identifier: MIT */
#include "gateway/events/events.h"

#include "base/clock.h"
#include "gateway/events/internal.h"
#include "printer/state/state_json.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AWAITED_MS 120000 /* in which who went may come back */

static void end_pauses(uv_timer_t *timer);

static uint64_t key_of(const struct fleet_printer *printer)
{
	return (uint64_t)(uintptr_t)printer;
}

/* Nobody reads, and nobody can come back to what he read: it is not worth being written. */
static bool is_awaited(const struct gateway_events *events)
{
	return !list_is_empty(&events->readers) ||
	       (events->last_read_ms != 0 && clock_steady_ms() - events->last_read_ms < AWAITED_MS);
}

static void send_patch(struct gateway_events *events, struct changed_printer *changed)
{
	uint32_t parts = changed->parts;
	size_t length;

	changed->parts = 0;
	events->sequence++;
	if (!is_awaited(events)) {
		return;
	}
	char *text = events_write_patch(events, changed->printer, parts, &length);
	if (text) {
		events_publish(events, fleet_printer_serial(changed->printer), NULL, text, length);
	}
}

/* The one whose pause ends next is the first. */
static void await_pause(struct gateway_events *events)
{
	if (list_is_empty(&events->changed) || uv_is_active((uv_handle_t *)&events->timer)) {
		return;
	}
	const struct changed_printer *first = LIST_OF(events->changed.next, struct changed_printer,
						      place);
	int64_t left_ms = first->sent_ms + events_pause_ms(events->reader_count) -
			  clock_steady_ms();
	uv_timer_start(&events->timer, end_pauses, left_ms > 0 ? (uint64_t)left_ms : 0, 0);
}

/* What changed meanwhile is one patch, after which another pause begins. */
static void end_pauses(uv_timer_t *timer)
{
	struct gateway_events *events = timer->data;
	int64_t pause_ms = events_pause_ms(events->reader_count);
	int64_t now_ms = clock_steady_ms();
	bool has_ended = false;

	while (!list_is_empty(&events->changed)) {
		struct changed_printer *first = LIST_OF(events->changed.next,
							struct changed_printer, place);

		if (now_ms - first->sent_ms < pause_ms) {
			break;
		}
		has_ended = true;
		list_remove(&first->place);
		if (first->parts == 0) {
			(void)id_table_take(&events->changed_by_printer, key_of(first->printer));
			free(first);
			continue;
		}
		first->sent_ms = now_ms;
		list_insert(&events->changed, &first->place);
		send_patch(events, first);
	}
	/* A loop that was busy calls a little too soon: the patch is not due then. */
	if (has_ended || list_is_empty(&events->changed)) {
		events_send_held(events);
	}
	await_pause(events);
}

/* The first change is sent at once. */
static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	struct gateway_events *events = context;
	struct changed_printer *changed = id_table_find(&events->changed_by_printer,
							key_of(printer));

	if (changed) {
		changed->parts |= parts;
		return;
	}
	changed = events->stopped ? NULL : calloc(1, sizeof(*changed));
	if (!changed) {
		return;
	}
	*changed = (struct changed_printer){
		.printer = printer, .parts = parts, .sent_ms = clock_steady_ms()};
	if (!id_table_add(&events->changed_by_printer, key_of(printer), changed)) {
		free(changed);
		return;
	}
	list_insert(&events->changed, &changed->place);
	send_patch(events, changed);
	await_pause(events);
}

static void forget(struct gateway_events *events, const struct fleet_printer *printer)
{
	struct changed_printer *changed = id_table_take(&events->changed_by_printer,
							key_of(printer));
	const char *serial = fleet_printer_serial(printer);
	size_t length;

	if (changed) {
		list_remove(&changed->place);
		free(changed);
	}
	if (events->stopped) {
		return;
	}
	events->sequence++;
	char *text = events_write_removed(events, serial, &length);
	if (text) {
		events_publish(events, serial, NULL, text, length);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	switch (event->kind) {
	case FLEET_PRINTER_ADDED:
	case FLEET_PRINTER_CHANGED:
		on_changed(context, event->printer, PRINTER_STATE_WHOLE);
		break;
	case FLEET_PRINTER_REMOVED:
		forget(context, event->printer);
		break;
	default:
		break;
	}
}

/* What comes again and again may wait for the next patch, which a running pause ends with. */
static bool may_wait(const struct gateway_events *events, enum printer_event_kind kind)
{
	return (kind == PRINTER_EVENT_PROGRESS || kind == PRINTER_EVENT_LAYER) &&
	       events_has_crowd(events) && uv_is_active((const uv_handle_t *)&events->timer);
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	struct gateway_events *events = context;
	const char *serial = fleet_printer_serial(printer);
	size_t length;

	if (events->stopped) {
		return;
	}
	events->sequence++;
	char *text = events_write_event(events, serial, event, &length);
	if (text && may_wait(events, event->kind)) {
		events_hold(events, serial, text, length);
	} else if (text) {
		events_publish(events, serial, NULL, text, length);
	}
}

static void tell(struct gateway_events *events, const char *type, const char *serial,
		 const char *user, const char *json, size_t length)
{
	size_t text_length;

	if (events->stopped) {
		return;
	}
	events->sequence++;
	char *text = is_awaited(events)
			     ? events_write_told(events, type, serial, json, length, &text_length)
			     : NULL;

	if (text) {
		events_publish(events, serial, user, text, text_length);
	}
}

void gateway_events_tell(struct gateway_events *events, const char *type, const char *serial,
			 const char *json, size_t length)
{
	tell(events, type, serial, NULL, json, length);
}

void gateway_events_tell_user(struct gateway_events *events, const char *type, const char *user,
			      const char *json, size_t length)
{
	tell(events, type, "", user, json, length);
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_printer_event = on_printer_event,
	.on_changed = on_changed,
};

int gateway_events_create(uv_loop_t *loop, struct gateway_printers *printers,
			  struct gateway_events **out)
{
	struct gateway_events *events = calloc(1, sizeof(*events));

	*out = events;
	if (!events || !guid_make(events->name)) {
		free(events);
		*out = NULL;
		return FLAGSHIP_ERROR_MEMORY;
	}
	events->printers = printers;
	events->sequence = 1;
	list_init(&events->changed);
	list_init(&events->readers);
	uv_timer_init(loop, &events->timer);
	events->timer.data = events;
	uv_timer_init(loop, &events->beat);
	events->beat.data = events;
	events->listener.handlers = &handlers;
	events->listener.context = events;
	fleet_subscribe(gateway_printers_fleet(printers), &events->listener);
	return 0;
}

void gateway_events_stop(struct gateway_events *events)
{
	if (events && !events->stopped) {
		events->stopped = true;
		uv_close((uv_handle_t *)&events->timer, NULL);
		uv_close((uv_handle_t *)&events->beat, NULL);
		fleet_unsubscribe(&events->listener);
	}
}

void gateway_events_destroy(struct gateway_events *events)
{
	if (!events) {
		return;
	}
	while (!list_is_empty(&events->changed)) {
		struct changed_printer *changed = LIST_OF(events->changed.next,
							  struct changed_printer, place);

		list_remove(&changed->place);
		free(changed);
	}
	id_table_finish(&events->changed_by_printer);
	for (size_t i = 0; i < GATEWAY_EVENTS_KEPT; i++) {
		free(events->kept[i].text);
		free(events->kept[i].user);
	}
	free(events);
}

const char *gateway_events_name(const struct gateway_events *events)
{
	return events->name;
}

struct gateway_event_readers gateway_events_readers(const struct gateway_events *events)
{
	struct gateway_event_readers readers = {0};

	for (const struct list *at = events->readers.next; at != &events->readers; at = at->next) {
		if (LIST_OF(at, struct events_reader, place)->websocket) {
			readers.websockets++;
		} else {
			readers.streams++;
		}
	}
	return readers;
}
