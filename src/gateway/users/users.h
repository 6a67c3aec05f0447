/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_USERS_USERS_H
#define GATEWAY_USERS_USERS_H

#include "base/json/writer.h"
#include "gateway/access/access.h"
#include "gateway/web/web.h"

/*
 * Below /api/v1: login, logout, session, setup; users, keys and the gateway's settings. Who may is
 * decided elsewhere (gateway/access); here it is shown and changed.
 */
void users_fill_api(struct access *access, struct web_api *api);

/* Who asks, as GET /api/v1/session shows it; null where nobody knows him. */
void users_write_session(struct json_writer *writer, struct access *access,
			 const struct http_request *request);

#endif
