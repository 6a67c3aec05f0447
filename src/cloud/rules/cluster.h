/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_RULES_CLUSTER_H
#define CLOUD_RULES_CLUSTER_H

#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The same rules for brokers that ask over HTTPS who may do what: EMQX (JSON) and RabbitMQ's
 * rabbitmq_auth_backend_http (forms), below /cluster/SECRET. A printer has to be known here with
 * its login (add-printer --username): such brokers do not show payloads, so that none can be
 * learned.
 */
#define CLUSTER_PREFIX         "/cluster/"
#define CLUSTER_SECRET_SETTING "cluster_secret"
#define CLUSTER_SECRET_SIZE    (40 + 1)
#define CLUSTER_TEXT_MAX       128

struct cluster_answer {
	int status; /* of HTTP; 404 where the secret is wrong or there is no such call */
	const char *content_type;
	char text[CLUSTER_TEXT_MAX];
};

/* The secret of this installation; made by the first call. Errors: those of the registry, CRYPTO.
 */
int cluster_secret(struct registry *registry, char secret[CLUSTER_SECRET_SIZE]);

/* Whether a call has the right secret, and notes what it learns: it needs a registry that is open
 * to write, which the others do not. */
bool cluster_writes(struct registry *registry, const char *path);

/* path begins with CLUSTER_PREFIX. Whatever cannot be read is denied. */
void cluster_call(struct registry *registry, const char *path, const char *body, size_t length,
		  struct cluster_answer *answer);

#endif
