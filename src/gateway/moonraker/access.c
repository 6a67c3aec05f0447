/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <flagship/account.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define SOURCE      "moonraker" /* the only one of users, as clients call it */
#define KEY_USER    "_API_KEY_USER_"
#define NUMBER_SIZE 24

/* Who asks: gateway/access has decided that before. */

static const struct access_identity *identity_of(const struct moonraker_call *call)
{
	const struct http_request *request = call->request ? call->request
					     : call->batch ? call->batch->request
							   : NULL;

	return call->socket ? call->socket->identity : request ? access_identity(request) : NULL;
}

static void write_access_info(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;
	bool open = access_book_of(call->moonraker->options.access)->user_count == 0;

	json_object_begin(writer);
	json_member_string(writer, "default_source", "moonraker");
	json_key(writer, "available_sources");
	json_array_begin(writer);
	json_string(writer, "moonraker");
	json_array_end(writer);
	json_member_bool(writer, "login_required", !open);
	json_member_bool(writer, "trusted", call->rights != 0 || open);
	json_object_end(writer);
}

void moonraker_access_info(struct moonraker_call *call)
{
	moonraker_answer(call, write_access_info, call);
}

static void write_text(struct json_writer *writer, const void *context)
{
	json_string(writer, context);
}

/* For who opens a WebSocket, or an address in a page, where no header can be sent. */
void moonraker_access_oneshot(struct moonraker_call *call)
{
	struct access *access = call->moonraker->options.access;
	char token[SESSION_TOKEN_SIZE];
	bool made = call->socket
			    ? access_make_oneshot_of(access, call->socket->identity, token)
			    : call->request && access_make_oneshot(access, call->request, token);

	if (made) {
		moonraker_answer(call, write_text, token);
	} else {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "no token can be made now");
	}
	OPENSSL_cleanse(token, sizeof(token));
}

void moonraker_access_key(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_NEVER,
		       "keys are shown once, when the gateway makes them: make one of its own for "
		       "this program");
}

/* --- logging in: users are those of the gateway --- */

struct shown_login {
	const char *name;
	const char *action;
	const char *token; /* NULL: none */
	const char *refresh;
};

static void write_login(struct json_writer *writer, const void *context)
{
	const struct shown_login *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "username", shown->name);
	if (shown->token) {
		json_member_string(writer, "token", shown->token);
		json_member_string(writer, "source", SOURCE);
	}
	if (shown->refresh) {
		json_member_string(writer, "refresh_token", shown->refresh);
	}
	json_member_string(writer, "action", shown->action);
	json_object_end(writer);
}

static void answer_login(struct moonraker_call *call, const char *name)
{
	struct access_tokens tokens;

	if (access_begin_tokens(call->moonraker->options.access, name, &tokens)) {
		const struct shown_login shown = {name, "user_logged_in", tokens.access,
						  tokens.refresh};

		moonraker_answer(call, write_login, &shown);
	} else {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "no session can be made now");
	}
	OPENSSL_cleanse(&tokens, sizeof(tokens));
}

static void refuse_login(struct moonraker_call *call, enum access_outcome outcome, int64_t wait_s)
{
	char seconds[NUMBER_SIZE];

	if (outcome == ACCESS_WRONG) {
		moonraker_fail(call, MOONRAKER_UNAUTHORIZED, "wrong name or password");
		return;
	}
	snprintf(seconds, sizeof(seconds), "%lld", (long long)(wait_s > 0 ? wait_s : 1));
	http_request_add_header(call->request, "retry-after", seconds);
	if (outcome == ACCESS_TOO_SOON) {
		moonraker_fail(call, MOONRAKER_TOO_MANY,
			       "too many wrong passwords: wait %s s before the next", seconds);
	} else {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE,
			       "too many logins at once: try again in a moment");
	}
}

static void on_verified(struct http_request *request, enum access_outcome outcome, int64_t wait_s,
			void *context)
{
	struct moonraker_call *call = context;

	if (!request) {
		call->request = NULL;
		call->wants_answer = false;
		moonraker_answer_ok(call);
		return;
	}
	access_audit(call->moonraker->options.access, request, "login",
		     access_name_valid(call->id_text) ? call->id_text : "(no name)",
		     access_outcome_text(outcome));
	if (outcome == ACCESS_RIGHT) {
		answer_login(call, call->id_text);
	} else {
		refuse_login(call, outcome, wait_s);
	}
}

void moonraker_access_login(struct moonraker_call *call)
{
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];

	/* Where it comes from decides how many may be tried: that is known of requests. */
	if (!call->request) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "log in by a request of its own: POST /access/login");
		return;
	}
	if (!rpc_param_text(call->params, "username", call->id_text, sizeof(call->id_text)) ||
	    !rpc_param_text(call->params, "password", password, sizeof(password))) {
		moonraker_fail(call, MOONRAKER_UNAUTHORIZED, "wrong name or password");
		return;
	}
	moonraker_keep(call);
	access_verify(call->moonraker->options.access, call->request, call->id_text, password,
		      on_verified, call);
	OPENSSL_cleanse(password, sizeof(password));
}

void moonraker_access_refresh(struct moonraker_call *call)
{
	struct access *access = call->moonraker->options.access;
	char refresh[ACCESS_TOKEN_SIZE];
	char token[ACCESS_TOKEN_SIZE];
	char name[ACCESS_NAME_SIZE];

	if (rpc_param_text(call->params, "refresh_token", refresh, sizeof(refresh)) &&
	    access_refresh_token(access, refresh, token, name)) {
		const struct shown_login shown = {name, "user_jwt_refresh", token, NULL};

		moonraker_answer(call, write_login, &shown);
	} else {
		moonraker_fail(call, MOONRAKER_UNAUTHORIZED, "this login is over: log in again");
	}
	OPENSSL_cleanse(refresh, sizeof(refresh));
	OPENSSL_cleanse(token, sizeof(token));
}

/* --- who one is --- */

static const char *name_of(const struct access_identity *identity)
{
	switch (identity ? identity->kind : ACCESS_BY_OPEN) {
	case ACCESS_BY_SESSION:
	case ACCESS_BY_PASSWORD:
		return identity->of_key ? KEY_USER : identity->name;
	case ACCESS_BY_KEY:
		return KEY_USER;
	default:
		return "_TRUSTED_USER_";
	}
}

void moonraker_access_logout(struct moonraker_call *call)
{
	const struct access_identity *identity = identity_of(call);
	struct access *access = call->moonraker->options.access;
	struct access_identity *own = identity && identity->kind == ACCESS_BY_SESSION
					      ? access_identity_copy(identity)
					      : NULL;
	const struct shown_login shown = {name_of(identity), "user_logged_out", NULL, NULL};

	if (!own) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST, "whoever asks did not log in");
		return;
	}
	if (call->request) {
		access_audit(access, call->request, "logout", own->name, "done");
	}
	moonraker_answer(call, write_login, &shown);
	/* Ends the sockets that came by it, too. */
	access_end_session_of(access, own);
	access_identity_free(own);
}

static void write_user(struct json_writer *writer, const char *name, int64_t created_s)
{
	json_object_begin(writer);
	json_member_string(writer, "username", name);
	json_member_string(writer, "source", SOURCE);
	json_member_int(writer, "created_on", created_s);
	json_object_end(writer);
}

static void write_own_user(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;
	const char *name = name_of(identity_of(call));
	const struct access_user *user = access_book_user(
		access_book_of(call->moonraker->options.access), name);

	write_user(writer, name, user ? user->created_at : 0);
}

void moonraker_access_user(struct moonraker_call *call)
{
	moonraker_answer(call, write_own_user, call);
}

/* Whoever does not manage them sees himself alone. */
static void write_users(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;
	const struct access_book *book = access_book_of(call->moonraker->options.access);
	const char *own = name_of(identity_of(call));

	json_object_begin(writer);
	json_key(writer, "users");
	json_array_begin(writer);
	for (size_t i = 0; i < book->user_count; i++) {
		const struct access_user *user = &book->users[i];

		if ((call->rights & WEB_ADMIN) || strcmp(user->name, own) == 0) {
			write_user(writer, user->name, user->created_at);
		}
	}
	json_array_end(writer);
	json_object_end(writer);
}

void moonraker_access_users(struct moonraker_call *call)
{
	moonraker_answer(call, write_users, call);
}
