/* SPDX-License-Identifier: MIT */
#include "daemon/http/stream_internal.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX      65536
#define BODY_FIRST       1024
#define SWITCHING        101
#define BAD_REQUEST      400
#define UPGRADE_REQUIRED 426
#define VERSION          "13"
#define BYTE_BITS        8
#define BYTE_MASK        0xff

/* --- what is sent beside messages --- */

static size_t put_frame(char *out, enum http_opcode opcode, const char *bytes, size_t length)
{
	uint8_t head[HTTP_FRAME_OWN_MAX];
	size_t size = http_frame_head(head, opcode, length);

	memcpy(out, head, size);
	memcpy(out + size, bytes, length);
	return size + length;
}

void http_websocket_set_close(struct http_websocket *websocket, int code, const char *reason)
{
	size_t length = reason ? strlen(reason) : 0;

	websocket->code = code;
	websocket->reason_length = length < HTTP_CLOSE_REASON_MAX ? length : HTTP_CLOSE_REASON_MAX;
	memcpy(websocket->reason, reason ? reason : "", websocket->reason_length);
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

size_t http_websocket_fill(struct http_websocket *websocket, char *out)
{
	struct http_stream *stream = &websocket->stream;
	size_t written = 0;

	if (websocket->wants_pong && !stream->reported_end) {
		written += put_frame(out, HTTP_OPCODE_PONG, websocket->pong,
				     websocket->pong_length);
		websocket->wants_pong = false;
	}
	if (stream->wants_ping && !stream->ending) {
		written += put_frame(out + written, HTTP_OPCODE_PING, "", 0);
		stream->wants_ping = false;
	}
	if (stream->ending && stream->queue.count == 0 && !stream->reported_end) {
		written += put_close(websocket, out + written);
		stream->reported_end = true;
	}
	return written;
}

/* --- what comes --- */

static void fail(struct http_websocket *websocket, int code)
{
	websocket->broken = true;
	if (!websocket->stream.ending) {
		websocket->code = code;
		websocket->reason_length = 0;
	}
	http_stream_set_ending(&websocket->stream);
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
	if (!binary && !utf8_valid(bytes, length)) {
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

	if (code == 0 || (piece->length > 2 && !utf8_valid(piece->bytes + 2, piece->length - 2))) {
		fail(websocket, code == 0 ? HTTP_CLOSE_PROTOCOL : HTTP_CLOSE_NOT_TEXT);
		return;
	}
	websocket->received_close = true;
	if (!websocket->stream.ending) {
		websocket->code = code;
		websocket->reason_length = 0;
		/* Who closes wants no more. */
		while (http_queue_drop(&websocket->stream.queue)) {
		}
	}
	http_stream_set_ending(&websocket->stream);
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

void http_websocket_take(struct http_websocket *websocket, char *bytes, size_t length)
{
	enum http_frame_event event = HTTP_FRAME_MORE;
	struct http_frame_piece piece;

	websocket->unanswered = 0;
	while (!websocket->broken && !websocket->received_close &&
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

/* --- for who handles them --- */

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

	return http_stream_begin(&websocket->stream, request, &response, HTTP_LENGTH_NONE);
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
	if (!websocket || !http_stream_init(&websocket->stream, request, options, context) ||
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
	return http_stream_send(&websocket->stream, message);
}

void http_websocket_close(struct http_websocket *websocket, int code, const char *reason)
{
	if (!websocket->stream.ending) {
		http_websocket_set_close(websocket, code, reason);
		http_stream_set_ending(&websocket->stream);
	}
}

void http_websocket_set_identity(struct http_websocket *websocket, void *identity,
				 void (*release)(void *identity))
{
	struct http_connection *connection = websocket->stream.connection;

	if (!connection) {
		release(identity);
		return;
	}
	http_identity_release(&connection->identity);
	connection->identity = (struct http_identity){.value = identity, .release = release};
}

void http_websocket_pause(struct http_websocket *websocket, bool paused)
{
	websocket->paused = paused;
	if (websocket->stream.connection) {
		http_connection_go_on(websocket->stream.connection);
	}
}
