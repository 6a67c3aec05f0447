/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_GUARD_H
#define CLOUD_API_GUARD_H

#include "cloud/api/internal.h"

/* Keeps cloud/api/connections.h of the connections that libwebsockets has, and ends those that have
 * to go. */

/* Once there is a context. */
void api_guard_start(struct api *api, struct registry *registry);
/* Before the context goes. */
void api_guard_stop(struct api *api);

/* Of a connection that was just accepted: false where it has to be refused. */
bool api_guard_admit(struct api *api, int socket);
void api_guard_created(struct api *api, struct lws *wsi);
void api_guard_destroyed(struct api *api, struct lws *wsi);

/* NULL where it is being ended: nothing more is to be done for it. */
struct connection *api_guard_find(struct api *api, struct lws *wsi);

void api_guard_step(struct connection *connection, enum connection_step step);

/* Whether its next answer is to be the last one. */
bool api_guard_is_worn(const struct connection *connection);

/* Its call was one of a cluster that knows the secret. */
void api_guard_prove(struct api *api, struct connection *connection);

/* Where it comes from, as far as that is counted: of IPv6 without the last half. */
void api_guard_network(const struct connection *connection, char out[API_ADDRESS_MAX]);

#endif
