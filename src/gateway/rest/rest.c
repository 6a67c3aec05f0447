/* SPDX-License-Identifier: MIT */
#include "gateway/rest/rest.h"

#include "gateway/rest/internal.h"

#include <flagship/error.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOG_PART "http"
#define PRINTER  REST_ROOT "/printers/{printer}"

static void get_events(struct http_request *request, void *context)
{
	const struct rest *rest = context;

	gateway_events_answer(rest->events, request);
}

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/health",
	 .handle = rest_get_health,
	 .quiet = true},
	{.methods = HTTP_GET, .path = REST_ROOT "/version", .handle = rest_get_version},
	{.methods = HTTP_GET, .path = REST_ROOT "/printers", .handle = rest_get_printers},
	{.methods = HTTP_GET, .path = PRINTER, .handle = rest_get_printer},
	{.methods = HTTP_POST,
	 .path = PRINTER "/commands",
	 .handle = rest_post_command,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET, .path = PRINTER "/commands", .handle = rest_get_commands},
	{.methods = HTTP_GET, .path = REST_ROOT "/commands/{command}", .handle = rest_get_command},
	{.methods = HTTP_DELETE,
	 .path = REST_ROOT "/commands/{command}",
	 .handle = rest_delete_command},
	{.methods = HTTP_GET, .path = REST_ROOT "/events", .handle = get_events},
};

static const struct fleet_handlers handlers = {.on_done = rest_on_done};

int rest_create(struct gateway_printers *printers, struct gateway_events *events, struct log *log,
		struct rest **out)
{
	struct rest *rest = calloc(1, sizeof(*rest));

	*out = rest;
	if (!rest) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	rest->printers = printers;
	rest->events = events;
	rest->log = log;
	list_init(&rest->waiting);
	rest->listener.handlers = &handlers;
	rest->listener.context = rest;
	fleet_subscribe(gateway_printers_fleet(printers), &rest->listener);
	return 0;
}

void rest_stop(struct rest *rest)
{
	if (rest) {
		rest_end_waiting(rest);
		fleet_unsubscribe(&rest->listener);
	}
}

void rest_destroy(struct rest *rest)
{
	free(rest);
}

/* --- who may ask --- */

/* Of "host", "host:port" and "[::1]:port". */
static bool names_this_machine(const char *authority)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncasecmp(authority, names[i], length) == 0 &&
		    (authority[length] == '\0' ||
		     (authority[length] == ':' && authority[length + 1] != '\0' &&
		      authority[length + 1 + strspn(authority + length + 1, "0123456789")] ==
			      '\0'))) {
			return true;
		}
	}
	return false;
}

/* A page that a browser shows may only have come from here: its origin is then the host that the
 * request goes to. */
static bool is_own_origin(const char *origin, const char *host)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t length = strlen(schemes[i]);

		if (strncmp(origin, schemes[i], length) == 0) {
			return strcasecmp(origin + length, host) == 0;
		}
	}
	return false;
}

static bool has_json(const struct http_request *request)
{
	static const char json[] = "application/json";
	const char *type = http_request_header(request, "content-type");

	return type && strncasecmp(type, json, sizeof(json) - 1) == 0 &&
	       (type[sizeof(json) - 1] == '\0' || type[sizeof(json) - 1] == ';' ||
		type[sizeof(json) - 1] == ' ');
}

/* A name of another site that leads here (DNS rebinding), or a page of one that asks. */
static int authorise(struct http_request *request, const struct http_route *route, void *context)
{
	const char *host = http_request_header(request, "host");
	const char *origin = http_request_header(request, "origin");

	(void)context;
	if (!http_request_is_unix(request) && (!host || !names_this_machine(host))) {
		rest_respond_problem(request, REST_FORBIDDEN,
				     "this is asked by another name than localhost, 127.0.0.1 or "
				     "[::1]");
		return -1;
	}
	if (origin && (!host || !is_own_origin(origin, host))) {
		rest_respond_problem(request, REST_FORBIDDEN, "a page of another site asks");
		return -1;
	}
	/* What a form of another site sends is never that. */
	if ((route->methods & HTTP_POST) != 0 && !has_json(request)) {
		rest_respond_problem(request, REST_UNSUPPORTED,
				     "the body has to be Content-Type: application/json");
		return -1;
	}
	return 0;
}

static void refuse(struct http_request *request, int status, void *context)
{
	(void)context;
	rest_respond_problem(request, status, "%s %.200s: %s", http_request_method_name(request),
			     http_request_path(request), http_status_text(status));
}

/* --- the server --- */

static void log_line(void *context, const char *line)
{
	const struct rest *rest = context;

	log_bounded(rest->log, LOG_LEVEL_WARNING, LOG_PART, line);
}

static void log_access(const struct http_access *access, void *context)
{
	const struct rest *rest = context;

	log_event(rest->log, LOG_LEVEL_DEBUG, LOG_PART, access->path,
		  LOG_TEXT("method", access->method), LOG_TEXT("address", access->address),
		  LOG_NUMBER("status", access->status), LOG_NUMBER("ms", access->duration_ms));
}

void rest_fill_options(struct rest *rest, struct http_options *options)
{
	*options = (struct http_options){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.limits = {.body_bytes = REST_BODY_MAX,
			   .connections_of_address = GATEWAY_EVENTS_MAX},
		.authorise = authorise,
		.refuse = refuse,
		.log_access = log_access,
		.log = log_line,
		.context = rest,
	};
}
