/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_REST_H
#define GATEWAY_REST_REST_H

#include "base/json/compose.h"
#include "gateway/events/events.h"
#include "gateway/files/files.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/queue.h"
#include "gateway/web/web.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * The gateway's own API, below /api/v1 (docs/api.md): JSON in and out, errors as RFC 9457.
 */
#define REST_BODY_MAX 65536

struct rest;

/* All of them outlive it; it comes after the history, which has to know first how a command ended.
 * Errors: MEMORY. */
struct rest_sources {
	struct gateway_printers *printers;
	struct gateway_events *events;
	struct files *files;
	struct history *history;
	struct queue *queue;
};
int rest_create(const struct rest_sources *sources, struct rest **rest)
	__attribute__((warn_unused_result));

void rest_fill_api(struct rest *rest, struct web_api *api);
/* An error of this interface. */
web_refuse rest_refuse;

/* --- answers, also of other rooms below /api/v1 --- */

#define REST_ROOT            "/api/v1"
#define REST_OK              200
#define REST_CREATED         201
#define REST_ACCEPTED        202
#define REST_NO_CONTENT      204
#define REST_BAD_REQUEST     400
#define REST_FORBIDDEN       403
#define REST_NOT_FOUND       404
#define REST_CONFLICT        409
#define REST_TOO_LARGE       413
#define REST_UNSUPPORTED     415
#define REST_UNPROCESSABLE   422
#define REST_FAILED          500
#define REST_BAD_GATEWAY     502
#define REST_UNAVAILABLE     503
#define REST_GATEWAY_TIMEOUT 504

/* With this object or array, which is one of RFC 9457 from 400 on; 500 where there is no memory. */
void rest_respond(struct http_request *request, int status, json_write *write, const void *context);
/* The same with a Location; NULL: without. */
void rest_respond_at(struct http_request *request, int status, const char *location,
		     json_write *write, const void *context);
/* What is JSON already: as rest_respond answers. */
void rest_respond_json(struct http_request *request, int status, const char *text, size_t length);
void rest_respond_text(struct http_request *request, int status, const char *content_type,
		       const char *text, size_t length);
/* application/problem+json: title of the status, detail for people. */
void rest_respond_problem(struct http_request *request, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* RFC 3339, as all times are written; null where it is no time. */
void rest_write_time(struct json_writer *writer, int64_t unix_s);

/* The object that was posted, with no member but those named ("a b c"). NULL where it is none: that
 * was answered. To be deleted, which wipes it. */
cJSON *rest_read_body(struct http_request *request, const char *members);
/* The same, with all members but `others` texts: what is none is not taken for one that is not
 * there, which may mean more. */
cJSON *rest_read_texts(struct http_request *request, const char *members, const char *others);
/* Whether they are; else it was answered. */
bool rest_are_texts(struct http_request *request, const cJSON *body, const char *others);
/* False where the member is there and neither true nor false: that was answered. */
bool rest_read_flag(struct http_request *request, const cJSON *body, const char *name, bool *value);
/* "" where it is no text. */
const char *rest_body_text(const cJSON *body, const char *name);

/* All that followed from a command is known (service_settle). */
void rest_on_settled(struct rest *rest, uint64_t command);

/* Whoever waits for the end of a command is notified that the gateway ends. NULL is accepted. */
void rest_stop(struct rest *rest);
/* Once the HTTP server is gone. NULL is accepted. */
void rest_destroy(struct rest *rest);

#endif
