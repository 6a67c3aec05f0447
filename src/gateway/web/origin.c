/* SPDX-License-Identifier: MIT */
#include "gateway/web/internal.h"

#include <string.h>
#include <strings.h>

#define NO_CONTENT 204

/* Requests that a page of another site has a browser send, and what browsers are told of ours. */

const struct http_header web_headers[] = {
	{"content-security-policy",
	 "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
	{"x-content-type-options", "nosniff"},
	{"referrer-policy", "no-referrer"},
	{"x-frame-options", "DENY"},
	{"cross-origin-resource-policy", "same-origin"},
};
const size_t web_header_count = sizeof(web_headers) / sizeof(web_headers[0]);

static bool has_json(const struct http_request *request)
{
	static const char json[] = "application/json";
	const char *type = http_request_header(request, "content-type");

	return type && strncasecmp(type, json, sizeof(json) - 1) == 0 &&
	       (type[sizeof(json) - 1] == '\0' || type[sizeof(json) - 1] == ';' ||
		type[sizeof(json) - 1] == ' ');
}

const char *web_origin_fault(const struct access *access, const struct http_request *request,
			     const struct web_api *api, int *status)
{
	const char *fault = access_origin_fault(access, request, api->other_program);

	*status = WEB_FORBIDDEN;
	if (fault) {
		return fault;
	}
	/* What a form of another site sends is never that. Files come in a stream, as a form. */
	const struct http_route *route = http_request_route(request);
	bool takes_files = route && route->body == HTTP_BODY_STREAM;

	if (api->json_only && http_request_method(request) == HTTP_POST && !takes_files &&
	    !has_json(request)) {
		*status = WEB_UNSUPPORTED;
		return "the body has to be Content-Type: application/json";
	}
	return NULL;
}

void web_add_cors(const struct access *access, struct http_request *request)
{
	const char *origin = access_cors_origin(access, request);

	if (origin) {
		http_request_add_header(request, "access-control-allow-origin", origin);
		http_request_add_header(request, "vary", "Origin");
		http_request_add_header(request, "cross-origin-resource-policy", "cross-origin");
	}
}

bool web_answer_preflight(const struct access *access, struct http_request *request,
			  const struct web_api *api)
{
	static const struct http_header allowed[] = {
		{"access-control-allow-methods", "GET, POST, PUT, DELETE"},
		{"access-control-allow-headers", "X-Api-Key, Authorization, Content-Type"},
		{"access-control-max-age", "600"},
	};

	if (http_request_method(request) != HTTP_OPTIONS || !api->other_program ||
	    !access_cors_origin(access, request) || access_origin_fault(access, request, true)) {
		return false;
	}
	web_add_cors(access, request);
	http_respond(request,
		     &(struct http_response){.status = NO_CONTENT,
					     .headers = allowed,
					     .header_count = sizeof(allowed) / sizeof(allowed[0])});
	return true;
}
