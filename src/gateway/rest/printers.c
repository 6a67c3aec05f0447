/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/rest/internal.h"
#include "printer/state/state_json.h"

#include <flagship/flagship.h>

#include <string.h>

static void write_state(struct json_writer *writer, const struct rest *rest,
			const struct fleet_printer *printer)
{
	const struct printer_moment now = {
		.now_ms = fleet_now_ms(gateway_printers_fleet(rest->printers)),
		.unix_ms = clock_unix_ms(),
	};
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	if (printer_state_to_json(fleet_printer_state(printer), &now, json, sizeof(json),
				  &length) == 0) {
		json_raw(writer, json, length);
	} else {
		json_null(writer);
	}
}

struct shown_printers {
	const struct rest *rest;
	const struct http_request *request;
};

static void write_printers(struct json_writer *writer, const void *context)
{
	const struct shown_printers *shown = context;
	struct fleet_printer *printer = NULL;

	json_array_begin(writer);
	while ((printer = gateway_printers_next(shown->rest->printers, printer))) {
		if (access_may_see(shown->request, fleet_printer_serial(printer))) {
			write_state(writer, shown->rest, printer);
		}
	}
	json_array_end(writer);
}

void rest_get_printers(struct http_request *request, void *context)
{
	const struct shown_printers shown = {.rest = context, .request = request};

	rest_respond(request, REST_OK, write_printers, &shown);
}

struct shown_printer {
	const struct rest *rest;
	const struct fleet_printer *printer;
};

static void write_printer(struct json_writer *writer, const void *context)
{
	const struct shown_printer *shown = context;

	write_state(writer, shown->rest, shown->printer);
}

void rest_get_printer(struct http_request *request, void *context)
{
	struct shown_printer shown = {.rest = context};

	shown.printer = rest_find_printer(request, shown.rest);
	if (shown.printer) {
		rest_respond(request, REST_OK, write_printer, &shown);
	}
}

static void write_health(struct json_writer *writer, const void *context)
{
	const struct rest *rest = context;
	struct fleet_printer *printer = NULL;
	struct gateway_sessions sessions = gateway_printers_sessions(rest->printers);
	int64_t online = 0;

	while ((printer = gateway_printers_next(rest->printers, printer))) {
		online += fleet_printer_state(printer)->online;
	}
	json_object_begin(writer);
	json_member_string(writer, "status", "ok");
	json_member_string(writer, "start", gateway_events_name(rest->events));
	json_member_int(writer, "printers", (int64_t)gateway_printers_count(rest->printers));
	json_member_int(writer, "online", online);
	json_member_int(writer, "accounts", (int64_t)sessions.count);
	json_member_int(writer, "accounts_expired", (int64_t)sessions.expired);
	json_object_end(writer);
}

void rest_get_health(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_health, context);
}

static void write_version(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_member_string(writer, "program", "flagship");
	json_member_string(writer, "version", flagship_version());
	json_member_int(writer, "api", 1);
	json_object_end(writer);
}

void rest_get_version(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_version, context);
}
