/* SPDX-License-Identifier: MIT */
#include "gateway/openapi/openapi.h"

#include "gateway/openapi/internal.h"
#include "gateway/rest/rest.h"

#include <flagship/error.h>

#include <stdlib.h>

#define STATUS_FAILED 500
#define CONTENT_TYPE  "application/json"

struct openapi {
	struct web *const *web;
	char *text; /* made once, since it never changes; NULL before */
	size_t length;
};

static void write_web(struct json_writer *writer, const void *context)
{
	openapi_write(writer, context);
}

static void get_description(struct http_request *request, void *context)
{
	struct openapi *openapi = context;

	if (!openapi->text) {
		openapi->text = json_compose(write_web, *openapi->web, &openapi->length);
	}
	if (!openapi->text) {
		rest_refuse(request, STATUS_FAILED, "out of memory");
		return;
	}
	http_respond_document(request, CONTENT_TYPE, openapi->text, openapi->length);
}

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = OPENAPI_ROOT "/openapi.json",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = get_description},
};

int openapi_create(struct web *const *web, struct openapi **out)
{
	struct openapi *openapi = calloc(1, sizeof(*openapi));

	*out = openapi;
	if (!openapi) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	openapi->web = web;
	return 0;
}

void openapi_fill_api(struct openapi *openapi, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = openapi,
		.prefixes = OPENAPI_ROOT "/openapi.json",
		.refuse = rest_refuse,
	};
}

void openapi_destroy(struct openapi *openapi)
{
	if (openapi) {
		free(openapi->text);
		free(openapi);
	}
}
