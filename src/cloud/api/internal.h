/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_INTERNAL_H
#define CLOUD_API_INTERNAL_H

#include "cloud/api/api.h"
#include "cloud/api/calls.h"
#include "cloud/api/login/exchange.h"
#include "cloud/api/login/login.h"
#include "cloud/api/signed.h"
#include "daemon/http/http.h"
#include "daemon/login/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the parts of the API share. */

#define API_PATH_MAX   256
#define API_METHOD_MAX 8

struct api {
	uv_loop_t *loop;
	struct http_server *server;
	struct registry_service *service;
	struct exchange *exchange;
	struct login_throttle throttle;
	struct signed_sessions *sessions;
	uint16_t port;
	uint16_t mqtt_port;
	void (*log)(void *context, const char *line);
	void *log_context;
	struct api_login_work *works; /* logins that a thread works on, or that wait for one */
	struct login_queue queue;     /* of their passwords */
	bool stopping;
};

/* A request until it is answered, or its client is gone. */
struct api_session {
	struct api *api;
	struct http_request *request;
	struct api_login_work *work; /* while a thread has it: a login, */
	struct api_calling *calling; /* or another call */
	char method[API_METHOD_MAX];
	char path[API_PATH_MAX];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char address[API_ADDRESS_MAX];
	char network[API_ADDRESS_MAX]; /* what of the address counts */
	struct api_signed signature;
	char *body; /* ends with a NUL; NULL: there is none */
	size_t length;
};

/* What is not a route of the server: all that a client may ask. */
extern const struct http_route api_routes[];
extern const size_t api_route_count;

/* For the server: what it refuses by itself is answered in the vendor's shape, and nothing but
 * HTTP/1.1 is spoken. Their context is the struct api. */
int api_session_authorise(struct http_request *request, const struct http_route *route,
			  void *context);
void api_session_refuse(struct http_request *request, int status, void *context);

/* As of a cluster, which is not logged one by one: a broker asks for every message. The session is
 * over with it. */
struct cluster_answer;
void api_session_answer_cluster(struct api_session *session, const struct cluster_answer *answer);

/* Hands the answer over, and releases both. */
void api_session_answer(struct api_session *session, struct api_answer *answer);

/* Clusters of brokers have proven that they know the secret path: their connections stay, and their
 * addresses may have more of them, also after a start. */

void api_clusters_load(struct api *api, struct registry *registry);

/* Its call was one of a cluster that knows the secret. */
void api_clusters_prove(struct api *api, struct http_request *request);

#endif
