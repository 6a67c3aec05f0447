/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PREFERENCES_PREFERENCES_H
#define GATEWAY_PREFERENCES_PREFERENCES_H

#include "base/json/writer.h"
#include "base/problem.h"
#include "gateway/access/access.h"
#include "gateway/events/events.h"
#include "gateway/web/web.h"

#include <stddef.h>

/*
 * How a user wants the page to be, on each of his devices: order and size of cards, which of them
 * are hidden, groups, presets, theme, language. Without users they are the gateway's own; a key has
 * none, but a session that was begun by one, as of a screen on a wall, sees those of who made it.
 * They are in page.json, written as a whole at each change. What is changed is told to the user's
 * other pages as an event "page".
 */
struct preferences;

#define PREFERENCES_MAX 65536 /* bytes of one user's, as JSON */

/* Both outlive it. Errors, with problem: STORE (also where the file is damaged), ARGUMENT (the path
 * is too long), MEMORY. */
int preferences_create(struct access *access, struct gateway_events *events, const char *folder,
		       struct preferences **preferences, struct problem *problem)
	__attribute__((warn_unused_result));

/* GET and PATCH /api/v1/session/page. */
void preferences_fill_api(struct preferences *preferences, struct web_api *api);

/* Those of who asks, as an object: null where he has no place for any. As JSON, owned; NULL for
 * want of memory. */
char *preferences_text(const struct preferences *preferences, const struct http_request *request,
		       size_t *length);

/* Once the HTTP server is gone. NULL is accepted. */
void preferences_destroy(struct preferences *preferences);

#endif
