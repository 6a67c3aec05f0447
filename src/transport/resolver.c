/* SPDX-License-Identifier: MIT */
#include "transport/resolver.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRESH_MS 1000

/* Few hosts: a list is enough. */
struct resolver_host {
	struct list place;
	struct resolver *resolver; /* NULL: it is gone, and so is this one with its look-up */
	struct list waiting;
	struct resolver_answer *answer;
	uv_getaddrinfo_t request;
	bool asking;
	char name[RESOLVER_HOST_MAX + 1];
};

struct resolver {
	uv_loop_t *loop;
	struct list hosts;
};

struct resolver *resolver_create(uv_loop_t *loop)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));

	if (resolver) {
		resolver->loop = loop;
		list_init(&resolver->hosts);
	}
	return resolver;
}

static void free_host(struct resolver_host *host)
{
	resolver_give_back(host->answer);
	free(host);
}

void resolver_destroy(struct resolver *resolver)
{
	if (!resolver) {
		return;
	}
	while (!list_is_empty(&resolver->hosts)) {
		struct resolver_host *host = LIST_OF(resolver->hosts.next, struct resolver_host,
						     place);

		list_remove(&host->place);
		host->resolver = NULL;
		if (!host->asking) {
			free_host(host);
		} else {
			/* Ends early where it has not begun; else its answer is dropped. */
			(void)uv_cancel((uv_req_t *)&host->request);
		}
	}
	free(resolver);
}

void resolver_give_back(struct resolver_answer *answer)
{
	if (answer && --answer->users == 0) {
		free(answer);
	}
}

static struct resolver_answer *copy_addresses(const struct addrinfo *first, int64_t now_ms)
{
	size_t count = 0;
	struct resolver_answer *answer;

	for (const struct addrinfo *info = first; info; info = info->ai_next) {
		count++;
	}
	answer = calloc(1, sizeof(*answer) + count * RESOLVER_ADDRESS_SIZE);
	if (!answer) {
		return NULL;
	}
	answer->users = 1;
	answer->since_ms = now_ms;
	for (const struct addrinfo *info = first; info; info = info->ai_next) {
		answer->count += getnameinfo(info->ai_addr, info->ai_addrlen,
					     answer->addresses[answer->count],
					     RESOLVER_ADDRESS_SIZE, NULL, 0, NI_NUMERICHOST) == 0;
	}
	return answer;
}

/* Whoever is called may ask again, cancel others, and end the resolver. */
static void answer_all(struct list *waiting, struct resolver_answer *answer, int status)
{
	while (!list_is_empty(waiting)) {
		struct resolver_request *request = LIST_OF(waiting->next, struct resolver_request,
							   place);

		list_remove(&request->place);
		if (answer) {
			answer->users++;
		}
		request->on_resolved(request->context, answer, status);
	}
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct resolver_host *host = request->data;
	struct list waiting;
	struct resolver_answer *answer = NULL;

	host->asking = false;
	if (!host->resolver) {
		uv_freeaddrinfo(addresses);
		free_host(host);
		return;
	}
	if (!status) {
		answer = copy_addresses(addresses, (int64_t)uv_now(request->loop));
		status = answer ? 0 : UV_ENOMEM;
	}
	uv_freeaddrinfo(addresses);
	if (answer && answer->count == 0) {
		resolver_give_back(answer);
		answer = NULL;
		status = UV_EAI_NODATA;
	}
	resolver_give_back(host->answer);
	host->answer = answer;
	if (answer) {
		answer->users++;
	}
	list_init(&waiting);
	list_move_all(&waiting, &host->waiting);
	answer_all(&waiting, answer, status);
	resolver_give_back(answer);
}

static struct resolver_host *find_host(const struct resolver *resolver, const char *name)
{
	for (struct list *at = resolver->hosts.next; at != &resolver->hosts; at = at->next) {
		struct resolver_host *host = LIST_OF(at, struct resolver_host, place);

		if (strcmp(host->name, name) == 0) {
			return host;
		}
	}
	return NULL;
}

static struct resolver_host *add_host(struct resolver *resolver, const char *name)
{
	struct resolver_host *host = calloc(1, sizeof(*host));

	if (host) {
		host->resolver = resolver;
		host->request.data = host;
		list_init(&host->waiting);
		snprintf(host->name, sizeof(host->name), "%s", name);
		list_insert(&resolver->hosts, &host->place);
	}
	return host;
}

static int look_up(struct resolver_host *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	int status = uv_getaddrinfo(host->resolver->loop, &host->request, on_looked_up, host->name,
				    NULL, &hints);

	host->asking = status == 0;
	return status;
}

int resolver_ask(struct resolver *resolver, const char *name, struct resolver_request *request,
		 struct resolver_answer **answer)
{
	struct resolver_host *host = find_host(resolver, name);
	int64_t now_ms = (int64_t)uv_now(resolver->loop);
	int status = 0;

	*answer = NULL;
	list_init(&request->place);
	if (strlen(name) > RESOLVER_HOST_MAX) {
		return UV_ENAMETOOLONG;
	}
	host = host ? host : add_host(resolver, name);
	if (!host) {
		return UV_ENOMEM;
	}
	if (host->answer && now_ms - host->answer->since_ms < RESOLVER_TTL_MS) {
		host->answer->users++;
		*answer = host->answer;
		return 1;
	}
	if (!host->asking) {
		status = look_up(host);
	}
	if (!status) {
		list_insert(&host->waiting, &request->place);
	}
	return status;
}

void resolver_cancel(struct resolver_request *request)
{
	if (request->place.next) {
		list_remove(&request->place);
	}
}

void resolver_doubt(struct resolver *resolver, const char *name,
		    const struct resolver_answer *answer)
{
	struct resolver_host *host = find_host(resolver, name);
	int64_t now_ms = (int64_t)uv_now(resolver->loop);

	if (host && answer && host->answer == answer && now_ms - answer->since_ms >= FRESH_MS) {
		resolver_give_back(host->answer);
		host->answer = NULL;
	}
}
