/* SPDX-License-Identifier: MIT */
#ifndef WEBPUSH_ENDPOINT_H
#define WEBPUSH_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/*
 * Where a browser's push service wants its messages. A browser names that URL, so anybody who may
 * subscribe does: it is a request that the gateway makes for a stranger. So it is https, to a host
 * that is found in the net of all and is none of the gateway's own network. Pure.
 */
#define WEBPUSH_ENDPOINT_MAX  1024 /* bytes of a URL */
#define WEBPUSH_HOST_SIZE     256
#define WEBPUSH_AUDIENCE_SIZE (WEBPUSH_HOST_SIZE + 16) /* "https://HOST:PORT" */

struct webpush_endpoint {
	char host[WEBPUSH_HOST_SIZE]; /* of IPv6 without brackets; the port is not in it */
	char audience[WEBPUSH_AUDIENCE_SIZE];
	uint16_t port;
};

/* NULL, or why it is none, for people. */
const char *webpush_endpoint_read(const char *url, struct webpush_endpoint *endpoint);

/* Where an address leads. */
enum webpush_reach {
	WEBPUSH_PUBLIC,   /* everybody's network */
	WEBPUSH_LOOPBACK, /* this machine */
	WEBPUSH_PRIVATE,  /* a network of one's own, or none at all */
};
/* Of IPv4 and IPv6, also where one is written as the other; all else is private. */
enum webpush_reach webpush_reach_of(const struct sockaddr *address);

#endif
