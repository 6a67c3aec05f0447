/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/access/internal.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 256

struct key_requests *access_key_requests(struct access *access)
{
	return &access->requests;
}

bool access_ask_key(struct access *access, const struct http_request *request, const char *app,
		    const char *serial, char token[SESSION_TOKEN_SIZE])
{
	struct access_place place;
	char line[LINE_SIZE];

	access_place_of(access, request, &place);
	const struct key_request *made = key_requests_add(&access->requests, app, serial,
							  place.address, clock_steady_s(), token);

	if (made) {
		snprintf(line, sizeof(line),
			 "%s: '%s' asks for a key: an admin decides at /api/v1/app-keys/%s",
			 place.address, made->app, made->id);
		log_bounded(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART, line);
	}
	return made != NULL;
}

enum key_request_state access_asked_key(struct access *access, const char *token,
					const char *serial, char secret[ACCESS_SECRET_SIZE])
{
	struct key_request *request = key_requests_ask(&access->requests, token, serial,
						       clock_steady_s());
	enum key_request_state state = request ? request->state : KEY_REQUEST_NONE;

	if (state == KEY_REQUEST_GRANTED) {
		memcpy(secret, request->secret, sizeof(request->secret));
	}
	if (state == KEY_REQUEST_GRANTED || state == KEY_REQUEST_DENIED) {
		key_request_end(request);
	}
	return state;
}
