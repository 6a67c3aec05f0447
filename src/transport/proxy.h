/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_PROXY_H
#define TRANSPORT_PROXY_H

#include <stdbool.h>

#define PROXY_URL_MAX 128

/* What the environment says of a proxy for HTTPS. */
struct proxy {
	const char *variable;    /* that names it; static */
	char url[PROXY_URL_MAX]; /* for people: without the login that may stand in it */
};

/* Whether HTTPS to this host goes through a proxy, by the variables that libcurl heeds: https_proxy
 * and all_proxy, in both cases, and no_proxy. */
bool proxy_find(const char *host, struct proxy *proxy);

#endif
