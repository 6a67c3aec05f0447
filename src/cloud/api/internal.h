/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_INTERNAL_H
#define CLOUD_API_INTERNAL_H

#include "cloud/api/api.h"
#include "cloud/api/calls.h"
#include "cloud/api/connections.h"
#include "cloud/api/exchange.h"
#include "cloud/api/login.h"
#include "cloud/api/signed.h"
#include "daemon/http/syntax/chunked.h"

#include <libwebsockets.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the parts of the API share. */

#define API_PATH_MAX 256

struct api {
	uv_loop_t *loop;
	struct lws_context *context;
	struct registry_service *service;
	struct exchange *exchange;
	struct login_throttle throttle;
	struct signed_sessions *sessions;
	uint16_t port;
	uint16_t mqtt_port;
	void (*log)(void *context, const char *line);
	void *log_context;
	struct lws_protocols protocols[2];
	struct api_login_work *works; /* logins that a thread works on, or that wait for one */
	struct connections connections;
	struct connection *arriving; /* accepted, and libwebsockets has not made it its own yet */
	lws_sorted_usec_list_t look; /* for those whose time is over */
	int64_t full_told_ms;        /* when a line of the log last said so; 0: never */
	bool stopping;
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
	struct api_login_work *work; /* while a thread has it: a login, */
	struct api_calling *calling; /* or another call */
	struct connection *connection;
	char method[8];
	char path[API_PATH_MAX];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char address[API_ADDRESS_MAX];
	char network[API_ADDRESS_MAX]; /* what of the address counts */
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

/* As of a cluster, which is not logged one by one: a broker asks for every message. */
struct cluster_answer;
void api_session_answer_cluster(struct lws *wsi, struct api_session *session,
				const struct cluster_answer *answer);

/* Hands the answer over, and releases it. */
void api_session_answer(struct api *api, struct lws *wsi, struct api_session *session,
			struct api_answer *answer);

#endif
