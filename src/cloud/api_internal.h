/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_INTERNAL_H
#define CLOUD_API_INTERNAL_H

#include "cloud/api.h"
#include "cloud/api_calls.h"
#include "cloud/api_login.h"
#include "cloud/api_signed.h"
#include "cloud/chunked.h"
#include "cloud/exchange.h"

#include <libwebsockets.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What api.c and api_session.c share. */

#define API_PATH_MAX 256

struct api {
	uv_loop_t *loop;
	struct lws_context *context;
	struct registry *registry;
	struct exchange *exchange;
	struct login_throttle throttle;
	struct signed_sessions *sessions;
	uint16_t port;
	uint16_t mqtt_port;
	void (*log)(void *context, const char *line);
	void *log_context;
	struct lws_protocols protocols[2];
	struct api_login_work *works; /* logins that a thread works on, or that wait for one */
	unsigned int logins;          /* how many */
	bool stopping;
	void (*stopped)(void *context);
	void *stopped_context;
};

/* How the end of a body is known. */
enum api_framing {
	API_FRAMING_NONE, /* there is no body */
	API_FRAMING_LENGTH,
	API_FRAMING_CHUNKED,
	API_FRAMING_BROKEN, /* it cannot be known */
};

/* A request from its first byte to the last one of its answer. Made by libwebsockets, zeroed. */
struct api_session {
	struct api_login_work *work; /* while a thread has it */
	char method[8];
	char path[API_PATH_MAX];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char address[API_ADDRESS_MAX];
	struct api_signed signature;
	char *body;
	size_t length;
	bool too_large;
	struct chunked chunked;
	enum api_framing framing;
	/* Begun, and not answered yet. libwebsockets tells the end of a body again where the next
	 * request waits behind it. */
	bool open;
	bool closes; /* after the answer, since nobody knows where the next request starts */
	char *text;  /* the answer */
	size_t text_length;
	int status;
	const char *content_type;
	int64_t retry_after_s;
};

/* The callback of libwebsockets, whose user data is a struct api_session. */
int api_session_on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			size_t length);

/* Gives up the logins that no thread works on yet. */
void api_cancel_logins(struct api *api);

/* A login ended after api_stop: the last one releases the rest. */
void api_finish_stop(struct api *api);

#endif
