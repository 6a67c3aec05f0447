/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"

#include "base/clock.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX      4096
#define HEADERS_OWN   2
#define FLUSH_MAX     (16 * HTTP_PIECE) /* at once, for the sake of others */
#define DISCARD_MAX   (256 * 1024)      /* of a body, rather than a connection */
#define LAST_CHUNK    "0\r\n\r\n"
#define NO_CONTENT    204
#define NOT_MODIFIED  304
#define NOT_ALLOWED   405
#define TOO_MANY      429
#define BROKEN        500
#define SUCCESS_FIRST 200

static const char *date_of(struct http_server *server)
{
	int64_t now_s = clock_unix_s();

	if (now_s != server->date_s) {
		server->date_s = now_s;
		http_date(now_s, server->date);
	}
	return server->date;
}

/* --- output --- */

bool http_output(struct http_connection *connection, const void *bytes, size_t length)
{
	char *larger = malloc(connection->out_length + length);

	if (!larger) {
		return false;
	}
	if (connection->out) {
		memcpy(larger, connection->out, connection->out_length);
		OPENSSL_cleanse(connection->out, connection->out_length);
		free(connection->out);
	}
	memcpy(larger + connection->out_length, bytes, length);
	connection->out = larger;
	connection->out_length += length;
	return true;
}

static void list_methods(unsigned int methods, char *out, size_t capacity)
{
	size_t used = 0;

	out[0] = '\0';
	methods |= methods & HTTP_GET ? HTTP_HEAD : 0;
	for (unsigned int bit = HTTP_GET; bit < HTTP_OTHER; bit <<= 1) {
		if (methods & bit) {
			used += (size_t)snprintf(out + used, capacity - used, "%s%s",
						 used > 0 ? ", " : "",
						 http_method_name((enum http_method)bit));
		}
	}
}

static bool has_header(const struct http_header *headers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(headers[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static size_t add_headers(struct http_header *headers, size_t count, const struct http_header *more,
			  size_t more_count)
{
	for (size_t i = 0; i < more_count && count < HTTP_HEADERS_MAX - HEADERS_OWN; i++) {
		if (!has_header(headers, count, more[i].name)) {
			headers[count++] = more[i];
		}
	}
	return count;
}

/* With what belongs to the status: which methods there are, and when to come again. */
static size_t write_head(struct http_request *request, const struct http_response *response,
			 int64_t length, char *out)
{
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t count = 0;
	char methods[64];

	if (response->header_count > HTTP_HEADERS_MAX - HEADERS_OWN) {
		return 0;
	}
	for (; count < response->header_count; count++) {
		headers[count] = response->headers[count];
	}
	const struct http_options *options = &request->connection->server->options;

	for (size_t i = 0; i < request->extra_count && count < HTTP_HEADERS_MAX - HEADERS_OWN;
	     i++) {
		headers[count++] = request->extra[i];
	}
	count = add_headers(headers, count, options->headers, options->header_count);
	if (response->status == NOT_ALLOWED && request->allowed) {
		list_methods(request->allowed, methods, sizeof(methods));
		headers[count++] = (struct http_header){"allow", methods};
	}
	if (response->status == TOO_MANY && !request->route) {
		headers[count++] = (struct http_header){"retry-after", "1"};
	}
	const struct http_answer answer = {
		.status = response->status,
		.date = date_of(request->connection->server),
		.content_type = response->content_type,
		.length = length,
		.closes = request->connection->closes,
		.headers = headers,
		.header_count = count,
	};

	return http_answer_write(&answer, out, HEAD_MAX);
}

bool http_output_head(struct http_request *request, const struct http_response *response,
		      int64_t length)
{
	char head[HEAD_MAX];

	request->connection->closes |= response->close;
	size_t written = write_head(request, response, length, head);
	return written > 0 && http_output(request->connection, head, written);
}

/* What is left of the body is read where that costs less than a new connection. */
static void leave_body(struct http_request *request)
{
	bool small = request->head.framing == HTTP_FRAMING_LENGTH && request->left <= DISCARD_MAX &&
		     !request->head.awaits_continue;

	if (!request->body_open) {
		return;
	}
	request->paused = false;
	request->wants_body = small && !request->connection->closes;
	if (!request->wants_body) {
		request->connection->closes = true;
		request->connection->unread = true;
	}
}

void http_answer_begin(struct http_request *request, int status)
{
	struct http_connection *connection = request->connection;

	request->answered = true;
	request->status = status;
	leave_body(request);
	http_peer_step(connection->peer, HTTP_STEP_ANSWER, http_now_ms());
	connection->peer->streams = true;
}

static bool has_no_body(const struct http_request *request, int status)
{
	return request->head.method == HTTP_HEAD || status == NO_CONTENT ||
	       status == NOT_MODIFIED || status < SUCCESS_FIRST;
}

static int64_t length_to_report(const struct http_request *request, int status, int64_t length)
{
	return status == NO_CONTENT || status == NOT_MODIFIED || status < SUCCESS_FIRST
		       ? HTTP_LENGTH_NONE
	       : length >= 0             ? length
	       : request->head.minor > 0 ? HTTP_LENGTH_CHUNKED
					 : HTTP_LENGTH_CLOSE;
}

/* A head that cannot be written is a fault of ours, or a stranger's text in a header. */
static void answer_broken(struct http_request *request)
{
	const struct http_response broken = {.status = BROKEN};

	request->status = BROKEN;
	request->connection->closes = true;
	if (!http_output_head(request, &broken, 0)) {
		http_connection_kill(request->connection);
	}
}

void http_respond(struct http_request *request, const struct http_response *response)
{
	size_t length = response->body ? response->length : 0;

	if (request->answered) {
		return;
	}
	http_answer_begin(request, response->status);
	if (!http_output_head(request, response,
			      length_to_report(request, response->status, (int64_t)length))) {
		answer_broken(request);
	} else if (length > 0 && !has_no_body(request, response->status)) {
		request->sent = length;
		if (!http_output(request->connection, response->body, length)) {
			http_connection_kill(request->connection);
		}
	}
	http_connection_send(request->connection);
}

void http_respond_stream(struct http_request *request, const struct http_response *response,
			 int64_t length, const struct http_source *source, void *context)
{
	int64_t reported = length_to_report(request, response->status, length);

	if (request->answered) {
		if (source->release) {
			source->release(context);
		}
		return;
	}
	http_answer_begin(request, response->status);
	request->connection->closes |= reported == HTTP_LENGTH_CLOSE;
	request->source = *source;
	request->source_context = context;
	request->source_left = length;
	request->has_source = true;
	request->chunks = reported == HTTP_LENGTH_CHUNKED;
	bool written = http_output_head(request, response, reported);

	if (!written) {
		answer_broken(request);
	}
	if (!written || has_no_body(request, response->status)) {
		request->has_source = false;
		if (source->release) {
			source->release(context);
		}
	}
	http_connection_go_on(request->connection);
}

void http_respond_resume(struct http_request *request)
{
	request->source_waits = false;
	http_connection_go_on(request->connection);
}

/* --- sending --- */

static bool send_bytes(struct http_connection *connection, char *bytes, size_t length)
{
	/* The raw role of libwebsockets writes neither before nor into what it is given. */
	if (lws_write(connection->wsi, (unsigned char *)bytes, length, LWS_WRITE_RAW) < 0) {
		return false;
	}
	http_peer_move(connection->peer, length, http_now_ms());
	return true;
}

static bool send_output(struct http_connection *connection, size_t *sent)
{
	size_t left = connection->out_length - connection->out_at;
	size_t count = left < HTTP_PIECE ? left : HTTP_PIECE;

	if (!send_bytes(connection, connection->out + connection->out_at, count)) {
		return false;
	}
	*sent += count;
	connection->out_at += count;
	if (connection->out_at == connection->out_length) {
		OPENSSL_cleanse(connection->out, connection->out_length);
		free(connection->out);
		connection->out = NULL;
		connection->out_length = 0;
		connection->out_at = 0;
	}
	return true;
}

static void end_source(struct http_request *request)
{
	request->has_source = false;
	if (request->source.release) {
		request->source.release(request->source_context);
	}
}

/* A piece of a chunked body needs its size in front, which stands before it in the scratch. */
static bool send_piece(struct http_request *request, char *bytes, size_t length)
{
	char size[HTTP_CHUNK_HEAD + 1];

	request->sent += length;
	if (request->source_left > 0) {
		request->source_left -= (int64_t)length;
	}
	if (request->chunks) {
		int head = snprintf(size, sizeof(size), "%zx\r\n", length);

		bytes -= head;
		length += (size_t)head;
		for (int i = 0; i < head; i++) {
			bytes[i] = size[i];
		}
		bytes[length++] = '\r';
		bytes[length++] = '\n';
	}
	return send_bytes(request->connection, bytes, length);
}

static bool send_source(struct http_connection *connection, size_t *sent)
{
	struct http_request *request = connection->request;
	char *bytes = connection->server->scratch + HTTP_CHUNK_HEAD;
	size_t capacity = HTTP_PIECE;

	if (request->source_left >= 0 && (uint64_t)request->source_left < capacity) {
		capacity = (size_t)request->source_left;
	}
	ssize_t count = capacity > 0
				? request->source.read(request->source_context, bytes, capacity)
				: 0;
	if (count == HTTP_SOURCE_WAIT) {
		request->source_waits = true;
		return true;
	}
	if (count < 0 || (count == 0 && request->source_left > 0)) {
		connection->cut = true;
		return false;
	}
	if (count > 0) {
		*sent += (size_t)count;
		return send_piece(request, bytes, (size_t)count);
	}
	end_source(request);
	memcpy(connection->server->scratch, LAST_CHUNK, sizeof(LAST_CHUNK));
	return !request->chunks ||
	       send_bytes(connection, connection->server->scratch, sizeof(LAST_CHUNK) - 1);
}

static bool send_stream(struct http_connection *connection, size_t *sent)
{
	size_t count = http_stream_fill(connection->stream, connection->server->scratch,
					HTTP_PIECE);

	*sent += count;
	return count == 0 || send_bytes(connection, connection->server->scratch, count);
}

static void end_answer(struct http_connection *connection)
{
	struct http_request *request = connection->request;

	if (request->body_open && !connection->closes && !connection->stream) {
		/* Its rest is dropped, and then the next request may come. */
		connection->state = HTTP_STATE_BODY;
		return;
	}
	http_request_finish(request);
	if (connection->stream) {
		http_peer_step(connection->peer, HTTP_STEP_STREAM, http_now_ms());
	} else if (connection->closes) {
		connection->state = HTTP_STATE_CLOSING;
	} else {
		connection->state = HTTP_STATE_HEAD;
		http_peer_step(connection->peer, HTTP_STEP_HEAD, http_now_ms());
	}
}

/* Its client may send still, so that the connection lingers. */
static void end_stream(struct http_connection *connection)
{
	struct http_stream *stream = connection->stream;

	connection->stream = NULL;
	connection->closes = true;
	connection->unread = true;
	connection->state = HTTP_STATE_CLOSING;
	http_stream_gone(stream);
}

bool http_flush(struct http_connection *connection)
{
	size_t sent = 0;

	while (!lws_partial_buffered(connection->wsi)) {
		const struct http_request *request = connection->request;
		size_t before = sent;

		if (sent >= FLUSH_MAX) {
			lws_callback_on_writable(connection->wsi);
			return true;
		}
		if (connection->out_length > 0) {
			if (!send_output(connection, &sent)) {
				return false;
			}
			continue;
		}
		if (request && request->has_source && !request->source_waits) {
			if (!send_source(connection, &sent)) {
				return false;
			}
			continue;
		}
		if (request && request->answered && !request->has_source &&
		    (!request->body_open || connection->closes || connection->stream ||
		     connection->state != HTTP_STATE_BODY)) {
			end_answer(connection);
		}
		if (connection->stream && !connection->request) {
			if (!send_stream(connection, &sent)) {
				return false;
			}
			if (http_stream_ended(connection->stream)) {
				end_stream(connection);
				break;
			}
		}
		if (sent == before) {
			break;
		}
	}
	return true;
}
