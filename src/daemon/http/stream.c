/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"
#include "daemon/http/message.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES         64
#define BYTES            (1024 * 1024)
#define MESSAGE_MAX      65536
#define PING_MS          20000
#define UNANSWERED_MAX   2
#define END_MS           3000 /* for the other end to close, or to read what is left */
#define STUCK_MS         60000
#define BODY_FIRST       1024
#define SWITCHING        101
#define OK               200
#define BAD_REQUEST      400
#define UPGRADE_REQUIRED 426
#define VERSION          "13"
#define CLOSE_REASON_MAX (HTTP_CONTROL_MAX - 2)
#define BYTE_BITS        8
#define BYTE_MASK        0xff
#define COMMENT          "3\r\n:\n\n\r\n"
#define OVERFLOW         "1a\r\nevent: overflow\ndata: {}\n\n\r\n"
#define LAST_CHUNK       "0\r\n\r\n"
#define TOO_SLOW         "reads too slowly"

/*
 * WebSockets and events. Whoever sends only fills a queue; the loop empties it as the reader reads.
 * Nobody is told of an end within a call of his own: so a list of readers may be gone through while
 * one of them is put out.
 */
struct http_stream {
	struct http_connection *connection;
	struct http_queue queue;
	struct http_stream_options options;
	void *context;
	size_t dropped;
	int64_t ping_at_ms;
	int64_t end_at_ms;   /* 0: it goes on */
	int64_t stuck_at_ms; /* 0: the socket takes what it is given */
	bool is_events;
	bool ending;   /* nothing more is queued */
	bool overflow; /* since it read too slowly */
	bool said_end; /* the last bytes are handed over */
	bool wants_ping;
};

struct http_websocket {
	struct http_stream stream;
	struct http_websocket_handler handler;
	struct http_frame_reader reader;
	char *message; /* of several pieces */
	size_t message_length;
	size_t message_capacity;
	int code; /* that the handler gets */
	char reason[CLOSE_REASON_MAX];
	size_t reason_length;
	char pong[HTTP_CONTROL_MAX];
	size_t pong_length;
	bool wants_pong;
	bool heard_close;
	bool broken; /* what comes is no WebSocket any more */
	bool paused;
	int unanswered; /* pings */
};

struct http_events {
	struct http_stream stream;
	struct http_events_handler handler;
};

/* --- both --- */

static bool init_stream(struct http_stream *stream, struct http_request *request,
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

/* The connection is the stream's from now on. */
static bool begin_stream(struct http_stream *stream, struct http_request *request,
			 const struct http_response *response, int64_t length)
{
	struct http_connection *connection = request->connection;

	connection->closes = false;
	http_answer_begin(request, response->status);
	if (!http_output_head(request, response, length)) {
		return false;
	}
	connection->stream = stream;
	connection->state = HTTP_STATE_STREAM;
	http_connection_go_on(connection);
	return true;
}

static void set_ending(struct http_stream *stream)
{
	if (!stream->ending) {
		stream->ending = true;
		stream->end_at_ms = http_now_ms() + END_MS;
	}
	if (stream->connection) {
		http_connection_go_on(stream->connection);
	}
}

static void put_out(struct http_stream *stream)
{
	while (http_queue_drop(&stream->queue)) {
		stream->dropped++;
	}
	stream->overflow = true;
	if (!stream->is_events) {
		struct http_websocket *websocket = (struct http_websocket *)stream;

		websocket->code = HTTP_CLOSE_TOO_SLOW;
		websocket->reason_length = sizeof(TOO_SLOW) - 1;
		memcpy(websocket->reason, TOO_SLOW, sizeof(TOO_SLOW));
	}
	set_ending(stream);
}

static enum http_sent send_message(struct http_stream *stream, struct http_message *message)
{
	enum http_sent result = HTTP_SENT;

	if (stream->ending) {
		return HTTP_ENDED;
	}
	while (!http_queue_push(&stream->queue, message)) {
		if (stream->options.overflow == HTTP_OVERFLOW_CLOSE) {
			put_out(stream);
			return HTTP_ENDED;
		}
		result = HTTP_DROPPED;
		stream->dropped++;
		if (!http_queue_drop(&stream->queue)) {
			return result;
		}
	}
	if (stream->connection) {
		http_connection_go_on(stream->connection);
	}
	return result;
}

static void tell_dropped(struct http_stream *stream)
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

static size_t put_frame(char *out, enum http_opcode opcode, const char *bytes, size_t length)
{
	uint8_t head[HTTP_FRAME_OWN_MAX];
	size_t size = http_frame_head(head, opcode, length);

	memcpy(out, head, size);
	memcpy(out + size, bytes, length);
	return size + length;
}

static size_t put_close(struct http_websocket *websocket, char *out)
{
	char payload[HTTP_CONTROL_MAX] = {0};
	size_t length = 0;

	if (websocket->code != HTTP_CLOSE_NONE) {
		payload[length++] = (char)(websocket->code >> BYTE_BITS);
		payload[length++] = (char)(websocket->code & BYTE_MASK);
		memcpy(payload + length, websocket->reason, websocket->reason_length);
		length += websocket->reason_length;
	}
	return put_frame(out, HTTP_OPCODE_CLOSE, payload, length);
}

static size_t fill_websocket(struct http_websocket *websocket, char *out)
{
	struct http_stream *stream = &websocket->stream;
	size_t written = 0;

	if (websocket->wants_pong && !stream->said_end) {
		written += put_frame(out, HTTP_OPCODE_PONG, websocket->pong,
				     websocket->pong_length);
		websocket->wants_pong = false;
	}
	if (stream->wants_ping && !stream->ending) {
		written += put_frame(out + written, HTTP_OPCODE_PING, "", 0);
		stream->wants_ping = false;
	}
	if (stream->ending && stream->queue.count == 0 && !stream->said_end) {
		written += put_close(websocket, out + written);
		stream->said_end = true;
	}
	return written;
}

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
	if (stream->ending && stream->queue.count == 0 && !stream->said_end) {
		if (stream->overflow) {
			written += put_text(out + written, OVERFLOW);
		}
		written += put_text(out + written, LAST_CHUNK);
		stream->said_end = true;
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
				 : fill_websocket((struct http_websocket *)stream, out);
}

size_t http_stream_fill(struct http_stream *stream, char *out, size_t capacity)
{
	size_t written = fill_control(stream, out);

	if (stream->queue.count > 0) {
		written += http_queue_take(&stream->queue, out + written, capacity - written);
		tell_dropped(stream);
	}
	if (written == 0 && stream->ending) {
		written = fill_control(stream, out);
	}
	return written;
}

bool http_stream_ended(const struct http_stream *stream)
{
	const struct http_websocket *websocket = (const struct http_websocket *)stream;

	return stream->said_end &&
	       (stream->is_events || websocket->heard_close || websocket->broken);
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
						  stream->ending || websocket->heard_close
							  ? websocket->code
							  : HTTP_CLOSE_ABNORMAL);
		}
		free(websocket->message);
	}
	free(stream);
}

/* --- WebSockets: what comes --- */

static void fail(struct http_websocket *websocket, int code)
{
	websocket->broken = true;
	if (!websocket->stream.ending) {
		websocket->code = code;
		websocket->reason_length = 0;
	}
	set_ending(&websocket->stream);
}

static bool is_utf8(const char *bytes, size_t length)
{
	while (length > 0) {
		uint32_t character;
		size_t count = utf8_decode(bytes, length, &character);

		if (character == UTF8_REPLACEMENT && count == 1) {
			return false;
		}
		bytes += count;
		length -= count;
	}
	return true;
}

static bool keep_piece(struct http_websocket *websocket, const char *bytes, size_t length)
{
	size_t needed = websocket->message_length + length;

	if (needed > websocket->message_capacity) {
		size_t capacity = websocket->message_capacity ? websocket->message_capacity
							      : BODY_FIRST;

		while (capacity < needed) {
			capacity *= 2;
		}
		char *larger = realloc(websocket->message, capacity);

		if (!larger) {
			return false;
		}
		websocket->message = larger;
		websocket->message_capacity = capacity;
	}
	if (length > 0) {
		memcpy(websocket->message + websocket->message_length, bytes, length);
	}
	websocket->message_length = needed;
	return true;
}

static void take_message(struct http_websocket *websocket, const char *bytes, size_t length,
			 bool binary)
{
	if (websocket->stream.ending) {
		return;
	}
	if (!binary && !is_utf8(bytes, length)) {
		fail(websocket, HTTP_CLOSE_NOT_TEXT);
		return;
	}
	if (websocket->handler.message) {
		websocket->handler.message(websocket->stream.context, bytes, length, binary);
	}
}

static void take_data(struct http_websocket *websocket, const struct http_frame_piece *piece)
{
	bool binary = piece->opcode == HTTP_OPCODE_BINARY;

	if (piece->ends && websocket->message_length == 0) {
		take_message(websocket, piece->bytes, piece->length, binary);
		return;
	}
	if (!keep_piece(websocket, piece->bytes, piece->length)) {
		fail(websocket, HTTP_CLOSE_BROKEN);
		return;
	}
	if (piece->ends) {
		take_message(websocket, websocket->message, websocket->message_length, binary);
		free(websocket->message);
		websocket->message = NULL;
		websocket->message_length = 0;
		websocket->message_capacity = 0;
	}
}

static void take_close(struct http_websocket *websocket, const struct http_frame_piece *piece)
{
	int code = http_close_code(piece->bytes, piece->length);

	if (code == 0 || (piece->length > 2 && !is_utf8(piece->bytes + 2, piece->length - 2))) {
		fail(websocket, code == 0 ? HTTP_CLOSE_PROTOCOL : HTTP_CLOSE_NOT_TEXT);
		return;
	}
	websocket->heard_close = true;
	if (!websocket->stream.ending) {
		websocket->code = code;
		websocket->reason_length = 0;
		/* Who closes wants no more. */
		while (http_queue_drop(&websocket->stream.queue)) {
		}
	}
	set_ending(&websocket->stream);
}

static void take_control(struct http_websocket *websocket, const struct http_frame_piece *piece)
{
	if (piece->opcode == HTTP_OPCODE_CLOSE) {
		take_close(websocket, piece);
	} else if (piece->opcode == HTTP_OPCODE_PING) {
		/* Of several the last one is answered (RFC 6455, 5.5.3). */
		memcpy(websocket->pong, piece->bytes, piece->length);
		websocket->pong_length = piece->length;
		websocket->wants_pong = true;
	}
}

void http_stream_take(struct http_stream *stream, char *bytes, size_t length)
{
	struct http_websocket *websocket = (struct http_websocket *)stream;
	enum http_frame_event event = HTTP_FRAME_MORE;
	struct http_frame_piece piece;

	if (stream->is_events) {
		return;
	}
	websocket->unanswered = 0;
	while (!websocket->broken && !websocket->heard_close &&
	       (event = http_frame_take(&websocket->reader, &bytes, &length, &piece)) !=
		       HTTP_FRAME_MORE) {
		if (event == HTTP_FRAME_BROKEN) {
			fail(websocket, (int)websocket->reader.code);
		} else if (event == HTTP_FRAME_DATA) {
			take_data(websocket, &piece);
		} else {
			take_control(websocket, &piece);
		}
	}
}

bool http_stream_takes(const struct http_stream *stream)
{
	return stream->is_events || !((const struct http_websocket *)stream)->paused;
}

/* --- WebSockets: for who handles them --- */

bool http_request_is_websocket(const struct http_request *request)
{
	return request->head.upgrades;
}

static void refuse_upgrade(struct http_request *request)
{
	static const struct http_header headers[] = {
		{"upgrade", "websocket"},
		{"sec-websocket-version", VERSION},
	};
	const char *version = http_head_field(&request->head, "sec-websocket-version");
	bool wrong = request->head.upgrades && version && strcmp(version, VERSION) == 0;
	const char *text = wrong ? "malformed request for a WebSocket\n"
				 : "a WebSocket, version 13, is served here\n";
	const struct http_response response = {
		.status = wrong ? BAD_REQUEST : UPGRADE_REQUIRED,
		.content_type = "text/plain; charset=utf-8",
		.headers = headers,
		.header_count = wrong ? 0 : sizeof(headers) / sizeof(headers[0]),
		.body = text,
		.length = strlen(text),
	};

	http_respond(request, &response);
}

static bool answer_upgrade(struct http_websocket *websocket, struct http_request *request,
			   const char *accept)
{
	const char *offered = http_head_field(&request->head, "sec-websocket-protocol");
	const char *protocol = websocket->stream.options.protocol;
	bool chosen = protocol && offered && http_list_has(offered, protocol);
	const struct http_header headers[] = {
		{"connection", "Upgrade"},
		{"upgrade", "websocket"},
		{"sec-websocket-accept", accept},
		{"sec-websocket-protocol", protocol},
	};
	const struct http_response response = {
		.status = SWITCHING,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]) - !chosen,
	};

	return begin_stream(&websocket->stream, request, &response, HTTP_LENGTH_NONE);
}

struct http_websocket *http_websocket_accept(struct http_request *request,
					     const struct http_stream_options *options,
					     const struct http_websocket_handler *handler,
					     void *context)
{
	const char *version = http_head_field(&request->head, "sec-websocket-version");
	char accept[HTTP_ACCEPT_KEY_SIZE];
	struct http_websocket *websocket;

	if (request->answered) {
		return NULL;
	}
	if (!request->head.upgrades || request->body_open || !version ||
	    strcmp(version, VERSION) != 0 ||
	    !http_accept_key(http_head_field(&request->head, "sec-websocket-key"), accept)) {
		refuse_upgrade(request);
		return NULL;
	}
	websocket = calloc(1, sizeof(*websocket));
	if (!websocket || !init_stream(&websocket->stream, request, options, context) ||
	    !answer_upgrade(websocket, request, accept)) {
		if (websocket) {
			http_queue_finish(&websocket->stream.queue);
		}
		free(websocket);
		http_connection_kill(request->connection);
		return NULL;
	}
	websocket->handler = *handler;
	websocket->code = HTTP_CLOSE_NONE;
	websocket->reader.message_max = websocket->stream.options.message_max
						? websocket->stream.options.message_max
						: MESSAGE_MAX;
	return websocket;
}

enum http_sent http_websocket_send(struct http_websocket *websocket, struct http_message *message)
{
	return send_message(&websocket->stream, message);
}

void http_websocket_close(struct http_websocket *websocket, int code, const char *reason)
{
	if (websocket->stream.ending) {
		return;
	}
	websocket->code = code;
	websocket->reason_length = 0;
	if (reason) {
		size_t length = strlen(reason);

		websocket->reason_length = length < CLOSE_REASON_MAX ? length : CLOSE_REASON_MAX;
		memcpy(websocket->reason, reason, websocket->reason_length);
	}
	set_ending(&websocket->stream);
}

void http_websocket_pause(struct http_websocket *websocket, bool paused)
{
	websocket->paused = paused;
	if (websocket->stream.connection) {
		http_connection_go_on(websocket->stream.connection);
	}
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
	if (!events || !init_stream(&events->stream, request, options, context) ||
	    !begin_stream(&events->stream, request, &response, HTTP_LENGTH_CHUNKED)) {
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
	return send_message(&events->stream, message);
}

void http_events_close(struct http_events *events)
{
	set_ending(&events->stream);
}
