/* SPDX-License-Identifier: MIT */
#include "cloud/api/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define NS_PER_MS       1000000
#define LOOK_US         1000000
#define TELL_MS         60000
#define CLUSTER_SETTING "cluster_addresses"
#define SEPARATOR       ","
#define LINE_SIZE       160
#define FILES_BESIDE    64 /* of the rest of the cloud, and connections that are being ended */

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / NS_PER_MS);
}

static void address_text(const struct address_key *address, char out[API_ADDRESS_MAX])
{
	if (!inet_ntop(AF_INET6, address->bytes, out, API_ADDRESS_MAX)) {
		out[0] = '\0';
	}
}

void api_guard_network(const struct connection *connection, char out[API_ADDRESS_MAX])
{
	address_text(&connection->address, out);
}

/* --- clusters, which are known again after a start --- */

static void load_clusters(struct api *api, struct registry *registry)
{
	char text[REGISTRY_TEXT_MAX];
	char *rest = text;
	char *word;

	if (registry_get(registry, CLUSTER_SETTING, text) != 1) {
		return;
	}
	while ((word = strtok_r(rest, SEPARATOR, &rest)) != NULL) {
		struct address_key address = address_of_text(word);

		connections_add_cluster(&api->connections, &address);
	}
}

struct cluster_note {
	struct database_job job;
	char text[REGISTRY_TEXT_MAX];
};

static int write_note(struct database *database, void *context)
{
	const struct cluster_note *note = context;

	return registry_set(registry_of(database), CLUSTER_SETTING, note->text);
}

/* Where it cannot be kept, it is learned again after the next start. */
static void on_noted(void *context, int result, const char *problem)
{
	(void)result;
	(void)problem;
	free(context);
}

static void store_clusters(struct api *api)
{
	struct cluster_note *note = calloc(1, sizeof(*note));
	size_t used = 0;

	if (!note) {
		return;
	}
	for (size_t i = 0; i < api->connections.cluster_count; i++) {
		char word[API_ADDRESS_MAX];

		address_text(&api->connections.clusters[i], word);
		if (used + strlen(word) + sizeof(SEPARATOR) > sizeof(note->text)) {
			break;
		}
		used += (size_t)snprintf(note->text + used, sizeof(note->text) - used, "%s%s",
					 used > 0 ? SEPARATOR : "", word);
	}
	note->job = (struct database_job){.work = write_note, .done = on_noted, .context = note};
	if (database_writer_submit(api->service->writer, &note->job)) {
		free(note);
	}
}

void api_guard_prove(struct api *api, struct connection *connection)
{
	if (!connection->proven && connections_prove(&api->connections, connection)) {
		store_clusters(api);
	}
}

/* --- the end of connections --- */

static void end(struct connection *connection)
{
	connection->doomed = true;
	if (connection->handle) {
		lws_set_timeout(connection->handle, PENDING_TIMEOUT_USER_REASON_BASE,
				LWS_TO_KILL_ASYNC);
	}
}

static void look(lws_sorted_usec_list_t *timer)
{
	struct api *api = lws_container_of(timer, struct api, look);
	int64_t now = now_ms();

	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		struct connection *connection = &api->connections.items[i];

		/* Again for those that are ended already: libwebsockets has one timeout for each
		 * connection, which it may have set anew. */
		if (connection->used && connection->handle &&
		    (connection->doomed || connections_is_overdue(connection, now))) {
			end(connection);
		}
	}
	lws_sul_schedule(api->context, 0, timer, look, LOOK_US);
}

/* Where the system allows fewer files, a connection too many could not even be refused. */
static void heed_files(struct api *api)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < CONNECTIONS_ROOM) {
		api->connections.most = limit.rlim_cur > 2 * FILES_BESIDE
						? (size_t)limit.rlim_cur - FILES_BESIDE
						: FILES_BESIDE;
	}
}

void api_guard_start(struct api *api, struct registry *registry)
{
	heed_files(api);
	load_clusters(api, registry);
	lws_sul_schedule(api->context, 0, &api->look, look, LOOK_US);
}

void api_guard_stop(struct api *api)
{
	lws_sul_cancel(&api->look);
}

/* Whether the handshake is over, nobody tells. */
static void note_handshakes(struct api *api)
{
	for (size_t i = 0; i < CONNECTIONS_ROOM; i++) {
		struct connection *connection = &api->connections.items[i];
		SSL *tls = connection->used && connection->silent && connection->handle
				   ? lws_get_ssl(connection->handle)
				   : NULL;

		if (tls && SSL_is_init_finished(tls)) {
			connection->silent = false;
		}
	}
}

static void tell_full(struct api *api, const struct connection *victim)
{
	char line[LINE_SIZE];
	char network[API_ADDRESS_MAX];

	if (!api->log || (api->full_told_ms > 0 && now_ms() - api->full_told_ms < TELL_MS)) {
		return;
	}
	api->full_told_ms = now_ms();
	api_guard_network(victim, network);
	snprintf(line, sizeof(line),
		 "too many connections: the idlest end where others come; the last one of them "
		 "was from %s",
		 network);
	api->log(api->log_context, line);
}

static void make_room(struct api *api, const struct address_key *address)
{
	struct connection *victim = connections_victim(&api->connections, address);

	if (!victim) {
		return;
	}
	note_handshakes(api);
	victim = connections_victim(&api->connections, address);
	tell_full(api, victim);
	end(victim);
}

bool api_guard_admit(struct api *api, int socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	struct address_key address;

	if (api->arriving) {
		/* libwebsockets had no room for it. */
		*api->arriving = (struct connection){0};
		api->arriving = NULL;
	}
	if (getpeername(socket, (struct sockaddr *)&peer, &size) != 0) {
		return false;
	}
	address = address_of_socket(&peer);
	make_room(api, &address);
	api->arriving = connections_add(&api->connections, &address, now_ms());
	return api->arriving != NULL;
}

void api_guard_created(struct api *api, struct lws *wsi)
{
	if (api->arriving) {
		api->arriving->handle = wsi;
		api->arriving = NULL;
	}
}

void api_guard_destroyed(struct api *api, struct lws *wsi)
{
	struct connection *connection = connections_find(&api->connections, wsi);

	if (connection) {
		*connection = (struct connection){0};
	}
}

struct connection *api_guard_find(struct api *api, struct lws *wsi)
{
	struct connection *connection = connections_find(&api->connections, wsi);

	return connection && !connection->doomed ? connection : NULL;
}

void api_guard_step(struct connection *connection, enum connection_step step)
{
	if (connection) {
		connections_step(connection, step, now_ms());
	}
}

bool api_guard_is_worn(const struct connection *connection)
{
	return connections_is_worn(connection, now_ms());
}
