/* SPDX-License-Identifier: MIT */
#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE   512
#define FLOOD_SIZE  10000
#define QUEUE_BYTES 200000
#define QUEUE_COUNT 50

/* --- WebSockets and events --- */

static size_t place_of(void *const *list, const void *wanted)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (list[i] == wanted) {
			return i;
		}
	}
	abort();
}

struct socket {
	struct http_websocket *websocket;
	size_t place;
};

static void send_text(struct http_websocket *websocket, const char *bytes, size_t length,
		      bool binary)
{
	struct http_message *message = http_message_create(
		binary ? HTTP_MESSAGE_BINARY : HTTP_MESSAGE_TEXT, bytes, length);

	if (http_websocket_send(websocket, message) == HTTP_ENDED) {
		program.overflows++;
	}
	http_message_release(message);
}

static void flood(struct http_websocket *websocket, unsigned long count)
{
	static char text[FLOOD_SIZE];

	memset(text, 'f', sizeof(text));
	for (unsigned long i = 0; i < count; i++) {
		int length = snprintf(text, sizeof(text), "%lu", i);

		text[length] = ' ';
		send_text(websocket, text, sizeof(text), false);
	}
}

static void on_message(void *context, const char *bytes, size_t length, bool binary)
{
	struct socket *socket = context;

	if (length > 6 && memcmp(bytes, "flood ", 6) == 0) {
		char number[16] = "";

		memcpy(number, bytes + 6, length - 6 < sizeof(number) ? length - 6 : 15);
		flood(socket->websocket, strtoul(number, NULL, 10));
	} else if (length == 5 && memcmp(bytes, "close", 5) == 0) {
		http_websocket_close(socket->websocket, 4001, "as asked");
	} else if (length == 5 && memcmp(bytes, "pause", 5) == 0) {
		http_websocket_pause(socket->websocket, true);
		send_text(socket->websocket, "paused", 6, false);
	} else {
		send_text(socket->websocket, bytes, length, binary);
	}
}

static void on_dropped(void *context, size_t count)
{
	const struct socket *socket = context;
	char line[LINE_SIZE];

	program.dropped += count;
	snprintf(line, sizeof(line), "dropped %zu", count);
	send_text(socket->websocket, line, strlen(line), false);
}

static void on_closed(void *context, int code)
{
	struct socket *socket = context;

	program.closed++;
	program.last_code = code;
	program.websockets[socket->place] = NULL;
	free(socket);
}

void open_websocket(struct http_request *request, void *context)
{
	static const struct http_websocket_handler handler = {
		.message = on_message, .dropped = on_dropped, .closed = on_closed};
	struct http_stream_options options = {
		.queue_messages = QUEUE_COUNT, .queue_bytes = QUEUE_BYTES, .protocol = "test"};
	struct socket *socket = calloc(1, sizeof(*socket));

	(void)context;
	if (!socket) {
		abort();
	}
	options.overflow = strstr(http_request_query(request), "drop")     ? HTTP_OVERFLOW_DROP
			   : strstr(http_request_query(request), "refuse") ? HTTP_OVERFLOW_REFUSE
									   : HTTP_OVERFLOW_CLOSE;
	options.ping_ms = strstr(http_request_query(request), "ping") ? 1 : 0;
	socket->websocket = http_websocket_accept(request, &options, &handler, socket);
	if (!socket->websocket) {
		free(socket);
		return;
	}
	socket->place = place_of((void *const *)program.websockets, NULL);
	program.websockets[socket->place] = socket->websocket;
}

static void on_events_closed(void *context)
{
	program.closed++;
	*(struct http_events **)context = NULL;
}

void open_events(struct http_request *request, void *context)
{
	static const struct http_events_handler handler = {.closed = on_events_closed};
	const struct http_stream_options options = {
		.queue_messages = QUEUE_COUNT,
		.queue_bytes = QUEUE_BYTES,
		.ping_ms = strstr(http_request_query(request), "ping") ? 1 : 0};
	const char *last = http_request_header(request, "last-event-id");
	struct http_events **place = &program.events[place_of((void *const *)program.events, NULL)];
	struct http_message *message;

	(void)context;
	http_request_set_identity(request, program.events, NULL);
	*place = http_events_open(request, &options, &handler, place);
	if (*place) {
		message = http_message_create_event(last, "hello", "one\ntwo", 7);
		http_events_send(*place, message);
		http_message_release(message);
	}
}

/* To all that listen: made once. */
void publish(struct http_request *request, void *context)
{
	size_t length;
	const char *body = http_request_body(request, &length);
	struct http_message *event = http_message_create_event("7", NULL, body, length);
	struct http_message *text = http_message_create(HTTP_MESSAGE_TEXT, body, length);
	char line[LINE_SIZE];
	size_t count = 0;

	(void)context;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (program.events[i]) {
			count += http_events_send(program.events[i], event) == HTTP_SENT;
		}
		if (program.websockets[i]) {
			count += http_websocket_send(program.websockets[i], text) == HTTP_SENT;
		}
	}
	http_message_release(event);
	http_message_release(text);
	snprintf(line, sizeof(line), "%zu", count);
	say(request, 200, line);
}

static bool is_events(void *context, const void *identity)
{
	return identity == context;
}

void close_all(struct http_request *request, void *context)
{
	(void)context;
	http_server_end_streams(program.server, "closed", is_events, program.events);
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (program.websockets[i]) {
			http_websocket_close(program.websockets[i], HTTP_CLOSE_GOING_AWAY, NULL);
		}
	}
	say(request, 200, "closed");
}

void resume_all(struct http_request *request, void *context)
{
	(void)context;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (program.websockets[i]) {
			http_websocket_pause(program.websockets[i], false);
		}
	}
	say(request, 200, "resumed");
}
