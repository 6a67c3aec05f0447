/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/access/internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define HEADER_LINE_SIZE 256

struct key_requests *access_key_requests(struct access *access)
{
	return &access->requests;
}

bool access_ask_key(struct access *access, const struct http_request *request, const char *app,
		    const char *serial, char token[SESSION_TOKEN_SIZE])
{
	struct access_place place;
	char line[HEADER_LINE_SIZE];

	access_place_of(access, request, &place);
	const struct key_request *made = key_requests_add(&access->requests, app, serial,
							  place.address, clock_steady_s(), token);

	if (made) {
		snprintf(line, sizeof(line),
			 "%s: '%s' asks for a key: flagship serve key accept %s", place.address,
			 made->app, made->id);
		log_bounded(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART, line);
	}
	return made != NULL;
}

const char *access_decide_key(struct access *access, struct key_request *asked,
			      const struct key_decision *decision)
{
	enum access_role role = decision->role == ACCESS_NOBODY ? ACCESS_OPERATOR : decision->role;

	if (!decision->accepts) {
		asked->state = KEY_REQUEST_DENIED;
		return NULL;
	}
	if (access->book.key_count >= ACCESS_KEYS_MAX) {
		return "there are as many keys as there may be";
	}
	return key_request_grant(asked, role, decision->scoped ? decision->printers : asked->serial)
		       ? NULL
		       : access_no_memory;
}

static bool make_key(struct access *access, const struct http_request *request,
		     const struct key_request *asked, char secret[ACCESS_SECRET_SIZE])
{
	char name[ACCESS_NAME_SIZE];
	struct access_change change = {.name = name,
				       .role = asked->role,
				       .printers = asked->printers,
				       .scoped = true,
				       .now_s = clock_unix_s()};
	struct access_place place;
	struct problem problem;
	const char *refusal;

	key_request_name(asked->app, name);
	access_place_of(access, request, &place);
	if (access_change(access, access_add_key, &change, &refusal, &problem)) {
		refusal = problem.text;
	}
	if (refusal) {
		log_event(access->log, LOG_LEVEL_ERROR, ACCESS_LOG_PART,
			  "a key that was granted cannot be made", LOG_TEXT("of", name),
			  LOG_TEXT("reason", refusal));
	} else {
		memcpy(secret, change.secret, sizeof(change.secret));
		log_event(access->log, LOG_LEVEL_INFO, ACCESS_LOG_PART, "a program fetched its key",
			  LOG_TEXT("of", name), LOG_TEXT("key", change.id),
			  LOG_TEXT("from", place.address));
	}
	OPENSSL_cleanse(&change, sizeof(change));
	return !refusal;
}

enum key_request_state access_asked_key(struct access *access, const struct http_request *request,
					const char *token, const char *serial,
					char secret[ACCESS_SECRET_SIZE])
{
	struct key_request *asked = key_requests_ask(&access->requests, token, serial,
						     clock_steady_s());
	enum key_request_state state = asked ? asked->state : KEY_REQUEST_NONE;

	if (state == KEY_REQUEST_GRANTED && !make_key(access, request, asked, secret)) {
		return KEY_REQUEST_FAILED;
	}
	if (state == KEY_REQUEST_GRANTED || state == KEY_REQUEST_DENIED) {
		key_request_end(asked);
	}
	return state;
}
