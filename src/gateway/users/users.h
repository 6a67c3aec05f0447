/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_USERS_USERS_H
#define GATEWAY_USERS_USERS_H

#include "gateway/access/access.h"
#include "gateway/web/web.h"

/*
 * Below /api/v1: login, logout, session, setup; users, keys and the gateway's settings. Who may is
 * decided elsewhere (gateway/access); here it is shown and changed.
 */
void users_fill_api(struct access *access, struct web_api *api);

#endif
