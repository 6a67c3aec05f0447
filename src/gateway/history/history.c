/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"

#include "base/clock.h"
#include "gateway/history/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS           1000
#define MINUTE_MS         INT64_C(60000)
#define KNOWN_FIRST_COUNT 16

/* --- printers --- */

static const char *serial_at(const void *array, size_t position)
{
	struct known_printer *const *known = array;

	return known[position]->table.serial;
}

struct known_printer *history_find(const struct history *history, const char *serial)
{
	size_t position = text_index_find(&history->by_serial, history->known, serial);

	return position == TEXT_INDEX_NONE ? NULL : history->known[position];
}

static bool make_room(struct history *history)
{
	if (history->known_count < history->known_capacity) {
		return true;
	}
	size_t capacity = history->known_capacity ? 2 * history->known_capacity : KNOWN_FIRST_COUNT;
	/* Of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	struct known_printer **known = realloc(history->known, capacity * sizeof(*known));
	if (!known) {
		return false;
	}
	history->known = known;
	history->known_capacity = capacity;
	return true;
}

struct known_printer *history_know(struct history *history, const char *serial)
{
	struct known_printer *known = history_find(history, serial);

	if (known || serial[0] == '\0' || !make_room(history)) {
		return known;
	}
	known = calloc(1, sizeof(*known));
	if (!known) {
		return NULL;
	}
	snprintf(known->table.serial, sizeof(known->table.serial), "%s", serial);
	history->known[history->known_count] = known;
	if (!text_index_add(&history->by_serial, history->known, history->known_count)) {
		free(known);
		return NULL;
	}
	history->known_count++;
	return known;
}

static struct known_printer *know_fleet_printer(struct history *history,
						struct fleet_printer *printer)
{
	struct known_printer *known = history_know(history, fleet_printer_serial(printer));

	if (known) {
		known->printer = printer;
		memcpy(known->name, fleet_printer_state(printer)->name, sizeof(known->name));
	}
	return known;
}

/* --- what the fleet reports --- */

struct printer_moment history_moment_now(const struct history *history)
{
	struct fleet *fleet = history->printers ? gateway_printers_fleet(history->printers) : NULL;

	return (struct printer_moment){.now_ms = fleet ? fleet_now_ms(fleet) : clock_steady_ms(),
				       .unix_ms = clock_unix_ms()};
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct history *history = context;
	struct known_printer *known;

	switch (event->kind) {
	case FLEET_PRINTER_ADDED:
	case FLEET_PRINTER_CHANGED:
		(void)know_fleet_printer(history, event->printer);
		break;
	case FLEET_PRINTER_REMOVED:
		known = history_find(history, fleet_printer_serial(event->printer));
		if (known && known->printer == event->printer) {
			jobs_forget(history, known);
			known->printer = NULL;
		}
		break;
	case FLEET_CLOCK_CHANGED:
		if (event->clock.stepped_ms > MINUTE_MS) {
			history->clock_set_ms = clock_steady_ms();
		}
		break;
	default:
		break;
	}
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	struct history *history = context;
	struct known_printer *known = know_fleet_printer(history, printer);

	if (known) {
		events_on_event(history, known, event);
	}
}

static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	struct history *history = context;

	if ((parts & PRINTER_PART_JOB) != 0) {
		struct known_printer *known = know_fleet_printer(history, printer);

		if (known) {
			jobs_look(history, known);
		}
	}
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct history *history = context;

	events_on_done(history, history_know(history, fleet_printer_serial(printer)), report);
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_printer_event = on_printer_event,
	.on_changed = on_changed,
	.on_done = on_done,
};

/* --- time --- */

static void on_tick(uv_timer_t *timer)
{
	struct history *history = timer->data;
	int64_t now_ms = clock_steady_ms();
	int64_t t_s = history->sample_t_s;

	recent_take(history, now_ms, clock_unix_ms());
	if (now_ms / MINUTE_MS != history->minute) {
		history->minute = now_ms / MINUTE_MS;
		jobs_save(history);
		disk_tidy(history);
	}
	if (history->sample_t_s != t_s || history->disk == DISK_CLOSED) {
		disk_tick(history, now_ms);
	}
	queue_release(history, now_ms);
}

/* --- life --- */

static bool fill(struct history *history, const struct history_options *options)
{
	history->options = *options;
	history->printers = options->printers;
	history->log = options->log;
	list_init(&history->listeners);
	list_init(&history->awaiting);
	records_init(&history->queue);
	records_init(&history->batch);
	history->by_serial = text_index_of(serial_at);
	history->minute = clock_steady_ms() / MINUTE_MS;
	history->second = clock_steady_ms() / MS_PER_S;
	int length = snprintf(history->path, sizeof(history->path), "%s/" HISTORY_FILE,
			      options->folder);
	return length > 0 && (size_t)length < sizeof(history->path);
}

int history_create(uv_loop_t *loop, const struct history_options *options, struct history **out)
{
	struct history *history = calloc(1, sizeof(*history));

	*out = NULL;
	if (!history || !fill(history, options)) {
		free(history);
		return FLAGSHIP_ERROR_MEMORY;
	}
	history->loop = loop;
	disk_open(history);
	if (history->disk != DISK_OPEN) {
		/* Greater than any id of the file that may be found later. */
		history->job_id = clock_unix_s();
		history->entry_id = clock_unix_s();
	}
	uv_timer_init(loop, &history->timer);
	history->timer.data = history;
	uv_timer_start(&history->timer, on_tick, TICK_MS, TICK_MS);
	if (history->printers) {
		history->listener.handlers = &handlers;
		history->listener.context = history;
		fleet_subscribe(gateway_printers_fleet(history->printers), &history->listener);
	}
	*out = history;
	return 0;
}

void history_keep_jobs(struct history *history)
{
	if (history) {
		jobs_save(history);
	}
}

void history_close(struct history *history, void (*on_closed)(void *context), void *context)
{
	if (!history) {
		on_closed(context);
		return;
	}
	history->closing = true;
	history->on_closed = on_closed;
	history->closed_context = context;
	fleet_unsubscribe(&history->listener);
	uv_close((uv_handle_t *)&history->timer, NULL);
	queue_settle(history, history->sequence);
	disk_end(history);
}

void history_destroy(struct history *history)
{
	if (!history) {
		return;
	}
	records_free(&history->queue);
	records_free(&history->batch);
	for (size_t i = 0; i < history->known_count; i++) {
		free(history->known[i]->job);
		free(history->known[i]->recent);
		free(history->known[i]);
	}
	text_index_finish(&history->by_serial);
	free(history->known);
	free(history);
}

int64_t history_dropped(const struct history *history)
{
	return history->dropped;
}

/* --- listeners --- */

void history_subscribe(struct history *history, struct history_listener *listener)
{
	list_insert(&history->listeners, &listener->place);
}

void history_unsubscribe(struct history_listener *listener)
{
	if (listener->place.next) {
		list_remove(&listener->place);
	}
}

bool history_current_job(const struct history *history, const char *serial, struct history_job *job)
{
	struct known_printer *known = history_find(history, serial);

	if (!known || !known->job || known->is_resumed) {
		return false;
	}
	jobs_show(history, known, job);
	return true;
}
