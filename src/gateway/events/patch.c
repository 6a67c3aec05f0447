/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/json/writer.h"
#include "gateway/events/internal.h"
#include "printer/state/state_json.h"

#include <stdlib.h>

#define FRAME_SIZE 256 /* of a message around what it is about */

static struct printer_moment moment_of(const struct gateway_events *events)
{
	return (struct printer_moment){
		.now_ms = fleet_now_ms(gateway_printers_fleet(events->printers)),
		.unix_ms = clock_unix_ms(),
	};
}

static void begin(const struct gateway_events *events, struct json_writer *writer, char *out,
		  size_t capacity, const char *type)
{
	json_writer_init(writer, out, capacity);
	json_object_begin(writer);
	json_member_int(writer, "seq", (int64_t)events->sequence);
	json_member_string(writer, "type", type);
}

/* It may be kept for long: without the room that was left. */
static char *end(struct json_writer *writer, char *out, size_t *length)
{
	json_object_end(writer);
	if (json_writer_finish(writer, length)) {
		free(out);
		return NULL;
	}
	char *fitting = realloc(out, *length + 1);
	if (fitting) {
		return fitting;
	}
	return out;
}

char *events_write_snapshot(const struct gateway_events *events, const struct events_reader *reader,
			    size_t *length)
{
	size_t capacity = FRAME_SIZE + (gateway_printers_count(events->printers) + 1) *
					       (size_t)PRINTER_STATE_JSON_MAX;
	char *out = malloc(capacity);
	const struct printer_moment now = moment_of(events);
	struct fleet_printer *printer = NULL;
	struct json_writer writer;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, capacity, "snapshot");
	json_member_string(&writer, "stream", events->name);
	json_key(&writer, "printers");
	json_array_begin(&writer);
	while ((printer = gateway_printers_next(events->printers, printer))) {
		if (events_wants(reader, fleet_printer_serial(printer))) {
			printer_state_write(&writer, fleet_printer_state(printer), &now,
					    PRINTER_STATE_WHOLE);
		}
	}
	json_array_end(&writer);
	return end(&writer, out, length);
}

char *events_write_patch(const struct gateway_events *events, const struct fleet_printer *printer,
			 uint32_t parts, size_t *length)
{
	size_t capacity = FRAME_SIZE + PRINTER_STATE_JSON_MAX;
	const struct printer_moment now = moment_of(events);
	char *out = malloc(capacity);
	struct json_writer writer;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, capacity, "patch");
	json_member_string(&writer, "printer", fleet_printer_serial(printer));
	json_key(&writer, "patch");
	printer_state_write(&writer, fleet_printer_state(printer), &now, parts);
	return end(&writer, out, length);
}

char *events_write_removed(const struct gateway_events *events, const char *serial, size_t *length)
{
	char *out = malloc(FRAME_SIZE);
	struct json_writer writer;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, FRAME_SIZE, "removed");
	json_member_string(&writer, "printer", serial);
	return end(&writer, out, length);
}

char *events_write_beat(const struct gateway_events *events, size_t *length)
{
	char *out = malloc(FRAME_SIZE);
	struct json_writer writer;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, FRAME_SIZE, "beat");
	return end(&writer, out, length);
}

char *events_write_told(const struct gateway_events *events, const char *type, const char *serial,
			const char *json, size_t json_length, size_t *length)
{
	size_t capacity = FRAME_SIZE + json_length;
	char *out = malloc(capacity);
	struct json_writer writer;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, capacity, type);
	json_member_known(&writer, "printer", serial);
	json_key(&writer, type);
	json_raw(&writer, json, json_length);
	return end(&writer, out, length);
}

char *events_write_event(const struct gateway_events *events, const char *serial,
			 const struct printer_event *event, size_t *length)
{
	const struct printer_moment now = moment_of(events);
	struct printer_event dated = *event;
	size_t capacity = FRAME_SIZE + PRINTER_EVENT_JSON_MAX;
	char *out = malloc(capacity);
	char json[PRINTER_EVENT_JSON_MAX];
	struct json_writer writer;
	size_t json_length;

	dated.t_ms = moment_unix_ms(&now, event->t_ms);
	if (!out || printer_event_to_json(&dated, json, sizeof(json), &json_length)) {
		free(out);
		return NULL;
	}
	begin(events, &writer, out, capacity, "event");
	json_member_string(&writer, "printer", serial);
	json_key(&writer, "event");
	json_raw(&writer, json, json_length);
	return end(&writer, out, length);
}
