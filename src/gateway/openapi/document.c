/* SPDX-License-Identifier: MIT */
#include "gateway/openapi/internal.h"
#include "gateway/rest/command_body.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_REQUEST  400
#define SWITCHING    101
#define OK           200
#define NO_CONTENT   204
#define REF_SIZE     96
#define NAME_SIZE    48
#define JSON_TYPE    "application/json"
#define PROBLEM_TYPE "application/problem+json"

static const struct {
	enum http_method method;
	const char *name;
} methods[] = {
	{HTTP_GET, "get"},       {HTTP_PUT, "put"},     {HTTP_POST, "post"},
	{HTTP_DELETE, "delete"}, {HTTP_PATCH, "patch"},
};

static void member(struct json_writer *writer, const char *key, const char *value)
{
	json_member_string(writer, key, value);
}

/* --- shapes --- */

static void write_reference(struct json_writer *writer, const char *name, size_t length)
{
	char reference[REF_SIZE];

	snprintf(reference, sizeof(reference), "#/components/schemas/%.*s", (int)length, name);
	json_object_begin(writer);
	member(writer, "$ref", reference);
	json_object_end(writer);
}

/* Of a name, or of "[Name]". */
static void write_shape(struct json_writer *writer, const char *shape)
{
	if (shape[0] != '[') {
		write_reference(writer, shape, strlen(shape));
		return;
	}
	json_object_begin(writer);
	member(writer, "type", "array");
	json_key(writer, "items");
	write_reference(writer, shape + 1, strlen(shape) - 2);
	json_object_end(writer);
}

/* What goes with a media type: a shape is JSON of it, and a media type is bytes. */
static void write_content(struct json_writer *writer, const char *shape, const char *json_type)
{
	bool is_type = strchr(shape, '/');

	json_key(writer, "content");
	json_object_begin(writer);
	json_key(writer, is_type ? shape : json_type);
	json_object_begin(writer);
	json_key(writer, "schema");
	if (is_type) {
		json_object_begin(writer);
		json_object_end(writer);
	} else {
		write_shape(writer, shape);
	}
	json_object_end(writer);
	json_object_end(writer);
}

/* --- one operation --- */

static void write_parameter(struct json_writer *writer, const char *place, const char *name,
			    size_t length, const char *type, size_t type_length)
{
	json_object_begin(writer);
	member(writer, "in", place);
	json_key(writer, "name");
	json_string_n(writer, name, length);
	if (strcmp(place, "path") == 0) {
		json_member_bool(writer, "required", true);
	}
	json_key(writer, "schema");
	json_object_begin(writer);
	json_key(writer, "type");
	json_string_n(writer, type, type_length);
	json_object_end(writer);
	json_object_end(writer);
}

static void write_path_parameters(struct json_writer *writer, const char *path)
{
	for (const char *at = path; (at = strchr(at, '{'));) {
		size_t length = strcspn(++at, ".}");

		write_parameter(writer, "path", at, length, "string", strlen("string"));
	}
}

static void write_query(struct json_writer *writer, const char *query)
{
	while (query && *query != '\0') {
		size_t length = strcspn(query, ":");
		const char *type = query + length + 1;
		size_t type_length = strcspn(type, " ");

		write_parameter(writer, "query", query, length, type, type_length);
		query = type + type_length + (type[type_length] == ' ');
	}
}

/* Who sends it back as If-None-Match hears 304 where nothing has changed. */
static void write_etag(struct json_writer *writer)
{
	json_key(writer, "headers");
	json_object_begin(writer);
	json_key(writer, "ETag");
	json_object_begin(writer);
	member(writer, "description", "Sent back as If-None-Match: 304 where nothing changed");
	json_key(writer, "schema");
	json_object_begin(writer);
	member(writer, "type", "string");
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
}

static bool has_etag(const struct operation *operation, int status)
{
	return operation->method == HTTP_GET && status == OK && operation->answer &&
	       !operation_is_fresh(operation);
}

static void write_status(struct json_writer *writer, const struct operation *operation, int status)
{
	char key[NAME_SIZE];

	snprintf(key, sizeof(key), "%d", status);
	json_key(writer, key);
	json_object_begin(writer);
	member(writer, "description", http_status_text(status));
	if (has_etag(operation, status)) {
		write_etag(writer);
	}
	if (status >= BAD_REQUEST) {
		write_content(writer, "Problem", PROBLEM_TYPE);
	} else if (operation->answer && status != NO_CONTENT && status != SWITCHING) {
		write_content(writer, operation->answer, JSON_TYPE);
	}
	json_object_end(writer);
}

static void write_statuses(struct json_writer *writer, const struct operation *operation,
			   unsigned int rights)
{
	const char *at = operation->statuses;

	json_key(writer, "responses");
	json_object_begin(writer);
	while (*at != '\0') {
		char *end;

		write_status(writer, operation, (int)strtol(at, &end, 10));
		at = end + strspn(end, " ");
	}
	/* Who asks by another host's name, or from another site's page. */
	write_status(writer, operation, 403);
	bool has_json = operation->body && !strchr(operation->body, '/');
	if (has_json && !strstr(operation->statuses, "413")) {
		write_status(writer, operation, 413);
	}
	if (has_json && operation->method == HTTP_POST) {
		write_status(writer, operation, 415);
	}
	if (rights && !strstr(operation->statuses, "401")) {
		write_status(writer, operation, 401);
	}
	json_object_end(writer);
}

static void write_operation(struct json_writer *writer, const struct operation *operation,
			    unsigned int rights)
{
	json_object_begin(writer);
	member(writer, "operationId", operation->name);
	member(writer, "summary", operation->summary);
	member(writer, "x-role",
	       rights & WEB_ADMIN     ? "admin"
	       : rights & WEB_OPERATE ? "operator"
	       : rights & WEB_VIEW    ? "viewer"
				      : "anybody");
	if (strchr(operation->path, '{') || operation->query) {
		json_key(writer, "parameters");
		json_array_begin(writer);
		write_path_parameters(writer, operation->path);
		write_query(writer, operation->query);
		json_array_end(writer);
	}
	if (operation->body) {
		json_key(writer, "requestBody");
		json_object_begin(writer);
		json_member_bool(writer, "required", true);
		write_content(writer, operation->body, JSON_TYPE);
		json_object_end(writer);
	}
	write_statuses(writer, operation, rights);
	json_object_end(writer);
}

/* --- all of them --- */

static const char *own_path(const struct http_route *route)
{
	size_t length = strlen(OPENAPI_ROOT);

	return strncmp(route->path, OPENAPI_ROOT "/", length + 1) == 0 ? route->path + length
								       : NULL;
}

/* A path is an object, with a member for each method: "{rest...}" is "{rest}" there. */
static void write_path_key(struct json_writer *writer, const char *path)
{
	char key[REF_SIZE];
	size_t length = 0;

	for (; *path != '\0' && length < sizeof(key) - 1; path++) {
		if (*path != '.' || strncmp(path, "...", strlen("...")) != 0) {
			key[length++] = *path;
		} else {
			path += strlen("..");
		}
	}
	key[length] = '\0';
	json_key(writer, key);
}

static void write_path(struct json_writer *writer, const struct http_route *routes, size_t count,
		       const char *path)
{
	write_path_key(writer, path);
	json_object_begin(writer);
	for (size_t i = 0; i < count; i++) {
		const char *own = own_path(&routes[i]);

		for (size_t j = 0;
		     own && strcmp(own, path) == 0 && j < sizeof(methods) / sizeof(methods[0]);
		     j++) {
			const struct operation *operation =
				routes[i].methods & methods[j].method
					? operation_find(methods[j].method, path)
					: NULL;
			if (operation) {
				json_key(writer, methods[j].name);
				write_operation(writer, operation, routes[i].rights);
			}
		}
	}
	json_object_end(writer);
}

static bool is_first_of_path(const struct http_route *routes, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(routes[i].path, routes[index].path) == 0) {
			return false;
		}
	}
	return own_path(&routes[index]);
}

static void write_info(struct json_writer *writer)
{
	json_key(writer, "info");
	json_object_begin(writer);
	member(writer, "title", "flagship gateway");
	member(writer, "version", flagship_version());
	member(writer, "description",
	       "Every printer of every account. Errors are application/problem+json (RFC 9457).");
	json_key(writer, "license");
	json_object_begin(writer);
	member(writer, "name", "MIT");
	member(writer, "identifier", "MIT");
	json_object_end(writer);
	json_object_end(writer);
}

static void write_components(struct json_writer *writer)
{
	json_key(writer, "components");
	json_object_begin(writer);
	json_key(writer, "schemas");
	json_object_begin(writer);
	json_key(writer, "CommandRequest");
	command_body_write_schema(writer);
	/* The members of the file's object, behind that one. */
	const char *begin = strchr(openapi_schemas, '{') + 1;
	const char *end = strrchr(openapi_schemas, '}');
	json_raw(writer, begin, (size_t)(end - begin));
	json_object_end(writer);
	json_object_end(writer);
}

void openapi_write(struct json_writer *writer, const struct web *web)
{
	size_t count;
	const struct http_route *routes = web_routes(web, &count);

	json_object_begin(writer);
	member(writer, "openapi", "3.1.0");
	write_info(writer);
	json_key(writer, "servers");
	json_array_begin(writer);
	json_object_begin(writer);
	member(writer, "url", OPENAPI_ROOT);
	json_object_end(writer);
	json_array_end(writer);
	json_key(writer, "paths");
	json_object_begin(writer);
	for (size_t i = 0; i < count; i++) {
		if (is_first_of_path(routes, i)) {
			write_path(writer, routes, count, own_path(&routes[i]));
		}
	}
	json_object_end(writer);
	write_components(writer);
	json_object_end(writer);
}
