/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_INTERNAL_H
#define GATEWAY_REST_INTERNAL_H

#include "base/json/writer.h"
#include "base/memory/list.h"
#include "gateway/rest/rest.h"

#include <stdbool.h>

#define REST_ROOT            "/api/v1"

#define REST_OK              200
#define REST_CREATED         201
#define REST_ACCEPTED        202
#define REST_NO_CONTENT      204
#define REST_BAD_REQUEST     400
#define REST_FORBIDDEN       403
#define REST_NOT_FOUND       404
#define REST_CONFLICT        409
#define REST_GONE            410
#define REST_UNSUPPORTED     415
#define REST_FAILED          500
#define REST_BAD_GATEWAY     502
#define REST_UNAVAILABLE     503
#define REST_GATEWAY_TIMEOUT 504

struct rest {
	struct gateway_printers *printers;
	struct gateway_events *events;
	struct files *files;
	struct fleet_listener listener;
	struct list
		waiting; /* struct waiting of commands.c: requests that a command's end answers */
};

/* --- answer.c --- */

typedef void rest_write(struct json_writer *writer, const void *context);

/* With this object or array; 500 where there is no memory. */
void rest_respond(struct http_request *request, int status, rest_write *write, const void *context);
/* The same with a Location; NULL: without. */
void rest_respond_at(struct http_request *request, int status, const char *location,
		     rest_write *write, const void *context);
void rest_respond_text(struct http_request *request, int status, const char *content_type,
		       const char *text, size_t length);
/* application/problem+json: title of the status, detail for people. */
void rest_respond_problem(struct http_request *request, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The printer that the route names; NULL where that was answered already. */
struct fleet_printer *rest_find_printer(struct http_request *request, const struct rest *rest);

/* --- printers.c --- */

void rest_get_health(struct http_request *request, void *context);
void rest_get_version(struct http_request *request, void *context);
void rest_get_printers(struct http_request *request, void *context);
void rest_get_printer(struct http_request *request, void *context);

/* --- commands.c --- */

void rest_post_command(struct http_request *request, void *context);
void rest_get_commands(struct http_request *request, void *context);
void rest_get_command(struct http_request *request, void *context);
void rest_delete_command(struct http_request *request, void *context);
void rest_on_done(void *context, struct fleet_printer *printer,
		  const struct command_report *report);
/* Their clients are told that the gateway ends. */
void rest_end_waiting(struct rest *rest);

/* --- files.c --- */

void rest_get_files(struct http_request *request, void *context);
void rest_get_file(struct http_request *request, void *context);
void rest_put_file(struct http_request *request, void *context);
void rest_post_file(struct http_request *request, void *context);
void rest_delete_file(struct http_request *request, void *context);
void rest_get_metadata(struct http_request *request, void *context);
void rest_get_thumbnail(struct http_request *request, void *context);

#endif
