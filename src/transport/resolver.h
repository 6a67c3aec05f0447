/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_RESOLVER_H
#define TRANSPORT_RESOLVER_H

#include "base/memory/list.h"

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * Names to addresses, for many sessions with few brokers on one loop: a name is asked for once,
 * however many wait for it, and its addresses serve for RESOLVER_TTL_MS. getaddrinfo does not tell
 * how long an answer is good for. What failed is asked for again by who comes next.
 */
#define RESOLVER_TTL_MS       INT64_C(30000)
#define RESOLVER_ADDRESS_SIZE 64 /* numeric, with the zone of a link-local one */
#define RESOLVER_HOST_MAX     255

struct resolver;

/* Shared by who asked, and unchangeable. */
struct resolver_answer {
	unsigned int users; /* private */
	int64_t since_ms;   /* of the loop's clock */
	size_t count;
	char addresses[][RESOLVER_ADDRESS_SIZE]; /* in the order to be tried */
};

/* Memory of the caller, which stays where it is until it is answered or cancelled. */
struct resolver_request {
	struct list place; /* private */
	/* answer: to be given back; NULL where status, an error of libuv, says why. */
	void (*on_resolved)(void *context, struct resolver_answer *answer, int status);
	void *context;
};

/* NULL: no memory. */
struct resolver *resolver_create(uv_loop_t *loop);

/* Nobody may be waiting. Look-ups that are under way end by themselves. NULL is accepted. */
void resolver_destroy(struct resolver *resolver);

/*
 * 1: *answer is there, to be given back, and the request is not used; 0: on_resolved follows, never
 * from inside the call; or an error of libuv.
 */
int resolver_ask(struct resolver *resolver, const char *host, struct resolver_request *request,
		 struct resolver_answer **answer);

/* Where it waits no more, nothing happens. It was zeroed, or asked with, before. */
void resolver_cancel(struct resolver_request *request);

/* None of the addresses can be reached: who asks next is told what the name means by then, unless
 * the answer is newer than this one, or a second old. */
void resolver_doubt(struct resolver *resolver, const char *host,
		    const struct resolver_answer *answer);

/* NULL is accepted. */
void resolver_give_back(struct resolver_answer *answer);

#endif
