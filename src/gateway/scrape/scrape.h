/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_SCRAPE_SCRAPE_H
#define GATEWAY_SCRAPE_SCRAPE_H

#include "gateway/events/events.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

/*
 * GET /metrics: what gateway/metrics writes, of the printers as they are now and of what the
 * gateway counted since it started.
 */
struct scrape;

/* Who is connected to the interfaces of other programs. */
struct scrape_others {
	size_t port_connections; /* of the printers' ports, with sockets */
	size_t moonraker;        /* sockets, on any port */
	size_t octoprint;
};

/* Of others, where there are such; NULL or less than 0: not known. */
struct scrape_sources {
	struct gateway_printers *printers;
	struct gateway_events *events;
	struct http_server *const *server; /* there once it listens */
	int64_t (*history_dropped)(void *context);
	void (*count_others)(void *context, struct scrape_others *others);
	void *context;
};

/* All of it outlives the scrape. Errors: MEMORY. */
int scrape_create(const struct scrape_sources *sources, struct scrape **scrape)
	__attribute__((warn_unused_result));
void scrape_fill_api(struct scrape *scrape, struct web_api *api);

/* Counts nothing more. NULL is accepted. */
void scrape_stop(struct scrape *scrape);
/* Once the HTTP server is gone. NULL is accepted. */
void scrape_destroy(struct scrape *scrape);

#endif
