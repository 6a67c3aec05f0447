/* SPDX-License-Identifier: MIT */
#include "daemon/http/stream_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES       64
#define BYTES          (1024 * 1024)
#define PING_MS        20000
#define UNANSWERED_MAX 2
#define END_MS         3000 /* for the other end to close, or to read what is left */
#define STUCK_MS       60000
#define OK             200
#define BAD_REQUEST    400
#define COMMENT        "3\r\n:\n\n\r\n"
#define OVERFLOW       "1a\r\nevent: overflow\ndata: {}\n\n\r\n"
#define LAST_CHUNK     "0\r\n\r\n"
#define TOO_SLOW       "reads too slowly"

/* --- both --- */

bool http_stream_init(struct http_stream *stream, struct http_request *request,
		      const struct http_stream_options *options, void *context)
{
	stream->options = options ? *options : (struct http_stream_options){0};
	stream->options.ping_ms = stream->options.ping_ms ? stream->options.ping_ms : PING_MS;
	stream->context = context;
	stream->connection = request->connection;
	stream->ping_at_ms = http_now_ms() + stream->options.ping_ms;
	return !http_queue_init(&stream->queue,
				stream->options.queue_messages ? stream->options.queue_messages
							       : MESSAGES,
				stream->options.queue_bytes ? stream->options.queue_bytes : BYTES);
}

bool http_stream_begin(struct http_stream *stream, struct http_request *request,
		       const struct http_response *response, int64_t length)
{
	struct http_connection *connection = request->connection;

	connection->closes = false;
	http_answer_begin(request, response->status);
	if (!http_output_head(request, response, length)) {
		return false;
	}
	connection->stream = stream;
	connection->identity = request->identity;
	request->identity = (struct http_identity){0};
	connection->state = HTTP_STATE_STREAM;
	http_connection_go_on(connection);
	return true;
}

void http_stream_set_ending(struct http_stream *stream)
{
	if (!stream->ending) {
		stream->ending = true;
		stream->end_at_ms = http_now_ms() + END_MS;
	}
	if (stream->connection) {
		http_connection_go_on(stream->connection);
	}
}

void http_stream_put_out(struct http_stream *stream, int code, const char *reason)
{
	while (http_queue_drop(&stream->queue)) {
		stream->dropped++;
	}
	if (!stream->is_events && !stream->ending) {
		http_websocket_set_close((struct http_websocket *)stream, code, reason);
	}
	http_stream_set_ending(stream);
}

enum http_sent http_stream_send(struct http_stream *stream, struct http_message *message)
{
	enum http_sent result = HTTP_SENT;

	if (stream->ending) {
		return HTTP_ENDED;
	}
	while (!http_queue_push(&stream->queue, message)) {
		if (stream->options.overflow == HTTP_OVERFLOW_CLOSE) {
			stream->overflow = true;
			http_stream_put_out(stream, HTTP_CLOSE_TOO_SLOW, TOO_SLOW);
			return HTTP_ENDED;
		}
		result = HTTP_DROPPED;
		stream->dropped++;
		if (stream->options.overflow == HTTP_OVERFLOW_REFUSE ||
		    !http_queue_drop(&stream->queue)) {
			return result;
		}
	}
	if (stream->connection) {
		http_connection_send_soon(stream->connection);
	}
	return result;
}

static void report_dropped(struct http_stream *stream)
{
	size_t count = stream->dropped;

	if (count == 0 || stream->ending || stream->queue.count > 0) {
		return;
	}
	stream->dropped = 0;
	if (stream->is_events && ((struct http_events *)stream)->handler.dropped) {
		((struct http_events *)stream)->handler.dropped(stream->context, count);
	} else if (!stream->is_events && ((struct http_websocket *)stream)->handler.dropped) {
		((struct http_websocket *)stream)->handler.dropped(stream->context, count);
	}
}

/* --- what is sent beside messages --- */

static size_t put_text(char *out, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		out[i] = text[i];
	}
	return length;
}

static size_t fill_events(struct http_stream *stream, char *out)
{
	size_t written = 0;

	if (stream->wants_ping && !stream->ending) {
		written += put_text(out, COMMENT);
		stream->wants_ping = false;
	}
	if (stream->ending && stream->queue.count == 0 && !stream->reported_end) {
		if (stream->overflow) {
			written += put_text(out + written, OVERFLOW);
		}
		written += put_text(out + written, LAST_CHUNK);
		stream->reported_end = true;
	}
	return written;
}

/* Between two messages only, and there is room for it, as a piece is larger by far. */
static size_t fill_control(struct http_stream *stream, char *out)
{
	if (stream->queue.offset > 0) {
		return 0;
	}
	return stream->is_events ? fill_events(stream, out)
				 : http_websocket_fill((struct http_websocket *)stream, out);
}

size_t http_stream_fill(struct http_stream *stream, char *out, size_t capacity)
{
	size_t written = fill_control(stream, out);

	if (stream->queue.count > 0) {
		written += http_queue_take(&stream->queue, out + written, capacity - written);
		report_dropped(stream);
	}
	if (written == 0 && stream->ending) {
		written = fill_control(stream, out);
	}
	return written;
}

bool http_stream_has_more(const struct http_stream *stream)
{
	return stream->queue.count > 0 || stream->ending ||
	       lws_partial_buffered(stream->connection->wsi);
}

bool http_stream_ended(const struct http_stream *stream)
{
	const struct http_websocket *websocket = (const struct http_websocket *)stream;

	return stream->reported_end &&
	       (stream->is_events || websocket->received_close || websocket->broken);
}

/* --- time and the end --- */

void http_stream_tick(struct http_stream *stream, int64_t now_ms)
{
	struct http_connection *connection = stream->connection;
	bool stuck = lws_partial_buffered(connection->wsi);

	stream->stuck_at_ms = !stuck ? 0 : stream->stuck_at_ms ? stream->stuck_at_ms : now_ms;
	if ((stream->end_at_ms && now_ms >= stream->end_at_ms) ||
	    (stuck && now_ms - stream->stuck_at_ms >= STUCK_MS)) {
		connection->peer->doomed = true;
		http_connection_kill(connection);
		return;
	}
	if (now_ms < stream->ping_at_ms || stream->ending) {
		return;
	}
	stream->ping_at_ms = now_ms + stream->options.ping_ms;
	if (!stream->is_events &&
	    ((struct http_websocket *)stream)->unanswered++ >= UNANSWERED_MAX) {
		connection->peer->doomed = true;
		http_connection_kill(connection);
		return;
	}
	stream->wants_ping = true;
	http_connection_go_on(connection);
}

void http_stream_gone(struct http_stream *stream)
{
	stream->connection = NULL;
	http_queue_finish(&stream->queue);
	if (stream->is_events) {
		struct http_events *events = (struct http_events *)stream;

		if (events->handler.closed) {
			events->handler.closed(stream->context);
		}
	} else {
		struct http_websocket *websocket = (struct http_websocket *)stream;

		if (websocket->handler.closed) {
			websocket->handler.closed(stream->context,
						  stream->ending || websocket->received_close
							  ? websocket->code
							  : HTTP_CLOSE_ABNORMAL);
		}
		free(websocket->message);
	}
	free(stream);
}

void http_stream_take(struct http_stream *stream, char *bytes, size_t length)
{
	if (!stream->is_events) {
		http_websocket_take((struct http_websocket *)stream, bytes, length);
	}
}

bool http_stream_takes(const struct http_stream *stream)
{
	return stream->is_events || !((const struct http_websocket *)stream)->paused;
}

/* --- Server-Sent Events --- */

static void refuse_events(struct http_request *request)
{
	const char *text = "events are for GET of HTTP/1.1\n";
	const struct http_response response = {
		.status = request->head.method == HTTP_HEAD ? OK : BAD_REQUEST,
		.content_type = request->head.method == HTTP_HEAD ? "text/event-stream"
								  : "text/plain; charset=utf-8",
		.body = text,
		.length = request->head.method == HTTP_HEAD ? 0 : strlen(text),
	};

	http_respond(request, &response);
}

struct http_events *http_events_open(struct http_request *request,
				     const struct http_stream_options *options,
				     const struct http_events_handler *handler, void *context)
{
	static const struct http_header headers[] = {
		{"cache-control", "no-store"},
		{"x-accel-buffering", "no"},
	};
	static const struct http_response response = {
		.status = OK,
		.content_type = "text/event-stream",
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
	};
	struct http_events *events;

	if (request->answered) {
		return NULL;
	}
	if (request->head.method == HTTP_HEAD || request->head.minor == 0 || request->body_open) {
		refuse_events(request);
		return NULL;
	}
	events = calloc(1, sizeof(*events));
	if (events) {
		events->stream.is_events = true;
		events->handler = *handler;
	}
	if (!events || !http_stream_init(&events->stream, request, options, context) ||
	    !http_stream_begin(&events->stream, request, &response, HTTP_LENGTH_CHUNKED)) {
		if (events) {
			http_queue_finish(&events->stream.queue);
		}
		free(events);
		http_connection_kill(request->connection);
		return NULL;
	}
	return events;
}

enum http_sent http_events_send(struct http_events *events, struct http_message *message)
{
	return http_stream_send(&events->stream, message);
}
