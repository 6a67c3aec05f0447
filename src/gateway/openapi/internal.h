/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OPENAPI_INTERNAL_H
#define GATEWAY_OPENAPI_INTERNAL_H

#include "base/json/writer.h"
#include "gateway/openapi/openapi.h"

#define OPENAPI_ROOT "/api/v1"

/* What one method of a route is for. */
struct operation {
	enum http_method method;
	const char *path; /* below OPENAPI_ROOT, as in the route */
	const char *name; /* for programs that are generated of it */
	const char *summary;
	const char *body;     /* a name of schemas.json, or a media type; NULL: none */
	const char *answer;   /* the same; "[Name]" for an array of it; NULL: nothing */
	const char *query;    /* "name:type name:type"; NULL: none */
	const char *statuses; /* with a space between, the good ones first */
};

/* NULL where the table has none of it. */
const struct operation *operation_find(enum http_method method, const char *path);

/* Of GET: made anew each time, so that no ETag is promised. */
bool operation_is_fresh(const struct operation *operation);

/* The whole document. */
void openapi_write(struct json_writer *writer, const struct web *web);

/* Of schemas.json. */
extern const char openapi_schemas[];
extern const size_t openapi_schemas_length;

#endif
