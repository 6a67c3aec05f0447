/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_STREAM_H
#define DAEMON_HTTP_STREAM_H

#include "daemon/http/http.h"
#include "daemon/http/syntax/frame.h"

/*
 * What goes on after the answer: WebSockets (RFC 6455) and Server-Sent Events. Whoever reads more
 * slowly than others write has a queue, which is bounded.
 */

/* --- messages --- */

enum http_message_kind {
	HTTP_MESSAGE_TEXT,   /* of a WebSocket: UTF-8 */
	HTTP_MESSAGE_BINARY, /* of a WebSocket */
	HTTP_MESSAGE_EVENT,  /* of Server-Sent Events */
};

/* Made once, with what stands around it on the wire, for any number of readers. Counted. */
struct http_message;

/* NULL for want of memory. */
struct http_message *http_message_create(enum http_message_kind kind, const void *bytes,
					 size_t length);
/* id and name may be NULL; neither may hold a line break (NULL is returned then). */
struct http_message *http_message_create_event(const char *id, const char *name, const char *data,
					       size_t length);
/* NULL is accepted. */
void http_message_release(struct http_message *message);

/* --- queues --- */

enum http_overflow {
	HTTP_OVERFLOW_CLOSE, /* the reader is notified (1013, or an event "overflow") and put out */
	HTTP_OVERFLOW_DROP,  /* the oldest goes; `dropped` tells how many, once there is room */
	HTTP_OVERFLOW_REFUSE, /* the new one is not taken; likewise */
};

enum http_sent {
	HTTP_SENT,
	HTTP_DROPPED, /* something, this or older, that the reader does not get */
	HTTP_ENDED,   /* it is put out, or was: nothing more is sent */
};

struct http_stream_options {
	size_t queue_messages; /* 0: 64 */
	size_t queue_bytes;    /* 0: 1 MiB */
	enum http_overflow overflow;
	int64_t ping_ms;      /* 0: 20000; after two that nobody answered a WebSocket ends */
	size_t message_max;   /* that is taken of a WebSocket; 0: 65536 */
	const char *protocol; /* of a WebSocket, where the client offers it; NULL: none */
};

/* --- WebSockets --- */

/* `message` may be NULL, and `dropped` without HTTP_OVERFLOW_DROP. */
struct http_websocket_handler {
	/* Whole, and valid UTF-8 where it is text. */
	void (*message)(void *context, const char *bytes, size_t length, bool binary);
	void (*dropped)(void *context, size_t count);
	/* Once, and last. code: as the client sent it, or why we ended it (enum http_close). */
	void (*closed)(void *context, int code);
};

/* Whether a client asks for one. A route answers others as it likes: 426 is due. */
bool http_request_is_websocket(const struct http_request *request);

/* Answers the request with a WebSocket. NULL where it is none that can be taken: it is answered
 * with 400 or 426 then. */
struct http_websocket *http_websocket_accept(struct http_request *request,
					     const struct http_stream_options *options,
					     const struct http_websocket_handler *handler,
					     void *context);

enum http_sent http_websocket_send(struct http_websocket *websocket, struct http_message *message);
/* Sends a close frame, and lets the client answer. reason: at most 123 bytes, or NULL. */
void http_websocket_close(struct http_websocket *websocket, int code, const char *reason);
/* Whose it is from now on, for http_server_end_streams; the identity is taken over. */
void http_websocket_set_identity(struct http_websocket *websocket, void *identity,
				 void (*release)(void *identity));
/* Back-pressure: nothing more is read until it is resumed. */
void http_websocket_pause(struct http_websocket *websocket, bool paused);

/* --- Server-Sent Events --- */

struct http_events_handler {
	void (*dropped)(void *context, size_t count);
	void (*closed)(void *context);
};

/* Answers the request with a stream of events. Last-Event-ID is a header of the request. NULL where
 * the client is HTTP/1.0 or asked with HEAD: it is answered then. */
struct http_events *http_events_open(struct http_request *request,
				     const struct http_stream_options *options,
				     const struct http_events_handler *handler, void *context);

enum http_sent http_events_send(struct http_events *events, struct http_message *message);

#endif
