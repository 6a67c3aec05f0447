/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_CONNECTIONS_H
#define CLOUD_API_CONNECTIONS_H

#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The connections of the API: how many there may be, of all and of each address, which has to go
 * where there is no room, and how long each step may take. Where one more comes, the one goes that
 * has been idle longest: nobody is refused for what others hold. No I/O; the time is passed in.
 *
 * Idle is counted from the last step, not from the last byte, so that who drips is idle. A
 * connection whose answer is being worked out never goes. Those that have not even shaken hands go
 * first where they are half of all, since they cost who opens them nothing.
 *
 * A cluster of brokers has proven that it knows the secret path: its connections stay, and its
 * addresses may have more of them.
 */
#define CONNECTIONS_MAX            512
#define CONNECTIONS_OF_ADDRESS_MAX 32
#define CONNECTIONS_OF_CLUSTER_MAX 256
#define CONNECTIONS_CLUSTERS_MAX   8 /* addresses */
#define CONNECTIONS_STEP_MS        INT64_C(20000)
#define CONNECTIONS_LIFETIME_MS    INT64_C(600000)
#define CONNECTIONS_REQUESTS_MAX   1000
#define CONNECTIONS_ROOM           (CONNECTIONS_MAX + 128) /* with those that are being ended */

enum connection_step {
	CONNECTION_HEAD,   /* until a request's headers are whole, with the handshake before */
	CONNECTION_BODY,   /* until the rest of it is */
	CONNECTION_WORK,   /* until its answer is known */
	CONNECTION_ANSWER, /* until it is handed over */
};

struct connection {
	void *handle; /* of the caller; NULL until it has one */
	struct address_key address;
	enum connection_step step;
	int64_t since_ms; /* of the step */
	int64_t opened_ms;
	unsigned int requests;
	bool used;
	bool silent; /* no handshake yet */
	bool doomed; /* it is being ended, and counts no more */
	bool proven; /* as a cluster's */
};

/* All zero at the start. Times are of any clock that only runs forward. */
struct connections {
	size_t most; /* of all, where there is not room for CONNECTIONS_MAX; 0: those */
	struct connection items[CONNECTIONS_ROOM];
	struct address_key clusters[CONNECTIONS_CLUSTERS_MAX];
	size_t cluster_count;
	size_t next_cluster; /* the one that a further one replaces */
};

/* How many count, of this address or (NULL) of all. */
size_t connections_count(const struct connections *connections, const struct address_key *address);

/* Who has to go before there is room for one more of this address; NULL: nobody. */
struct connection *connections_victim(struct connections *connections,
				      const struct address_key *address);

/* One more; NULL where there is no room for it, so that it has to be refused. */
struct connection *connections_add(struct connections *connections,
				   const struct address_key *address, int64_t now_ms);

/* NULL where there is none. */
struct connection *connections_find(struct connections *connections, const void *handle);

void connections_step(struct connection *connection, enum connection_step step, int64_t now_ms);

bool connections_is_overdue(const struct connection *connection, int64_t now_ms);

/* Whether its next answer is to be the last one. */
bool connections_is_worn(const struct connection *connection, int64_t now_ms);

/* It spoke as a cluster: from now on its address is one. Whether that is new. */
bool connections_prove(struct connections *connections, struct connection *connection);

/* Of an earlier run. */
void connections_add_cluster(struct connections *connections, const struct address_key *address);

#endif
