/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"
#include "gateway/rest/command_body.h"
#include "gateway/rest/internal.h"
#include "gateway/sentences/sentences.h"
#include "printer/types_json.h"

static void write_guard(struct json_writer *writer, const void *context)
{
	const struct service_guard *guard = context;

	json_object_begin(writer);
	json_member_string(writer, "verdict", service_verdict_name(guard->verdict));
	sentence_member_known(writer, "reason", guard->reason);
	json_object_end(writer);
}

void rest_post_guard(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = rest_find_printer(request, context);
	struct command_body body = {0};
	struct service_guard guard;
	struct problem problem;
	size_t length;

	if (!printer) {
		return;
	}
	const char *text = http_request_body(request, &length);
	if (command_body_read(&body, text, length, &problem)) {
		gateway_printers_fill_request(printer, &body.request);
		service_guard(printer, &body.request, &guard);
		rest_respond(request, REST_OK, write_guard, &guard);
	} else {
		rest_respond_problem(request, body.lacks_memory ? REST_FAILED : REST_BAD_REQUEST,
				     "%s", problem.text);
	}
	command_body_finish(&body);
}

static void write_types(struct json_writer *writer, const void *context)
{
	(void)context;
	types_json_write_all(writer);
}

void rest_get_types(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_types, context);
}
