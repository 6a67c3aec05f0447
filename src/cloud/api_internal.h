/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_INTERNAL_H
#define CLOUD_API_INTERNAL_H

#include "cloud/api.h"
#include "cloud/api_calls.h"
#include "cloud/exchange.h"
#include "cloud/throttle.h"

#include <libwebsockets.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What api.c and api_session.c share. */

#define API_PATH_MAX    256
#define API_ADDRESS_MAX 64

struct api {
	uv_loop_t *loop;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct registry *registry;
	struct exchange *exchange;
	struct throttle throttle;
	uint16_t port;
	uint16_t mqtt_port;
	void (*log)(void *context, const char *line);
	void *log_context;
	struct lws_protocols protocols[2];
	unsigned int logins; /* that a thread works on, or that wait for one */
	struct api_login_work *login_works;
	bool stopping;
	void (*stopped)(void *context);
	void *stopped_context;
};

/* A request from its first byte to the last one of its answer. Made by libwebsockets, zeroed. */
struct api_session {
	struct api_login_work *work; /* while a thread has it */
	char method[8];
	char path[API_PATH_MAX];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char address[API_ADDRESS_MAX];
	char *body;
	size_t length;
	bool too_large;
	bool lacks_length; /* its body comes in chunks, which nobody needs here */
	bool answered;
	char *text; /* the answer */
	size_t text_length;
	int status;
	const char *content_type;
	int64_t retry_after_s;
};

/* The callback of libwebsockets, whose user data is a struct api_session. */
int api_session_on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			size_t length);

/* Those that no thread has begun with; they end with the next turn of the loop. */
void api_session_cancel_logins(struct api *api);

/* A login ended after api_stop: the last one releases the rest. */
void api_finish_stop(struct api *api);

#endif
