/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_API_H
#define CLOUD_API_API_H

#include "cloud/registry/service.h"
#include "daemon/run/activation.h"
#include "daemon/run/bind.h"

#include <stdint.h>
#include <uv.h>

/*
 * The HTTPS API of the vendor (protocol.md 4) on the local registry, on a libuv loop: every call,
 * in its old paths and its new ones, in the vendor's shape. Passwords are hashed on libuv's
 * threads, and nothing waits for the registry on the loop. Requests, answers and refusals are
 * counted; no secret is ever logged.
 */
struct api;

/* Its bounds, which daemon/http/peers.h goes by. */
#define API_CONNECTIONS_MAX            512
#define API_CONNECTIONS_OF_ADDRESS_MAX 32
#define API_CONNECTIONS_OF_CLUSTER_MAX 256
#define API_HEADERS_MAX                4096 /* bytes, with the line of the request */
#define API_REQUESTS_MAX               1000 /* of a connection */
#define API_LIFETIME_MS                INT64_C(600000)
#define API_STEP_MS                    INT64_C(20000)

#define API_SOCKET                     "api"

/* Strings are copied. */
struct api_options {
	struct registry *registry;        /* in use until api_start returns */
	struct registry_service *service; /* in use until it has stopped, after api_stop */
	const struct bind *bind;          /* addresses; in use until api_start returns */
	uint16_t port;                    /* 0: any that is free */
	/* Sockets named API_SOCKET are listened on in place of addresses and port; NULL: none. */
	struct activation *activation;
	const char *certificate_file;
	const char *key_file;
	const char *service_key_file; /* P-256, of the password exchange */
	/* One line for people, without an end; may be NULL. */
	void (*log)(void *context, const char *line);
	void *context;
};

/* Listens from now on. Errors: STORE (with problem), MEMORY, ARGUMENT (certificate, address or
 * port; with problem). Also then, *api is to be stopped and destroyed. */
int api_start(uv_loop_t *loop, const struct api_options *options, struct api **api,
	      struct problem *problem);

uint16_t api_port(const struct api *api);

/* Reads the certificate anew: connections that stand keep theirs. Error: ARGUMENT (with problem),
 * and the old one stays. */
int api_reload(struct api *api, struct problem *problem);

/* Refuses new connections, and ends the others: libwebsockets and libuv's threads do so on the
 * loop, and need it until then. NULL is accepted. */
void api_stop(struct api *api);

/* Once the loop runs no more. NULL is accepted. */
void api_destroy(struct api *api);

#endif
