/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DAEMON_HTTP_SERVER_H
#define TESTS_DAEMON_HTTP_SERVER_H

#include "daemon/http/stream.h"

#include <stddef.h>
#include <uv.h>

#define STREAMS_MAX 512
#define TEXT_TYPE   "text/plain; charset=utf-8"

struct program {
	uv_loop_t loop;
	uv_signal_t signals[3];
	struct http_server *server;
	const char *dir;
	struct http_events *events[STREAMS_MAX];
	struct http_websocket *websockets[STREAMS_MAX];
	size_t gone;
	size_t closed;
	size_t dropped;
	size_t overflows;
	int last_code;
};

extern struct program program;

void say(struct http_request *request, int status, const char *text);

/* --- http_server_bodies.c --- */

void answer_later(struct http_request *request, void *context);
void take_upload(struct http_request *request, void *context);
void take_bytes(struct http_request *request, void *context);
void send_pattern(struct http_request *request, void *context);
void send_file(struct http_request *request, void *context);
void send_asset(struct http_request *request, void *context);

/* --- http_server_streams.c --- */

void open_websocket(struct http_request *request, void *context);
void open_events(struct http_request *request, void *context);
void publish(struct http_request *request, void *context);
void close_all(struct http_request *request, void *context);
void resume_all(struct http_request *request, void *context);

#endif
