/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/json/reader.h"
#include "base/json/writer.h"
#include "gateway/events/internal.h"
#include "printer/state/state_json.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_SIZE       256 /* of a message around what it is about */
#define MEMBER_NAME_SIZE 64
#define ALWAYS           UINT32_MAX

/* Which parts a member of the state shows. */
static const struct {
	const char *name;
	uint32_t parts;
} shown[] = {
	{"name", PRINTER_PART_MODEL},
	{"model", PRINTER_PART_MODEL},
	{"online", PRINTER_PART_ONLINE},
	{"seen_at", ALWAYS},
	{"job", PRINTER_PART_JOB},
	{"nozzle", PRINTER_PART_NOZZLE},
	{"bed", PRINTER_PART_BED},
	{"fan_percent", PRINTER_PART_MOTION},
	{"speed_mm_s", PRINTER_PART_MOTION},
	{"max_speed_mm_s", PRINTER_PART_MOTION},
	{"z_offset_mm", PRINTER_PART_MOTION},
	{"levelled", PRINTER_PART_MOTION},
	{"filament", PRINTER_PART_FILAMENT},
	{"error", PRINTER_PART_ERROR},
	{"alert", PRINTER_PART_ALERT},
	{"age_s", ALWAYS},
};

/* A member that no table knows goes along: it is one of an E1. */
static uint32_t parts_of(struct flagship_text name)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (strlen(shown[i].name) == name.length &&
		    memcmp(shown[i].name, name.data, name.length) == 0) {
			return shown[i].parts;
		}
	}
	return PRINTER_PART_E1;
}

static bool write_json(const struct gateway_events *events, const struct fleet_printer *printer,
		       char json[PRINTER_STATE_JSON_MAX], size_t *length)
{
	const struct printer_moment now = {
		.now_ms = fleet_now_ms(gateway_printers_fleet(events->printers)),
		.unix_ms = clock_unix_ms(),
	};

	return printer_state_to_json(fleet_printer_state(printer), &now, json,
				     PRINTER_STATE_JSON_MAX, length) == 0;
}

static void begin(const struct gateway_events *events, struct json_writer *writer, char *out,
		  size_t capacity, const char *type)
{
	json_writer_init(writer, out, capacity);
	json_object_begin(writer);
	json_member_int(writer, "seq", (int64_t)events->sequence);
	json_member_string(writer, "type", type);
}

static char *end(struct json_writer *writer, char *out, size_t *length)
{
	json_object_end(writer);
	if (json_writer_finish(writer, length)) {
		free(out);
		return NULL;
	}
	return out;
}

char *events_write_snapshot(const struct gateway_events *events, const struct events_reader *reader,
			    size_t *length)
{
	size_t capacity = FRAME_SIZE + (gateway_printers_count(events->printers) + 1) *
					       (size_t)PRINTER_STATE_JSON_MAX;
	char *out = malloc(capacity);
	struct fleet_printer *printer = NULL;
	char json[PRINTER_STATE_JSON_MAX];
	struct json_writer writer;
	size_t json_length;

	if (!out) {
		return NULL;
	}
	begin(events, &writer, out, capacity, "snapshot");
	json_member_string(&writer, "stream", events->name);
	json_key(&writer, "printers");
	json_array_begin(&writer);
	while ((printer = gateway_printers_next(events->printers, printer))) {
		if (events_wants(reader, fleet_printer_serial(printer)) &&
		    write_json(events, printer, json, &json_length)) {
			json_raw(&writer, json, json_length);
		}
	}
	json_array_end(&writer);
	return end(&writer, out, length);
}

/* The members of an object whose parts are wanted. */
static void write_members(struct json_writer *writer, const char *json, size_t length,
			  uint32_t parts)
{
	char key[MEMBER_NAME_SIZE];
	struct flagship_text name;
	struct json_value object;
	struct json_value value;
	struct json_walk walk;

	json_object_begin(writer);
	if (json_read_document(json, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, &object) == 0) {
		json_walk_init_valid(&walk, &object);
		while (json_walk_member(&walk, &name, &value)) {
			if ((parts_of(name) & parts) != 0) {
				flagship_text_copy(name, key, sizeof(key));
				json_key(writer, key);
				json_raw(writer, value.json.data, value.json.length);
			}
		}
	}
	json_object_end(writer);
}

char *events_write_patch(const struct gateway_events *events, const struct fleet_printer *printer,
			 uint32_t parts, size_t *length)
{
	size_t capacity = FRAME_SIZE + PRINTER_STATE_JSON_MAX;
	char *out = malloc(capacity);
	char json[PRINTER_STATE_JSON_MAX];
	struct json_writer writer;
	size_t json_length;

	if (!out || !write_json(events, printer, json, &json_length)) {
		free(out);
		return NULL;
	}
	begin(events, &writer, out, capacity, "patch");
	json_member_string(&writer, "printer", fleet_printer_serial(printer));
	json_key(&writer, "patch");
	write_members(&writer, json, json_length, parts);
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

char *events_write_event(const struct gateway_events *events, const char *serial,
			 const struct printer_event *event, size_t *length)
{
	const struct printer_moment now = {
		.now_ms = fleet_now_ms(gateway_printers_fleet(events->printers)),
		.unix_ms = clock_unix_ms(),
	};
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
