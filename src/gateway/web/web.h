/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_WEB_WEB_H
#define GATEWAY_WEB_WEB_H

#include "daemon/http/http.h"
#include "daemon/log/log.h"
#include "gateway/access/access.h"
#include "gateway/printers/printers.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The gateway's interfaces side by side on one HTTP server: its own (/api/v1), and those of other
 * programs, each with routes of its own and its own shape of an error. What holds for all of them
 * is here: who may ask, the access log, which printer a request is about.
 *
 * The routes of another program's interface are served twice: below a path that names the printer
 * ("/octoprint/{printer}/api/version"), and on the port of one printer ("/api/version").
 */

/* What whoever asks has to have: `rights` of a route. None: everybody may. */
#define WEB_VIEW    ACCESS_VIEW    /* see printers, and what they did */
#define WEB_OPERATE ACCESS_OPERATE /* command printers, change files */
#define WEB_ADMIN   ACCESS_MANAGE  /* change accounts, users, settings */
/* Beside them, of a route that is about no one printer: it shows each who asks only the printers
 * that access_may_see lets through. Others are closed to who has some printers alone. */
#define WEB_FILTERS ACCESS_FILTERS
/* Beside WEB_VIEW, of a route that shows a camera: images load it with a pass in its URL. */
#define WEB_PASSES ACCESS_PASSES

/* Answers with an error; detail: one sentence for people. */
typedef void web_refuse(struct http_request *request, int status, const char *detail);

struct web_api {
	const struct http_route *routes; /* without contexts; stay the caller's, and stay */
	size_t route_count;
	void *context;        /* of its handlers, not NULL */
	const char *prefixes; /* of paths, with a space between: unknown ones are its own, too */
	web_refuse *refuse;
	bool json_only;     /* what is posted to it has to be application/json */
	bool other_program; /* keys may come as ?apikey=, clients of trusted networks without one,
			     * and pages of origins that the settings name may use it */
};

#define WEB_CONNECTIONS 256 /* of an address */

struct web;

/* What outlives it. */
struct web_options {
	struct log *log;
	struct access *access;
	const struct gateway_printers *printers;
	bool own_ports; /* it is that of the ports of printers */
};

/* The first one answers also what is nobody's. The array is copied. Errors: MEMORY. */
int web_create(const struct web_api *apis, size_t count, const struct web_options *options,
	       struct web **web) __attribute__((warn_unused_result));

/* Routes, rights and log of an HTTP server, whose context it is. */
void web_fill_options(struct web *web, struct http_options *options);

/* All of them. */
const struct http_route *web_routes(const struct web *web, size_t *count);

/* Once the HTTP server is gone. NULL is accepted. */
void web_destroy(struct web *web);

/* The printer that a request is about: that of its listener (its context is then a serial number),
 * else the one that the route's {printer} names. NULL where that was refused already. */
struct fleet_printer *web_find_printer(const struct gateway_printers *printers,
				       struct http_request *request, web_refuse *refuse);

/* The same of the body; *json is NULL where it is none. False where memory is short, which was
 * refused. */
bool web_read_json(struct http_request *request, web_refuse *refuse, cJSON **json)
	__attribute__((warn_unused_result));

#endif
