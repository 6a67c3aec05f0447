/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/octoprint.h"

#include "gateway/files/receive.h"
#include "gateway/octoprint/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 65536

/* --- answers --- */

void octoprint_refuse(struct http_request *request, int status, const char *detail)
{
	http_respond(request, &(struct http_response){
				      .status = status,
				      .content_type = "text/plain; charset=utf-8",
				      .body = detail,
				      .length = strlen(detail),
			      });
}

static void respond_text(struct http_request *request, int status, const char *location,
			 const char *text, size_t length)
{
	const struct http_header headers[] = {{"cache-control", "no-store"},
					      {"location", location}};

	http_respond(request, &(struct http_response){
				      .status = status,
				      .content_type = "application/json",
				      .headers = headers,
				      .header_count = location ? 2 : 1,
				      .body = text,
				      .length = length,
			      });
}

void octo_respond(struct http_request *request, int status, const char *location, json_write *write,
		  const void *context)
{
	size_t length;
	char *text = json_compose(write, context, &length);

	if (text) {
		respond_text(request, status, location, text, length);
	} else {
		octoprint_refuse(request, OCTO_FAILED, "the gateway is out of memory");
	}
	free(text);
}

/* --- whom it is about --- */

struct fleet_printer *octo_find_printer(struct http_request *request,
					const struct octoprint *octoprint)
{
	return web_find_printer(octoprint->printers, request, octoprint_refuse);
}

const char *octo_name(const struct fleet_printer *printer)
{
	const char *name = fleet_printer_state(printer)->name;

	return name[0] != '\0' ? name : fleet_printer_serial(printer);
}

static struct service *octo_commands(const struct octoprint *octoprint)
{
	return gateway_printers_commands(octoprint->printers);
}

enum octoprint_mode octo_mode(const struct octoprint *octoprint,
			      const struct fleet_printer *printer)
{
	return octoprint_mode(octo_commands(octoprint), printer);
}

void octo_write_base(const struct http_request *request, const char *serial,
		     char out[OCTO_BASE_SIZE])
{
	const char *host = http_request_header(request, "host");
	static const char link[] = "/prusalink/";
	bool is_link = strncmp(http_request_path(request), link, sizeof(link) - 1) == 0;
	bool names = http_request_listener(request) == NULL;

	snprintf(out, OCTO_BASE_SIZE, "%s://%.256s%s%s",
		 http_request_is_tls(request) ? "https" : "http", host ? host : "localhost",
		 !names    ? ""
		 : is_link ? link
			   : "/octoprint/",
		 names ? serial : "");
}

/* --- routes --- */

#define ROUTES(at)                                                                              \
	{.methods = HTTP_GET,                                                                   \
	 .path = at "/api/version",                                                             \
	 .rights = WEB_VIEW,                                                                    \
	 .handle = octo_get_version},                                                           \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/server",                                                      \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_server},                                                    \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/login",                                                       \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_post_login},                                                    \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/logout",                                                      \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_post_logout},                                                   \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/currentuser",                                                 \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_currentuser},                                               \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/settings",                                                    \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_settings},                                                  \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/printerprofiles",                                             \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_profiles},                                                  \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/connection",                                                  \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_connection},                                                \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/connection",                                                  \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_connection},                                               \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/printer",                                                     \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_printer},                                                   \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/printer/tool",                                                \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_tool},                                                      \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/printer/tool",                                                \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_tool},                                                     \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/printer/bed",                                                 \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_bed},                                                       \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/printer/bed",                                                 \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_bed},                                                      \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/printer/printhead",                                           \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_printhead},                                                \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/printer/command",                                             \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_command,                                                   \
		 .body_max = BODY_MAX},                                                         \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/job",                                                         \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_job},                                                       \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/job",                                                         \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_job},                                                      \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/files",                                                       \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_files},                                                     \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/files/local",                                                 \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_files},                                                     \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/files/local",                                                 \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_files,                                                     \
		 .body = HTTP_BODY_STREAM,                                                      \
		 .body_max = FILES_BODY_MAX},                                                   \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/api/files/local/{path...}",                                       \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_get_file},                                                      \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/api/files/local/{path...}",                                       \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_post_file},                                                     \
		{.methods = HTTP_DELETE,                                                        \
		 .path = at "/api/files/local/{path...}",                                       \
		 .rights = WEB_OPERATE,                                                         \
		 .handle = octo_delete_file},                                                   \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/downloads/files/local/{path...}",                                 \
		 .rights = WEB_VIEW,                                                            \
		 .handle = octo_download},                                                      \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/plugin/appkeys/probe",                                            \
		 .handle = octo_probe_keys},                                                    \
		{.methods = HTTP_GET,                                                           \
		 .path = at "/plugin/appkeys/request/{token}",                                  \
		 .handle = octo_get_key},                                                       \
		{.methods = HTTP_POST,                                                          \
		 .path = at "/plugin/appkeys/request",                                          \
		 .handle = octo_request_key},                                                   \
	{                                                                                       \
		.methods = HTTP_GET, .path = at "/sockjs/websocket", .handle = octo_open_socket \
	}

static const struct http_route named_routes[] = {ROUTES("/octoprint/{printer}")};
static const struct http_route port_routes[] = {ROUTES("")};

void octoprint_fill_api(struct octoprint *octoprint, struct web_api *api)
{
	*api = (struct web_api){
		.routes = named_routes,
		.route_count = sizeof(named_routes) / sizeof(named_routes[0]),
		.context = octoprint,
		.prefixes = "/octoprint",
		.refuse = octoprint_refuse,
		.other_program = true,
	};
}

void octoprint_fill_port_api(struct octoprint *octoprint, struct web_api *api)
{
	*api = (struct web_api){
		.routes = port_routes,
		.route_count = sizeof(port_routes) / sizeof(port_routes[0]),
		.context = octoprint,
		.prefixes = "/api /downloads /plugin /sockjs",
		.refuse = octoprint_refuse,
		.other_program = true,
	};
}

/* --- its life --- */

int octoprint_create(uv_loop_t *loop, const struct octoprint_options *options,
		     struct octoprint **out)
{
	struct octoprint *octoprint = calloc(1, sizeof(*octoprint));

	*out = octoprint;
	if (!octoprint) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	octoprint->printers = options->printers;
	octoprint->files = options->files;
	octoprint->history = options->history;
	octoprint->access = options->access;
	octoprint->queue = options->queue;
	octoprint->webcams = options->webcams;
	ask_init(&octoprint->ask, loop, options->printers, options->history, octoprint_refuse,
		 "octoprint");
	sockets_init(octoprint, loop);
	return 0;
}

void octoprint_stop(struct octoprint *octoprint)
{
	if (octoprint) {
		ask_stop(&octoprint->ask);
		sockets_stop(octoprint);
	}
}

void octoprint_destroy(struct octoprint *octoprint)
{
	for (size_t i = 0; octoprint && i < OCTO_SESSIONS; i++) {
		access_identity_free(octoprint->sessions[i].identity);
	}
	free(octoprint);
}
