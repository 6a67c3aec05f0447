/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/moonraker/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BELOW        "/moonraker/{printer}"
#define CONTENT_TYPE "application/json"
#define ERROR_SIZE   2048
#define TEXT_SIZE    1024

void moonraker_refuse(struct http_request *request, int status, const char *detail)
{
	char text[ERROR_SIZE];
	struct json_writer writer;
	size_t length = 0;

	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_key(&writer, "error");
	json_object_begin(&writer);
	json_member_int(&writer, "code", status);
	json_member_string(&writer, "message", detail);
	json_object_end(&writer);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length)) {
		length = 0;
	}
	const struct http_response response = {
		.status = status, .content_type = CONTENT_TYPE, .body = text, .length = length};

	http_respond(request, &response);
}

struct moonraker_printer *moonraker_printer_of(struct moonraker *moonraker,
					       struct http_request *request)
{
	struct fleet_printer *found = web_find_printer(moonraker->options.printers, request,
						       moonraker_refuse);
	struct moonraker_printer *printer = found ? moonraker_adopt(moonraker, found) : NULL;

	if (found && !printer) {
		moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
	}
	return printer;
}

/* --- parameters --- */

/* False where it is badly escaped, or does not fit. */
static bool unescape(const char *text, size_t length, char *out, size_t capacity)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i] == '+' ? ' ' : text[i];

		if (c == '%') {
			int high = i + 1 < length ? hex_digit_value(text[i + 1]) : -1;
			int low = i + 2 < length ? hex_digit_value(text[i + 2]) : -1;

			if (high < 0 || low < 0 || high + low == 0) {
				return false;
			}
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (written + 1 >= capacity) {
			return false;
		}
		out[written++] = c;
	}
	out[written] = '\0';
	return true;
}

/* name=value as a member; name:json=value where the value is JSON. */
static void write_value(struct json_writer *writer, char *name, const char *value)
{
	char *hint = strchr(name, ':');
	struct json_value document;

	if (hint) {
		*hint++ = '\0';
	}
	json_key(writer, name);
	if (hint && strcmp(hint, "json") == 0 &&
	    json_read_document(value, strlen(value), RPC_DEPTH_MAX, &document) == 0) {
		json_raw(writer, value, strlen(value));
	} else {
		json_string(writer, value);
	}
}

/* toolhead=position,status as "toolhead":["position","status"]; without a value all of it. */
static void write_object(struct json_writer *writer, const char *name, const char *value)
{
	json_key(writer, name);
	if (value[0] == '\0') {
		json_null(writer);
		return;
	}
	json_array_begin(writer);
	while (*value != '\0') {
		size_t length = strcspn(value, ",");

		json_string_n(writer, value, length);
		value += length + (value[length] == ',');
	}
	json_array_end(writer);
}

/* False where it is badly escaped. */
static bool write_query(struct json_writer *writer, const char *query, bool objects)
{
	char name[TEXT_SIZE];
	char value[TEXT_SIZE];

	while (*query != '\0') {
		size_t length = strcspn(query, "&");
		size_t sign = strcspn(query, "=&");

		if (!unescape(query, sign, name, sizeof(name)) ||
		    !unescape(query + sign + (sign < length), length - sign - (sign < length),
			      value, sizeof(value))) {
			return false;
		}
		if (name[0] != '\0' && objects && strcmp(name, "connection_id") != 0) {
			write_object(writer, name, value);
		} else if (name[0] != '\0' && !objects) {
			write_value(writer, name, value);
		}
		query += length + (query[length] == '&');
	}
	return true;
}

struct parameters {
	const struct http_request *request;
	const struct json_value *body; /* an object; NULL: there is none */
	bool objects;
	bool bad;
};

static void write_body(struct json_writer *writer, const struct json_value *body)
{
	struct json_walk walk;
	struct json_value value;
	struct flagship_text name;
	char key[TEXT_SIZE];

	json_walk_init_valid(&walk, body);
	while (json_walk_member(&walk, &name, &value)) {
		if (flagship_text_copy(name, key, sizeof(key)) < sizeof(key)) {
			json_key(writer, key);
			json_raw(writer, value.json.data, value.json.length);
		}
	}
}

static void write_parameters(struct json_writer *writer, const void *context)
{
	/* The writer is called anew where there was too little room: the same comes of it. */
	struct parameters *parameters = (struct parameters *)context;
	const char *query = http_request_query(parameters->request);
	const char *path = http_request_parameter(parameters->request, "path");
	char id[TEXT_SIZE];

	json_object_begin(writer);
	if (parameters->objects && !parameters->body) {
		json_key(writer, "objects");
		json_object_begin(writer);
	}
	parameters->bad = !write_query(writer, query, parameters->objects);
	if (parameters->objects && !parameters->body) {
		json_object_end(writer);
		if (http_request_query_value(parameters->request, "connection_id", id,
					     sizeof(id))) {
			json_member_string(writer, "connection_id", id);
		}
	}
	if (path) {
		snprintf(id, sizeof(id), MOONRAKER_ROOT "/%s", path);
		json_member_string(writer, "path", id);
	}
	if (parameters->body) {
		write_body(writer, parameters->body);
	}
	json_object_end(writer);
}

static bool is_about_objects(const struct http_request *request)
{
	return strstr(http_request_path(request), "/printer/objects/") != NULL;
}

/* The query, and the body where it is JSON, as one object, to be freed; NULL where it was answered.
 */
static char *moonraker_params_of(struct http_request *request, size_t *length)
{
	struct parameters parameters = {.request = request, .objects = is_about_objects(request)};
	struct json_value body;
	size_t body_length;
	const char *text = http_request_body(request, &body_length);

	if (body_length > 0) {
		if (json_read_document(text, body_length, RPC_DEPTH_MAX, &body) ||
		    body.kind != JSON_OBJECT) {
			moonraker_refuse(request, MOONRAKER_BAD_REQUEST,
					 "the body is to be an object in JSON");
			return NULL;
		}
		parameters.body = &body;
		parameters.objects = false;
	}
	char *params = json_compose(write_parameters, &parameters, length);
	if (!params || parameters.bad) {
		moonraker_refuse(request, params ? MOONRAKER_BAD_REQUEST : MOONRAKER_BROKEN,
				 params ? "the query is badly escaped" : "out of memory");
		free(params);
		return NULL;
	}
	return params;
}

/* --- the routes --- */

static const struct moonraker_endpoint *endpoint_of(const struct moonraker *moonraker,
						    const struct http_request *request)
{
	const char *path = http_request_route(request)->path;

	for (size_t i = 0; i < moonraker->route_count; i++) {
		if (path == moonraker->routes[0][i].path || path == moonraker->routes[1][i].path) {
			return &moonraker_endpoints[i];
		}
	}
	return NULL;
}

static void handle_call(struct http_request *request, void *context)
{
	struct moonraker *moonraker = context;
	const struct moonraker_endpoint *endpoint = endpoint_of(moonraker, request);
	struct moonraker_printer *printer = moonraker_printer_of(moonraker, request);
	unsigned int rights = access_rights(request);
	size_t length;

	if (!printer) {
		return;
	}
	if (!endpoint->method) {
		const char *body = http_request_body(request, &length);

		moonraker_take_message(moonraker, printer, NULL, request, rights, body, length);
		return;
	}
	char *params = moonraker_params_of(request, &length);
	if (params) {
		const struct flagship_json json = {.data = params, .length = (uint32_t)length};

		moonraker_take_call(moonraker, printer, request, rights, endpoint->method, json);
		free(params);
	}
}

static void fill_route(const struct moonraker *moonraker, size_t at, bool own_port,
		       const char *path)
{
	const struct moonraker_endpoint *endpoint = &moonraker_endpoints[at];
	const struct moonraker_method *method = endpoint->method
							? moonraker_find_method(endpoint->method)
							: NULL;

	moonraker->routes[own_port][at] = (struct http_route){
		.methods = endpoint->methods,
		.path = path,
		.rights = method ? method->rights : endpoint->rights,
		.handle = endpoint->handle ? endpoint->handle : handle_call,
		.body = endpoint->body,
		.body_max = endpoint->body_max ? endpoint->body_max : MOONRAKER_MESSAGE_MAX,
	};
}

bool moonraker_make_routes(struct moonraker *moonraker)
{
	size_t count = moonraker_endpoint_count;
	size_t length = 0;

	assert(count > 0);

	for (size_t i = 0; i < count; i++) {
		length += sizeof(BELOW) + strlen(moonraker_endpoints[i].path);
	}
	moonraker->paths = malloc(length);
	moonraker->routes[0] = calloc(count, sizeof(struct http_route));
	moonraker->routes[1] = calloc(count, sizeof(struct http_route));
	if (!moonraker->paths || !moonraker->routes[0] || !moonraker->routes[1]) {
		return false;
	}
	char *at = moonraker->paths;
	for (size_t i = 0; i < count; i++) {
		int written = snprintf(at, length, BELOW "%s", moonraker_endpoints[i].path);

		fill_route(moonraker, i, false, at);
		fill_route(moonraker, i, true, at + sizeof(BELOW) - 1);
		at += written + 1;
		length -= (size_t)written + 1;
	}
	moonraker->route_count = count;
	return true;
}

void moonraker_fill_api(struct moonraker *moonraker, bool own_port, struct web_api *api)
{
	*api = (struct web_api){
		.routes = moonraker->routes[own_port],
		.route_count = moonraker->route_count,
		.context = moonraker,
		.prefixes = own_port ? "/server /printer /machine /access /websocket"
				     : "/moonraker",
		.refuse = moonraker_refuse,
		.other_program = true,
	};
}
