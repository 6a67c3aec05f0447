/* SPDX-License-Identifier: MIT */
#ifndef PUSH_ENDPOINT_H
#define PUSH_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/*
 * Where a browser's push service wants its messages. A browser names that URL, so anybody who may
 * subscribe does: it is a request that the gateway makes for a stranger. So it is https, to a host
 * that is found in the net of all and is none of the gateway's own network. Pure.
 */
#define PUSH_ENDPOINT_MAX  1024 /* bytes of a URL */
#define PUSH_HOST_SIZE     256
#define PUSH_AUDIENCE_SIZE (PUSH_HOST_SIZE + 16) /* "https://HOST:PORT" */

struct push_endpoint {
	char host[PUSH_HOST_SIZE]; /* of IPv6 without brackets; the port is not in it */
	char audience[PUSH_AUDIENCE_SIZE];
	uint16_t port;
};

/* NULL, or why it is none, for people. */
const char *push_endpoint_read(const char *url, struct push_endpoint *endpoint);

/* Where an address leads. */
enum push_reach {
	PUSH_PUBLIC,   /* everybody's network */
	PUSH_LOOPBACK, /* this machine */
	PUSH_PRIVATE,  /* a network of one's own, or none at all */
};
/* Of IPv4 and IPv6, also where one is written as the other; all else is private. */
enum push_reach push_reach_of(const struct sockaddr *address);

#endif
