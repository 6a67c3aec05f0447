/* SPDX-License-Identifier: MIT */
#include "gateway/rest/internal.h"
#include "gateway/sentences/sentences.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"
#define DETAIL_SIZE  1024
#define TEXT_FACTOR  6 /* the sentence, and once more what it holds */

static void respond_text(struct http_request *request, int status, const char *content_type,
			 const char *location, const char *text, size_t length)
{
	const struct http_header headers[] = {{"cache-control", "no-store"},
					      {"location", location}};
	const struct http_response response = {
		.status = status,
		.content_type = content_type,
		.headers = headers,
		.header_count = location ? 2 : 1,
		.body = text,
		.length = length,
	};

	http_respond(request, &response);
}

void rest_respond_text(struct http_request *request, int status, const char *content_type,
		       const char *text, size_t length)
{
	respond_text(request, status, content_type, NULL, text, length);
}

/* What a question got may be the same the next time; what was done is said once. */
static void respond_json(struct http_request *request, int status, const char *location,
			 const char *text, size_t length)
{
	if (status >= REST_BAD_REQUEST) {
		respond_text(request, status, PROBLEM_TYPE, location, text, length);
	} else if (status == REST_OK &&
		   (http_request_method(request) & (HTTP_GET | HTTP_HEAD)) != 0) {
		http_respond_document(request, CONTENT_TYPE, text, length);
	} else {
		respond_text(request, status, CONTENT_TYPE, location, text, length);
	}
}

void rest_respond_json(struct http_request *request, int status, const char *text, size_t length)
{
	respond_json(request, status, NULL, text, length);
}

void rest_respond_at(struct http_request *request, int status, const char *location,
		     json_write *write, const void *context)
{
	size_t length;
	char *text = json_compose(write, context, &length);

	if (text) {
		respond_json(request, status, location, text, length);
	} else {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	}
	free(text);
}

void rest_respond(struct http_request *request, int status, json_write *write, const void *context)
{
	rest_respond_at(request, status, NULL, write, context);
}

void rest_respond_problem(struct http_request *request, int status, const char *format, ...)
{
	char detail[DETAIL_SIZE];
	char text[DETAIL_SIZE * TEXT_FACTOR];
	struct json_writer writer;
	size_t length = 0;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_member_string(&writer, "type", "about:blank");
	json_member_string(&writer, "title", http_status_text(status));
	json_member_int(&writer, "status", status);
	sentence_member(&writer, "detail", detail);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length)) {
		length = 0;
	}
	rest_respond_text(request, status, PROBLEM_TYPE, text, length);
}

void rest_refuse(struct http_request *request, int status, const char *detail)
{
	rest_respond_problem(request, status, "%s", detail);
}

struct fleet_printer *rest_find_printer(struct http_request *request, const struct rest *rest)
{
	return web_find_printer(rest->printers, request, rest_refuse);
}
