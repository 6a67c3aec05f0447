/* SPDX-License-Identifier: MIT */
#include "gateway/web/web.h"

#include "base/clock.h"
#include "gateway/web/internal.h"
#include "store/file/json.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_PART    "http"
#define DETAIL_SIZE 512
#define NO_MEMORY   500

struct web {
	struct web_options options;
	struct web_api *apis;
	size_t api_count;
	struct http_route *routes; /* of all, with their contexts */
	size_t route_count;
};

/* What is served, and to whom: tests go through all of it. */
static void log_routes(const struct web *web)
{
	for (size_t i = 0; i < web->route_count; i++) {
		const struct http_route *route = &web->routes[i];

		for (unsigned int method = HTTP_GET; method < HTTP_OTHER; method <<= 1) {
			if (route->methods & method) {
				log_write(web->options.log, LOG_LEVEL_DEBUG, LOG_PART,
					  "route %s %s rights %u%s",
					  http_method_name((enum http_method)method), route->path,
					  route->rights,
					  web->options.own_ports ? " of a printer's port" : "");
			}
		}
	}
}

int web_create(const struct web_api *apis, size_t count, const struct web_options *options,
	       struct web **out)
{
	struct web *web = calloc(1, sizeof(*web));

	*out = web;
	if (!web) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	web->options = *options;
	web->api_count = count;
	web->apis = calloc(count, sizeof(*apis));
	for (size_t i = 0; i < count; i++) {
		web->route_count += apis[i].route_count;
	}
	web->routes = calloc(web->route_count, sizeof(*web->routes));
	if (!web->apis || !web->routes) {
		web_destroy(web);
		*out = NULL;
		return FLAGSHIP_ERROR_MEMORY;
	}
	struct http_route *route = web->routes;

	for (size_t i = 0; i < count; i++) {
		web->apis[i] = apis[i];
		for (size_t j = 0; j < apis[i].route_count; j++) {
			*route = apis[i].routes[j];
			(route++)->context = apis[i].context;
		}
	}
	log_routes(web);
	return 0;
}

const struct http_route *web_routes(const struct web *web, size_t *count)
{
	*count = web->route_count;
	return web->routes;
}

void web_destroy(struct web *web)
{
	if (web) {
		free(web->apis);
		free(web->routes);
		free(web);
	}
}

/* --- whose request it is --- */

/* How long a prefix of this list the path begins with, as whole parts of it. */
static size_t prefix_length(const char *prefixes, const char *path)
{
	size_t longest = 0;

	while (*prefixes != '\0') {
		size_t length = strcspn(prefixes, " ");

		if (length > longest && strncmp(prefixes, path, length) == 0 &&
		    (path[length] == '\0' || path[length] == '/')) {
			longest = length;
		}
		prefixes += length + (prefixes[length] == ' ');
	}
	return longest;
}

static const struct web_api *api_of(const struct web *web, const struct http_request *request)
{
	const struct http_route *route = http_request_route(request);
	const struct web_api *best = web->apis;
	size_t longest = 0;

	for (size_t i = 0; i < web->api_count; i++) {
		const struct web_api *api = &web->apis[i];

		if (route && route->context == api->context) {
			return api;
		}
		size_t length = prefix_length(api->prefixes, http_request_path(request));

		if (!route && length > longest) {
			best = api;
			longest = length;
		}
	}
	return best;
}

struct fleet_printer *web_find_printer(const struct gateway_printers *printers,
				       struct http_request *request, web_refuse *refuse)
{
	const char *serial = http_request_listener(request);
	const char *word = serial ? serial : http_request_parameter(request, "printer");
	char detail[DETAIL_SIZE];
	bool several;
	struct fleet_printer *printer = gateway_printers_find(printers, word, &several);

	if (several) {
		snprintf(detail, sizeof(detail),
			 "several printers are called '%.200s': ask by serial number", word);
		refuse(request, WEB_CONFLICT, detail);
	} else if (!printer) {
		snprintf(detail, sizeof(detail),
			 "there is no printer '%.200s': GET /api/v1/printers lists them", word);
		refuse(request, WEB_NOT_FOUND, detail);
	}
	return printer;
}

/* --- the server --- */

/* Serial number of the printer that a request is about; NULL: of none. One that is not there is
 * named as it was asked for. */
static const char *serial_of(const struct web *web, const struct http_request *request)
{
	const char *serial = http_request_listener(request);
	const char *word = serial ? serial : http_request_parameter(request, "printer");
	bool several;
	const struct fleet_printer *printer = word ? gateway_printers_find(web->options.printers,
									   word, &several)
						   : NULL;

	return printer ? fleet_printer_serial(printer) : word;
}

static int authorise(struct http_request *request, const struct http_route *route, void *context)
{
	const struct web *web = context;
	const struct web_api *api = api_of(web, request);
	int status;
	const char *fault = web_origin_fault(web->options.access, request, api, &status);

	if (fault) {
		api->refuse(request, status, fault);
		return -1;
	}
	if (api->other_program) {
		web_add_cors(web->options.access, request);
	}
	const struct access_question question = {
		.rights = route->rights,
		.other_program = api->other_program,
		.printer = serial_of(web, request),
	};
	return access_check(web->options.access, request, &question);
}

/* Behind its route a request is refused by who may ask, by its size, or by its handler. */
static bool is_of_access(int status)
{
	return status != WEB_TOO_LARGE && status != WEB_BAD_REQUEST;
}

static void refuse(struct http_request *request, int status, void *context)
{
	const struct web *web = context;
	const struct web_api *api = api_of(web, request);
	char detail[DETAIL_SIZE];

	if (web_answer_preflight(web->options.access, request, api)) {
		return;
	}
	if (http_request_route(request) && is_of_access(status)) {
		api->refuse(request, status, access_refusal(request, status));
		return;
	}
	snprintf(detail, sizeof(detail), "%s %.200s: %s", http_request_method_name(request),
		 http_request_path(request), http_status_text(status));
	api->refuse(request, status, detail);
}

static void log_line(void *context, const char *line)
{
	const struct web *web = context;

	log_bounded(web->options.log, LOG_LEVEL_WARNING, LOG_PART, line);
}

/* What follows is a secret of whoever asks for a key (gateway/octoprint). */
static const char secret_path[] = "/appkeys/request/";

/* What was not let in is of nobody, and without a name only what was done counts: whoever is
 * nobody may fail as often as he likes. */
static void note_activity(const struct web *web, const struct http_access *access)
{
	struct activity_entry entry = {.at = clock_unix_s(), .status = access->status};

	bool is_done = access->status > 0 && access->status < WEB_BAD_REQUEST;

	if ((!is_done && access->user[0] == '\0') || access->status == WEB_FORBIDDEN ||
	    !activity_counts(access->method, access->path)) {
		return;
	}
	snprintf(entry.method, sizeof(entry.method), "%s", access->method);
	snprintf(entry.path, sizeof(entry.path), "%s", access->path);
	snprintf(entry.user, sizeof(entry.user), "%s", access->user);
	snprintf(entry.address, sizeof(entry.address), "%s", access->address);
	activity_note(access_activity(web->options.access), &entry);
}

static void log_access(const struct http_access *access, void *context)
{
	const struct web *web = context;
	const char *secret = strstr(access->path, secret_path);
	char path[DETAIL_SIZE];

	if (secret) {
		snprintf(path, sizeof(path), "%.*s",
			 (int)(secret - access->path) + (int)sizeof(secret_path) - 1, access->path);
	}
	log_event(web->options.log, LOG_LEVEL_DEBUG, LOG_PART, secret ? path : access->path,
		  LOG_TEXT("method", access->method), LOG_TEXT("address", access->address),
		  LOG_TEXT("user", access->user), LOG_NUMBER("status", access->status),
		  LOG_NUMBER("ms", access->duration_ms));
	note_activity(web, access);
}

void web_fill_options(struct web *web, struct http_options *options)
{
	*options = (struct http_options){
		.routes = web->routes,
		.route_count = web->route_count,
		.limits = {.connections_of_address = WEB_CONNECTIONS},
		.authorise = authorise,
		.refuse = refuse,
		.log_access = log_access,
		.log = log_line,
		.headers = web_headers,
		.header_count = web_header_count,
		.context = web,
	};
}

bool web_read_json(struct http_request *request, web_refuse *refuse_as, cJSON **json)
{
	size_t length;
	const char *text = http_request_body(request, &length);

	*json = store_json_parse(text, length);
	if (!*json && errno == ENOMEM) {
		refuse_as(request, NO_MEMORY, "out of memory");
		return false;
	}
	return true;
}
