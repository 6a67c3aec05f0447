/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"
#include "gateway/rest/internal.h"
#include "printer/bed/mesh.h"
#include "printer/bed/reading.h"
#include "printer/bed/received.h"

#include <stdlib.h>

#define MM_DECIMALS 3
#define MISSES_MAX  2 /* commands in a row without an answer: the next would have none either */

/* The heights of a bed: the printer is asked command by command, which takes some seconds. */
struct bed_map {
	struct list place;
	struct rest *rest;
	struct http_request *request;
	struct fleet_printer *printer; /* NULL once it was removed */
	uint64_t command;              /* that is waited for */
	size_t asked;                  /* of the plan of bed_reading_command */
	unsigned int misses;
	bool is_gone; /* nobody waits for it any more */
	struct bed_mesh mesh;
	struct bed_reading reading;
	struct bed_received received;
};

static void free_bed_map(struct bed_map *map)
{
	list_remove(&map->place);
	free(map);
}

/* What was asked last is not undone, but nothing more is asked. */
static void on_asker_gone(void *context)
{
	struct bed_map *map = context;

	map->is_gone = true;
}

/* --- what was found --- */

static void write_height(struct json_writer *writer, const struct bed_mesh *mesh, size_t x,
			 size_t y)
{
	int32_t micrometres;

	if (bed_mesh_height(mesh, x, y, &micrometres)) {
		json_scaled(writer, micrometres, MM_DECIMALS);
	} else {
		json_null(writer);
	}
}

static void write_heights(struct json_writer *writer, const struct bed_mesh *mesh)
{
	json_key(writer, "heights_mm");
	json_array_begin(writer);
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		json_array_begin(writer);
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			write_height(writer, mesh, x, y);
		}
		json_array_end(writer);
	}
	json_array_end(writer);
}

static void write_range(struct json_writer *writer, const struct bed_mesh *mesh)
{
	struct bed_mesh_range range = {0};
	bool is_known = bed_mesh_measure(mesh, &range);
	const struct {
		const char *name;
		int32_t micrometres;
	} members[] = {
		{"lowest_mm", range.lowest},
		{"highest_mm", range.highest},
		{"mean_mm", range.mean},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_key(writer, members[i].name);
		if (is_known) {
			json_scaled(writer, members[i].micrometres, MM_DECIMALS);
		} else {
			json_null(writer);
		}
	}
}

static void write_received(struct json_writer *writer, const struct bed_received *received)
{
	const char *line;
	size_t length;
	size_t at = 0;

	json_key(writer, "heard");
	json_array_begin(writer);
	while (bed_received_next(received, &at, &line, &length)) {
		json_string_n(writer, line, length);
	}
	json_array_end(writer);
}

static void write_bed_map(struct json_writer *writer, const void *context)
{
	const struct bed_map *map = context;

	json_object_begin(writer);
	json_member_string(writer, "serial", fleet_printer_serial(map->printer));
	json_member_bool(writer, "complete", bed_mesh_unknown(&map->mesh) == 0);
	json_member_bool(writer, "changed", map->mesh.changed);
	json_member_int(writer, "never_probed", (int64_t)bed_mesh_empty(&map->mesh));
	write_heights(writer, &map->mesh);
	write_range(writer, &map->mesh);
	write_received(writer, &map->received);
	json_object_end(writer);
}

/* --- one command after the other --- */

static struct http_request *take_asker(struct bed_map *map)
{
	if (map->is_gone) {
		return NULL;
	}
	http_request_watch(map->request, NULL, NULL);
	return map->request;
}

static void end_with_map(struct bed_map *map)
{
	struct http_request *request = take_asker(map);

	if (request) {
		rest_respond(request, REST_OK, write_bed_map, map);
	}
	free_bed_map(map);
}

static void end_with_command(struct bed_map *map, const struct service_command *command)
{
	struct http_request *request = take_asker(map);

	if (request) {
		rest_respond_command(request, command);
	}
	free_bed_map(map);
}

static void end_with_problem(struct bed_map *map, int status, const char *detail)
{
	struct http_request *request = take_asker(map);

	if (request) {
		rest_respond_problem(request, status, "%s", detail);
	}
	free_bed_map(map);
}

/* Takes what came of the command that ended; true where another one is due. */
static bool take_answer(struct bed_map *map, const struct service_command *command)
{
	bool is_unanswered = command->report.outcome == COMMAND_UNANSWERED;

	if (command->report.outcome == COMMAND_REFUSED ||
	    command->report.outcome == COMMAND_FAILED) {
		end_with_command(map, command);
		return false;
	}
	map->misses = is_unanswered ? map->misses + 1 : 0;
	bed_reading_finish(&map->reading, &map->mesh);
	bed_received_add(&map->received, map->reading.text, map->reading.length);
	if (bed_mesh_unknown(&map->mesh) == bed_mesh_empty(&map->mesh)) {
		end_with_map(map);
		return false;
	}
	if (map->misses < MISSES_MAX) {
		map->asked++;
		return true;
	}
	if (bed_mesh_unknown(&map->mesh) == (size_t)BED_MESH_SIZE * BED_MESH_SIZE) {
		end_with_command(map, command);
	} else {
		end_with_map(map);
	}
	return false;
}

/* The next command; its end is reported by rest_go_on_with_bed, or is known at once. */
static void ask_for_heights(struct bed_map *map, const char *asker)
{
	struct service *service = gateway_printers_commands(map->rest->printers);

	for (;;) {
		const char *line = bed_reading_command(map->asked);
		struct command_request request = {.kind = COMMAND_GCODE, .text = line};

		if (!line) {
			end_with_map(map);
			return;
		}
		if (bed_reading_begins(map->asked)) {
			bed_reading_clear(&map->reading);
		}
		gateway_printers_fill_request(map->printer, &request);
		const struct service_request own = {
			.printer = map->printer, .command = &request, .asker = asker};
		uint64_t id = 0; /* its end may be reported before it is known here */
		map->command = 0;
		const struct service_command *command = service_submit(service, &own, &id)
								? NULL
								: service_find(service, id);
		map->command = id;
		if (!command) {
			end_with_problem(map, REST_FAILED, "out of memory");
			return;
		}
		if (!command->over || !take_answer(map, command)) {
			return;
		}
	}
}

void rest_go_on_with_bed(struct rest *rest, const struct service_command *command)
{
	char asker[SERVICE_ASKER_MAX + 1];
	struct list *next;

	for (struct list *at = rest->bed_maps.next; at != &rest->bed_maps; at = next) {
		struct bed_map *map = LIST_OF(at, struct bed_map, place);

		next = at->next;
		if (map->command != command->id) {
			continue;
		}
		if (map->is_gone) {
			free_bed_map(map);
			return;
		}
		if (!command->printer) {
			end_with_problem(map, REST_NOT_FOUND, "the printer was removed");
			return;
		}
		rest_name_asker(map->request, asker);
		if (take_answer(map, command)) {
			ask_for_heights(map, asker);
		}
		return;
	}
}

void rest_take_heights(struct rest *rest, const struct fleet_printer *printer,
		       const struct channel_payload *payload)
{
	for (struct list *at = rest->bed_maps.next; at != &rest->bed_maps; at = at->next) {
		struct bed_map *map = LIST_OF(at, struct bed_map, place);

		for (size_t i = 0; map->printer == printer && i < payload->count; i++) {
			bed_reading_add(&map->reading, &payload->messages[i]);
		}
	}
}

void rest_end_bed_maps(struct rest *rest)
{
	struct list *next;

	for (struct list *at = rest->bed_maps.next; at != &rest->bed_maps; at = next) {
		next = at->next;
		end_with_problem(LIST_OF(at, struct bed_map, place), REST_UNAVAILABLE,
				 "the gateway ends");
	}
}

/* --- the route --- */

/* One at a time: what the printer answers to two could not be told apart. */
static bool is_being_read(const struct rest *rest, const struct fleet_printer *printer)
{
	for (const struct list *at = rest->bed_maps.next; at != &rest->bed_maps; at = at->next) {
		if (LIST_OF(at, struct bed_map, place)->printer == printer) {
			return true;
		}
	}
	return false;
}

void rest_get_bed_map(struct http_request *request, void *context)
{
	struct rest *rest = context;
	struct fleet_printer *printer = rest_find_printer(request, rest);
	char asker[SERVICE_ASKER_MAX + 1];

	if (!printer) {
		return;
	}
	if (is_being_read(rest, printer)) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "this bed is being read for somebody else: ask again in some "
				     "seconds");
		return;
	}
	struct bed_map *map = calloc(1, sizeof(*map));
	if (!map) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	map->rest = rest;
	map->request = request;
	map->printer = printer;
	bed_mesh_init(&map->mesh);
	list_insert(&rest->bed_maps, &map->place);
	http_request_watch(request, on_asker_gone, map);
	rest_name_asker(request, asker);
	ask_for_heights(map, asker);
}
