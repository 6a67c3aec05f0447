/* SPDX-License-Identifier: MIT */
#include "gateway/rest/rest.h"

#include "gateway/files/receive.h"
#include "gateway/rest/internal.h"

#include <flagship/error.h>

#include <stdlib.h>

#define PRINTER  REST_ROOT "/printers/{printer}"
#define A_FILE   REST_ROOT "/files/{path...}"
#define AN_ENTRY REST_ROOT "/queue/{entry}"

static void get_events(struct http_request *request, void *context)
{
	const struct rest *rest = context;

	gateway_events_answer(rest->events, request, rest_refuse);
}

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/health",
	 .handle = rest_get_health,
	 .quiet = true},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/version",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_version},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/printers",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_printers},
	{.methods = HTTP_GET, .path = PRINTER, .rights = WEB_VIEW, .handle = rest_get_printer},
	{.methods = HTTP_POST,
	 .path = PRINTER "/commands",
	 .rights = WEB_OPERATE,
	 .handle = rest_post_command,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = PRINTER "/commands",
	 .rights = WEB_VIEW,
	 .handle = rest_get_commands},
	{.methods = HTTP_POST,
	 .path = PRINTER "/guard",
	 .rights = WEB_OPERATE,
	 .handle = rest_post_guard,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = PRINTER "/bed-map",
	 .rights = WEB_OPERATE,
	 .handle = rest_get_bed_map},
	{.methods = HTTP_GET,
	 .path = PRINTER "/messages",
	 .rights = WEB_OPERATE,
	 .handle = rest_get_messages},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/types",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_types},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/commands/{command}",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_command},
	{.methods = HTTP_DELETE,
	 .path = REST_ROOT "/commands/{command}",
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_delete_command},
	{.methods = HTTP_GET,
	 .path = PRINTER "/temperatures",
	 .rights = WEB_VIEW,
	 .handle = rest_get_temperatures},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/history",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_history},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/jobs",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_jobs},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/jobs/{job}",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_job},
	{.methods = HTTP_GET,
	 .path = PRINTER "/files",
	 .rights = WEB_OPERATE,
	 .handle = rest_get_printer_files},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/files",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_files},
	{.methods = HTTP_GET,
	 .path = A_FILE,
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_file},
	{.methods = HTTP_PUT,
	 .path = A_FILE,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_put_file,
	 .body = HTTP_BODY_STREAM,
	 .body_max = FILES_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = A_FILE,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_post_file},
	{.methods = HTTP_DELETE,
	 .path = A_FILE,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_delete_file},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/metadata/{path...}",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_metadata},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/thumbnails/{index}/{path...}",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_thumbnail},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/queue",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_queue},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/queue",
	 .rights = WEB_OPERATE,
	 .handle = rest_post_queue,
	 .body = HTTP_BODY_STREAM,
	 .body_max = FILES_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = AN_ENTRY,
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = rest_get_queue_entry},
	{.methods = HTTP_PATCH,
	 .path = AN_ENTRY,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_patch_queue_entry,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_DELETE,
	 .path = AN_ENTRY,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_delete_queue_entry},
	{.methods = HTTP_POST,
	 .path = AN_ENTRY "/move",
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_move_queue_entry,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = AN_ENTRY "/retry",
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_retry_queue_entry,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = PRINTER "/queue",
	 .rights = WEB_VIEW,
	 .handle = rest_get_printer_queue},
	{.methods = HTTP_POST,
	 .path = PRINTER "/queue",
	 .rights = WEB_OPERATE,
	 .handle = rest_post_queue,
	 .body = HTTP_BODY_STREAM,
	 .body_max = FILES_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = PRINTER "/plate",
	 .rights = WEB_OPERATE,
	 .handle = rest_post_plate,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/jobs/{job}/reprint",
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = rest_reprint_job,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/events",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = get_events},
};

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	if (kind == FLAGSHIP_TOPIC_COMMAND_REPLY) {
		rest_take_heights(context, printer, payload);
	}
	rest_pass_on_messages(context, printer, kind, payload);
}

static void on_event(void *context, const struct fleet_event *event)
{
	if (event->kind == FLEET_PRINTER_REMOVED) {
		rest_forget_printer(context, event->printer);
	}
}

static const struct fleet_handlers handlers = {.on_event = on_event,
					       .on_payload = on_payload,
					       .on_done = rest_on_done,
					       .on_reply = rest_on_reply};

int rest_create(const struct rest_sources *sources, struct rest **out)
{
	struct rest *rest = calloc(1, sizeof(*rest));

	*out = rest;
	if (!rest) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	rest->printers = sources->printers;
	rest->events = sources->events;
	rest->files = sources->files;
	rest->history = sources->history;
	rest->queue = sources->queue;
	list_init(&rest->waiting);
	list_init(&rest->listings);
	list_init(&rest->asked);
	list_init(&rest->bed_maps);
	list_init(&rest->readers);
	rest->listener.handlers = &handlers;
	rest->listener.context = rest;
	fleet_subscribe(gateway_printers_fleet(sources->printers), &rest->listener);
	return 0;
}

void rest_stop(struct rest *rest)
{
	if (rest) {
		rest_end_waiting(rest);
		rest_end_asked(rest);
		fleet_unsubscribe(&rest->listener);
	}
}

void rest_destroy(struct rest *rest)
{
	free(rest);
}

void rest_fill_api(struct rest *rest, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = rest,
		.prefixes = REST_ROOT,
		.refuse = rest_refuse,
		.json_only = true,
	};
}
