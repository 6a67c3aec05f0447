/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL 10

struct shown {
	const struct octoprint *octoprint;
	const struct fleet_printer *printer;
	const struct printer_state *state;
	enum octoprint_mode mode;
	bool history;
	size_t limit; /* of its moments; 0: all */
};

static bool is_true(const struct http_request *request, const char *name)
{
	char value[sizeof("false")];

	return http_request_query_value(request, name, value, sizeof(value)) &&
	       (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

/* 0: none, or no number. */
static size_t read_limit(const struct http_request *request)
{
	char value[sizeof("1000")];

	return http_request_query_value(request, "limit", value, sizeof(value)) &&
			       value[strspn(value, "0123456789")] == '\0'
		       ? strtoul(value, NULL, DECIMAL)
		       : 0;
}

/* False where that was answered: Cura takes 409 for a printer that cannot be used now. */
static bool find_shown(struct http_request *request, const struct octoprint *octoprint,
		       struct shown *shown)
{
	char detail[OCTO_DETAIL_SIZE];

	*shown = (struct shown){.octoprint = octoprint,
				.printer = octo_find_printer(request, octoprint),
				.history = is_true(request, "history"),
				.limit = read_limit(request)};
	if (!shown->printer) {
		return false;
	}
	shown->state = fleet_printer_state(shown->printer);
	shown->mode = octo_mode(octoprint, shown->printer);
	if (shown->mode != OCTOPRINT_OFFLINE) {
		return true;
	}
	snprintf(detail, sizeof(detail), "Printer is not operational: %.100s is offline",
		 octo_name(shown->printer));
	octoprint_refuse(request, OCTO_CONFLICT, detail);
	return false;
}

static void write_history(struct json_writer *writer, const struct shown *shown, bool tool,
			  bool bed)
{
	if (shown->history) {
		json_key(writer, "history");
		octo_write_heat(writer, shown->octoprint, shown->printer, tool, bed, shown->limit);
	}
}

static void write_printer(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	json_object_begin(writer);
	json_key(writer, "temperature");
	json_object_begin(writer);
	octoprint_write_temperatures(writer, shown->state);
	write_history(writer, shown, true, true);
	json_object_end(writer);
	json_key(writer, "sd");
	json_object_begin(writer);
	json_member_bool(writer, "ready", false);
	json_object_end(writer);
	json_key(writer, "state");
	octoprint_write_state(writer, shown->mode);
	json_object_end(writer);
}

static void write_tool(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	json_object_begin(writer);
	json_key(writer, "tool0");
	octoprint_write_temperature(writer, &shown->state->nozzle);
	write_history(writer, shown, true, false);
	json_object_end(writer);
}

static void write_bed(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	json_object_begin(writer);
	json_key(writer, "bed");
	octoprint_write_temperature(writer, &shown->state->bed);
	write_history(writer, shown, false, true);
	json_object_end(writer);
}

void octo_get_printer(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_shown(request, context, &shown)) {
		octo_respond(request, OCTO_OK, NULL, write_printer, &shown);
	}
}

void octo_get_tool(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_shown(request, context, &shown)) {
		octo_respond(request, OCTO_OK, NULL, write_tool, &shown);
	}
}

void octo_get_bed(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_shown(request, context, &shown)) {
		octo_respond(request, OCTO_OK, NULL, write_bed, &shown);
	}
}

static void write_job(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	json_object_begin(writer);
	octoprint_write_job(writer, shown->state, shown->octoprint->files, shown->mode);
	json_member_string(writer, "state", octoprint_mode_text(shown->mode));
	if (shown->mode == OCTOPRINT_ERROR) {
		json_member_string(writer, "error",
				   shown->state->error.text ? shown->state->error.text
							    : shown->state->error.code);
	}
	json_object_end(writer);
}

/* Also of a printer that is offline. */
void octo_get_job(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	struct shown shown = {.octoprint = octoprint,
			      .printer = octo_find_printer(request, octoprint)};

	if (shown.printer) {
		shown.state = fleet_printer_state(shown.printer);
		shown.mode = octo_mode(octoprint, shown.printer);
		octo_respond(request, OCTO_OK, NULL, write_job, &shown);
	}
}
