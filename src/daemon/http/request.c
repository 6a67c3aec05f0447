/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"

#include "daemon/http/syntax/path.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_REQUEST       400
#define NOT_FOUND         404
#define NOT_ALLOWED       405
#define TOO_LARGE         413
#define FAILED            500
#define TOO_MANY          429
#define HEADERS_TOO_LARGE 431
#define BODY_FIRST        4096
#define CONTINUE          "HTTP/1.1 100 Continue\r\n\r\n"

/* --- what the server says by itself --- */

void http_request_refuse(struct http_request *request, int status)
{
	struct http_connection *connection = request->connection;
	const struct http_options *options = &connection->server->options;

	if (options->refuse) {
		options->refuse(request, status, options->context);
	}
	if (connection->request == request && !request->answered) {
		const char *text = http_status_text(status);
		const struct http_response response = {
			.status = status,
			.content_type = "text/plain; charset=utf-8",
			.body = text,
			.length = strlen(text),
		};

		http_respond(request, &response);
	}
}

/* The end of the body cannot be known, or the client does not stop: nothing more is read of it. */
static void refuse_and_close(struct http_request *request, int status)
{
	request->connection->closes = true;
	request->connection->unread = true;
	request->wants_body = false;
	http_request_refuse(request, status);
}

/* --- routes --- */

static bool allows(unsigned int methods, enum http_method method)
{
	return methods & (unsigned int)method || (method == HTTP_HEAD && methods & HTTP_GET);
}

static int find_route(struct http_request *request)
{
	const struct http_options *options = &request->connection->server->options;

	for (size_t i = 0; i < options->route_count; i++) {
		const struct http_route *route = &options->routes[i];

		if (!http_path_match(route->path, request->head.target, &request->match)) {
			continue;
		}
		if (allows(route->methods, request->head.method)) {
			request->route = route;
			return 0;
		}
		request->allowed |= route->methods;
	}
	return request->allowed ? NOT_ALLOWED : NOT_FOUND;
}

static uint64_t body_max(const struct http_request *request)
{
	const struct http_route *route = request->route;

	return route && route->body_max > 0
		       ? route->body_max
		       : request->connection->server->options.limits.body_bytes;
}

/* --- bodies --- */

static void call_handler(struct http_request *request)
{
	const struct http_route *route = request->route;

	route->handle(request, route->context ? route->context
					      : request->connection->server->options.context);
}

static void complete(struct http_request *request)
{
	struct http_connection *connection = request->connection;

	request->body_open = false;
	if (request->answered) {
		/* It was read for the sake of the next request only, which waits for the answer. */
		request->wants_body = false;
		return;
	}
	connection->state = HTTP_STATE_HANDLING;
	http_peer_step(connection->peer, HTTP_STEP_WORK, http_now_ms());
	if (request->sink) {
		request->sink->end(request->sink_context);
	} else {
		call_handler(request);
	}
}

static bool keep(struct http_request *request, const char *bytes, size_t length)
{
	size_t needed = request->body_length + length + 1;

	if (needed > request->body_capacity) {
		size_t capacity = request->body_capacity ? request->body_capacity : BODY_FIRST;

		while (capacity < needed) {
			capacity *= 2;
		}
		char *larger = malloc(capacity);
		if (!larger) {
			return false;
		}
		if (request->body) {
			memcpy(larger, request->body, request->body_length);
			OPENSSL_cleanse(request->body, request->body_length);
			free(request->body);
		}
		request->body = larger;
		request->body_capacity = capacity;
	}
	memcpy(request->body + request->body_length, bytes, length);
	request->body_length += length;
	request->body[request->body_length] = '\0';
	return true;
}

static void deliver(struct http_request *request, const char *bytes, size_t length)
{
	request->received += length;
	if (request->answered || length == 0) {
		return;
	}
	if (request->received > body_max(request)) {
		refuse_and_close(request, TOO_LARGE);
		return;
	}
	if (!request->sink) {
		if (!keep(request, bytes, length)) {
			refuse_and_close(request, FAILED);
		}
		return;
	}
	http_peer_move(request->connection->peer, length, http_now_ms());
	if (request->sink->data(request->sink_context, bytes, length) == HTTP_PAUSE) {
		request->paused = true;
	}
}

static size_t take_chunks(struct http_request *request, const char *bytes, size_t length)
{
	const char *rest = bytes;
	size_t left = length;

	while (request->wants_body && !request->paused) {
		const char *data;
		size_t data_length;
		enum chunked_result result = chunked_take(&request->chunked, &rest, &left, &data,
							  &data_length);

		if (result == CHUNKED_DATA) {
			deliver(request, data, data_length);
			continue;
		}
		if (result == CHUNKED_END) {
			complete(request);
		} else if (result == CHUNKED_BROKEN) {
			if (request->answered) {
				http_connection_kill(request->connection);
			} else {
				refuse_and_close(request, BAD_REQUEST);
			}
		}
		break;
	}
	return (size_t)(rest - bytes);
}

size_t http_request_take(struct http_request *request, const char *bytes, size_t length)
{
	if (request->head.framing == HTTP_FRAMING_CHUNKED) {
		return take_chunks(request, bytes, length);
	}
	size_t count = request->left < length ? (size_t)request->left : length;
	request->left -= count;
	deliver(request, bytes, count);
	if (request->left == 0) {
		complete(request);
	}
	return count;
}

static void ask_for_body(struct http_request *request)
{
	request->wants_body = true;
	if (request->head.awaits_continue && request->body_open) {
		request->head.awaits_continue = false;
		if (!http_output(request->connection, CONTINUE, strlen(CONTINUE))) {
			http_connection_kill(request->connection);
		}
	}
	http_connection_go_on(request->connection);
}

void http_request_receive(struct http_request *request, const struct http_sink *sink, void *context)
{
	if (request->answered || request->sink) {
		return;
	}
	request->sink = sink;
	request->sink_context = context;
	request->connection->peer->streams = true;
	if (request->body_open) {
		ask_for_body(request);
	} else {
		complete(request);
	}
}

void http_request_resume(struct http_request *request)
{
	request->paused = false;
	http_connection_go_on(request->connection);
}

int64_t http_request_length(const struct http_request *request)
{
	return request->head.framing == HTTP_FRAMING_LENGTH ? (int64_t)request->head.length
	       : request->head.framing == HTTP_FRAMING_NONE ? 0
							    : -1;
}

/* --- the start and the end --- */

static int admit(struct http_request *request)
{
	struct http_connection *connection = request->connection;
	struct http_server *server = connection->server;

	if (!http_path_decode(request->head.target, request->path)) {
		return BAD_REQUEST;
	}
	if (!connection->is_unix &&
	    http_peers_count_request(&server->peers, &connection->peer->address, http_now_ms())) {
		return TOO_MANY;
	}
	int status = find_route(request);
	if (!status && server->options.authorise) {
		/* It may say so before it returns. */
		request->deferred = true;
		status = server->options.authorise(request, request->route,
						   server->options.context);
		request->deferred = request->deferred && status == HTTP_LATER;
	}
	return status;
}

/* To its route, or to its refusal. */
static void go_on(struct http_request *request, int status)
{
	struct http_connection *connection = request->connection;

	if (!status && request->head.framing == HTTP_FRAMING_LENGTH &&
	    request->head.length > body_max(request)) {
		status = TOO_LARGE;
	}
	if (status) {
		http_request_refuse(request, status);
	} else if (request->route->body == HTTP_BODY_STREAM) {
		http_peer_step(connection->peer,
			       request->body_open ? HTTP_STEP_BODY : HTTP_STEP_WORK, http_now_ms());
		call_handler(request);
	} else if (request->body_open) {
		http_peer_step(connection->peer, HTTP_STEP_BODY, http_now_ms());
		ask_for_body(request);
	} else {
		complete(request);
	}
}

void http_request_admit(struct http_request *request, int status)
{
	if (request->deferred && !request->answered) {
		request->deferred = false;
		request->gone = NULL;
		go_on(request, status);
	}
}

void http_request_begin(struct http_request *request, size_t length)
{
	struct http_connection *connection = request->connection;
	int status = length > 0 ? http_head_parse(request->bytes, length, &request->head)
				: HEADERS_TOO_LARGE;

	if (status && !request->head.method_name) {
		request->head.method_name = "";
		request->head.target = "";
		request->head.query = "";
	}
	http_peer_step(connection->peer, HTTP_STEP_BODY, http_now_ms());
	connection->state = HTTP_STATE_HANDLING;
	if (status) {
		refuse_and_close(request, status);
		return;
	}
	connection->closes = !request->head.keeps_alive ||
			     http_peer_is_worn(&connection->server->peers, connection->peer,
					       http_now_ms());
	request->left = request->head.length;
	request->body_open = request->head.framing != HTTP_FRAMING_NONE;
	if (request->body_open) {
		connection->state = HTTP_STATE_BODY;
	}
	status = admit(request);
	if (request->answered) {
		return;
	}
	if (status == HTTP_LATER) {
		if (request->deferred) {
			http_peer_step(connection->peer, HTTP_STEP_WORK, http_now_ms());
		}
		return;
	}
	go_on(request, status);
}

void http_identity_release(struct http_identity *identity)
{
	if (identity->value && identity->release) {
		identity->release(identity->value);
	}
	*identity = (struct http_identity){0};
}

static void release_extra(struct http_request *request)
{
	for (size_t i = 0; i < request->extra_count; i++) {
		free((void *)request->extra[i].name);
		free((void *)request->extra[i].value);
	}
}

static void log_request(const struct http_request *request)
{
	const struct http_options *options = &request->connection->server->options;

	if (!options->log_access || (request->route && request->route->quiet)) {
		return;
	}
	const struct http_access access = {
		.address = request->connection->address,
		.method = request->head.method_name ? request->head.method_name : "",
		.path = request->path,
		.user = request->user,
		.status = request->status,
		.received = request->received,
		.sent = request->sent,
		.duration_ms = http_now_ms() - request->begun_ms,
	};

	options->log_access(&access, options->context);
}

void http_request_finish(struct http_request *request)
{
	size_t room = request->connection->server->options.limits.header_bytes;

	request->connection->request = NULL;
	if (request->head.method_name) {
		log_request(request);
	}
	if (!request->answered && request->gone) {
		request->gone(request->gone_context);
	}
	if (request->has_source && request->source.release) {
		request->source.release(request->source_context);
	}
	if (request->body) {
		OPENSSL_cleanse(request->body, request->body_length);
		free(request->body);
	}
	http_identity_release(&request->identity);
	release_extra(request);
	OPENSSL_cleanse(request, sizeof(*request) + room);
	free(request);
}

/* --- what is asked about it --- */

enum http_method http_request_method(const struct http_request *request)
{
	return request->head.method;
}

const char *http_request_method_name(const struct http_request *request)
{
	return request->head.method_name;
}

const char *http_request_path(const struct http_request *request)
{
	return request->path;
}

const char *http_request_target(const struct http_request *request)
{
	return request->head.target;
}

const char *http_request_query(const struct http_request *request)
{
	return request->head.query;
}

bool http_request_query_value(const struct http_request *request, const char *name, char *out,
			      size_t capacity)
{
	return form_get(request->head.query, strlen(request->head.query), name, out, capacity);
}

const char *http_request_parameter(const struct http_request *request, const char *name)
{
	return request->route ? http_match_value(&request->match, name) : NULL;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	return http_head_field(&request->head, name);
}

const char *http_request_header_last(const struct http_request *request, const char *name)
{
	for (size_t i = request->head.field_count; i > 0; i--) {
		if (strcmp(request->head.fields[i - 1].name, name) == 0) {
			return request->head.fields[i - 1].value;
		}
	}
	return NULL;
}

bool http_request_upgrades(const struct http_request *request)
{
	return request->head.upgrades;
}

void http_request_set_identity(struct http_request *request, void *identity,
			       void (*release)(void *identity))
{
	http_identity_release(&request->identity);
	request->identity = (struct http_identity){.value = identity, .release = release};
}

void *http_request_identity(const struct http_request *request)
{
	return request->identity.value;
}

void http_request_add_header(struct http_request *request, const char *name, const char *value)
{
	char *name_copy = strdup(name);
	char *value_copy = strdup(value);

	if (!name_copy || !value_copy || request->answered ||
	    request->extra_count == HTTP_EXTRA_MAX) {
		free(name_copy);
		free(value_copy);
		return;
	}
	request->extra[request->extra_count++] = (struct http_header){.name = name_copy,
								      .value = value_copy};
}

char *http_request_body(struct http_request *request, size_t *length)
{
	static char none[1];

	*length = request->body_length;
	return request->body ? request->body : none;
}

const char *http_request_address(const struct http_request *request)
{
	return request->connection->address;
}

const struct address_key *http_request_network(const struct http_request *request)
{
	return &request->connection->peer->address;
}

void *http_request_listener(const struct http_request *request)
{
	return request->connection->listener;
}

bool http_request_is_unix(const struct http_request *request)
{
	return request->connection->is_unix;
}

bool http_request_is_tls(const struct http_request *request)
{
	return request->connection->is_tls;
}

const struct http_route *http_request_route(const struct http_request *request)
{
	return request->route;
}

void http_request_set_user(struct http_request *request, const char *user)
{
	snprintf(request->user, sizeof(request->user), "%s", user);
}

const char *http_request_user(const struct http_request *request)
{
	return request->user;
}

void http_request_set_data(struct http_request *request, void *data)
{
	request->data = data;
}

void *http_request_data(const struct http_request *request)
{
	return request->data;
}

void http_request_watch(struct http_request *request, void (*gone)(void *context), void *context)
{
	request->gone = gone;
	request->gone_context = context;
}

bool http_request_trust(struct http_request *request)
{
	struct http_connection *connection = request->connection;

	if (connection->is_unix || connection->peer->trusted) {
		return false;
	}
	connection->closes = connection->closes && !request->head.keeps_alive;
	return http_peers_trust(&connection->server->peers, connection->peer);
}
