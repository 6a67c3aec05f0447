/* SPDX-License-Identifier: MIT */
#include "cloud/api/connections.h"

static bool counts(const struct connection *connection, const struct address_key *address)
{
	return connection->used && !connection->doomed &&
	       (!address || (!connection->proven && address_same(&connection->address, address)));
}

size_t connections_count(const struct connections *connections, const struct address_key *address)
{
	size_t count = 0;

	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		count += counts(&connections->items[i], address);
	}
	return count;
}

static bool is_cluster(const struct connections *connections, const struct address_key *address)
{
	for (size_t i = 0; i < connections->cluster_count; i++) {
		if (address_same(&connections->clusters[i], address)) {
			return true;
		}
	}
	return false;
}

static struct connection *idlest(struct connections *connections, const struct address_key *address,
				 bool silent, bool proven)
{
	struct connection *found = NULL;

	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		struct connection *connection = &connections->items[i];

		if (counts(connection, address) && (proven || !connection->proven) &&
		    connection->step != CONNECTION_WORK && (connection->silent || !silent) &&
		    (!found || connection->since_ms < found->since_ms)) {
			found = connection;
		}
	}
	return found;
}

static size_t count_silent(const struct connections *connections, const struct address_key *address)
{
	size_t count = 0;

	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		count += counts(&connections->items[i], address) && connections->items[i].silent;
	}
	return count;
}

static size_t most_of_all(const struct connections *connections)
{
	return connections->most > 0 && connections->most < CONNECTIONS_MAX ? connections->most
									    : CONNECTIONS_MAX;
}

static struct connection *victim_of(struct connections *connections,
				    const struct address_key *address, size_t most)
{
	struct connection *victim;

	if (connections_count(connections, address) < most) {
		return NULL;
	}
	victim = idlest(connections, address, 2 * count_silent(connections, address) >= most,
			false);
	/* A cluster has no right to all of them. */
	return victim ? victim : idlest(connections, address, false, true);
}

struct connection *connections_victim(struct connections *connections,
				      const struct address_key *address)
{
	struct connection *victim = victim_of(connections, address,
					      is_cluster(connections, address)
						      ? CONNECTIONS_OF_CLUSTER_MAX
						      : CONNECTIONS_OF_ADDRESS_MAX);

	return victim ? victim : victim_of(connections, NULL, most_of_all(connections));
}

struct connection *connections_add(struct connections *connections,
				   const struct address_key *address, int64_t now_ms)
{
	size_t most = is_cluster(connections, address) ? CONNECTIONS_OF_CLUSTER_MAX
						       : CONNECTIONS_OF_ADDRESS_MAX;

	if (connections_count(connections, address) >= most ||
	    connections_count(connections, NULL) >= most_of_all(connections)) {
		return NULL;
	}
	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		if (!connections->items[i].used) {
			connections->items[i] = (struct connection){
				.address = *address,
				.since_ms = now_ms,
				.opened_ms = now_ms,
				.used = true,
				.silent = true,
			};
			return &connections->items[i];
		}
	}
	return NULL;
}

struct connection *connections_find(struct connections *connections, const void *handle)
{
	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		if (connections->items[i].used && connections->items[i].handle == handle) {
			return &connections->items[i];
		}
	}
	return NULL;
}

void connections_step(struct connection *connection, enum connection_step step, int64_t now_ms)
{
	if (connection->step == CONNECTION_HEAD && step != CONNECTION_HEAD) {
		connection->requests++;
	}
	connection->silent = false;
	connection->step = step;
	connection->since_ms = now_ms;
}

bool connections_is_overdue(const struct connection *connection, int64_t now_ms)
{
	return connection->step != CONNECTION_WORK &&
	       now_ms - connection->since_ms >= CONNECTIONS_STEP_MS;
}

bool connections_is_worn(const struct connection *connection, int64_t now_ms)
{
	return !connection->proven && (connection->requests >= CONNECTIONS_REQUESTS_MAX ||
				       now_ms - connection->opened_ms >= CONNECTIONS_LIFETIME_MS);
}

void connections_add_cluster(struct connections *connections, const struct address_key *address)
{
	size_t place = connections->next_cluster;

	if (is_cluster(connections, address)) {
		return;
	}
	connections->clusters[place] = *address;
	connections->next_cluster = (place + 1) % CONNECTIONS_CLUSTERS_MAX;
	if (connections->cluster_count < CONNECTIONS_CLUSTERS_MAX) {
		connections->cluster_count++;
	}
}

bool connections_prove(struct connections *connections, struct connection *connection)
{
	connection->proven = true;
	if (is_cluster(connections, &connection->address)) {
		return false;
	}
	connections_add_cluster(connections, &connection->address);
	return true;
}
