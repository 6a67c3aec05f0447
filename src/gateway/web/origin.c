/* SPDX-License-Identifier: MIT */
#include "gateway/web/internal.h"

#include <string.h>
#include <strings.h>

/* Requests that a page of another site has a browser send. */

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
const char *web_origin_fault(const struct http_request *request, const struct web_api *api,
			     int *status)
{
	const char *host = http_request_header(request, "host");
	const char *origin = http_request_header(request, "origin");

	*status = WEB_FORBIDDEN;
	if (!http_request_is_unix(request) && (!host || !names_this_machine(host))) {
		return "this is asked by another name than localhost, 127.0.0.1 or [::1]";
	}
	if (origin && (!host || !is_own_origin(origin, host))) {
		return "a page of another site asks";
	}
	/* What a form of another site sends is never that. */
	if (api->json_only && http_request_method(request) == HTTP_POST && !has_json(request)) {
		*status = WEB_UNSUPPORTED;
		return "the body has to be Content-Type: application/json";
	}
	return NULL;
}
