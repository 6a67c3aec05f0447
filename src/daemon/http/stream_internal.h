/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_STREAM_INTERNAL_H
#define DAEMON_HTTP_STREAM_INTERNAL_H

#include "daemon/http/internal.h"
#include "daemon/http/message.h"

#define HTTP_CLOSE_REASON_MAX (HTTP_CONTROL_MAX - 2)

/*
 * WebSockets and events. Whoever sends only fills a queue; the loop empties it as the reader reads.
 * Nobody is notified of an end within a call of his own: so a list of readers may be gone through
 * while one of them is put out.
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
	bool ending;       /* nothing more is queued */
	bool overflow;     /* since it read too slowly */
	bool reported_end; /* the last bytes are handed over */
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
	char reason[HTTP_CLOSE_REASON_MAX];
	size_t reason_length;
	char pong[HTTP_CONTROL_MAX];
	size_t pong_length;
	bool wants_pong;
	bool received_close;
	bool broken; /* what comes is no WebSocket any more */
	bool paused;
	int unanswered; /* pings */
};

struct http_events {
	struct http_stream stream;
	struct http_events_handler handler;
};

/* --- stream.c: what both are --- */

bool http_stream_init(struct http_stream *stream, struct http_request *request,
		      const struct http_stream_options *options, void *context)
	__attribute__((warn_unused_result));
/* The connection is the stream's from now on. */
bool http_stream_begin(struct http_stream *stream, struct http_request *request,
		       const struct http_response *response, int64_t length)
	__attribute__((warn_unused_result));
void http_stream_set_ending(struct http_stream *stream);
/* What is queued is not sent any more; code and reason are for a WebSocket. */
void http_stream_put_out(struct http_stream *stream, int code, const char *reason);
enum http_sent http_stream_send(struct http_stream *stream, struct http_message *message);

/* --- websocket.c --- */

/* What it is going to be closed with. reason: NULL: none. */
void http_websocket_set_close(struct http_websocket *websocket, int code, const char *reason);
/* What is sent beside messages: pings, pongs, and the end. How many bytes. */
size_t http_websocket_fill(struct http_websocket *websocket, char *out);
void http_websocket_take(struct http_websocket *websocket, char *bytes, size_t length);

#endif
