/* SPDX-License-Identifier: MIT */
#include "gateway/users/internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* Logging in and out, and who one is. */

struct shown_session {
	const struct access_identity *identity;
	const char *csrf;
};

static void write_session(struct json_writer *writer, const void *context)
{
	const struct shown_session *shown = context;
	const struct access_identity *identity = shown->identity;

	json_object_begin(writer);
	json_member_known(writer, "user", identity->name);
	json_member_string(writer, "by", access_kind_name(identity->kind));
	users_write_grant(writer, &identity->grant);
	json_member_string(writer, "csrf", shown->csrf);
	json_object_end(writer);
}

void users_write_session(struct json_writer *writer, struct access *access,
			 const struct http_request *request)
{
	const struct shown_session shown = {.identity = access_identity(request),
					    .csrf = access_csrf(access, request)};

	if (shown.identity) {
		write_session(writer, &shown);
	} else {
		json_null(writer);
	}
}

void users_answer_session(struct http_request *request, int status, struct access *access)
{
	const struct shown_session shown = {.identity = access_identity(request),
					    .csrf = access_csrf(access, request)};

	if (shown.identity) {
		rest_respond(request, status, write_session, &shown);
	} else {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	}
}

void users_get_session(struct http_request *request, void *context)
{
	users_answer_session(request, REST_OK, context);
}

static void on_verified(struct http_request *request, enum access_outcome outcome, int64_t wait_s,
			void *context)
{
	struct users_work *work = context;

	if (!request) {
		users_free_work(work);
		return;
	}
	if (outcome == ACCESS_RIGHT && !access_begin_session(work->access, request, work->name)) {
		outcome = ACCESS_BUSY;
	}
	access_audit(work->access, request, "login",
		     access_name_valid(work->name) ? work->name : "(no name)",
		     access_outcome_text(outcome));
	if (outcome == ACCESS_RIGHT) {
		users_answer_session(request, REST_OK, work->access);
	} else {
		users_refuse_login(request, outcome, wait_s);
	}
	users_free_work(work);
}

/* A browser of its own, as on a wall: by a key, which is as long as nobody guesses. */
static void login_by_key(struct access *access, struct http_request *request, const char *secret)
{
	enum access_outcome outcome = access_begin_key_session(access, request, secret);

	access_audit(access, request, "login", "a key", access_outcome_text(outcome));
	if (outcome == ACCESS_RIGHT) {
		users_answer_session(request, REST_OK, access);
	} else if (outcome == ACCESS_WRONG) {
		rest_respond_problem(request, USERS_UNAUTHORIZED,
				     "this key is none, or it has expired");
	} else {
		users_refuse_login(request, outcome, 0);
	}
}

void users_post_login(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "name password key");
	const char *secret = rest_body_text(body, "key");

	if (body && secret[0] != '\0') {
		login_by_key(context, request, secret);
		cJSON_Delete(body);
		return;
	}
	struct users_work *work = body ? users_make_work(context, request, body) : NULL;

	cJSON_Delete(body);
	if (work) {
		access_verify(work->access, request, work->name, work->password, on_verified, work);
	}
}

void users_post_logout(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "everywhere");
	bool everywhere = false;
	bool is_known = body && rest_read_flag(request, body, "everywhere", &everywhere);

	cJSON_Delete(body);
	if (!is_known) {
		return;
	}
	access_audit(context, request, everywhere ? "logout everywhere" : "logout",
		     http_request_user(request), "done");
	access_end_session(context, request, everywhere);
	rest_respond_text(request, REST_NO_CONTENT, NULL, NULL, 0);
}

/* --- one's own password --- */

static void on_old_verified(struct http_request *request, enum access_outcome outcome,
			    int64_t wait_s, void *context)
{
	struct users_work *work = context;

	if (request && outcome == ACCESS_RIGHT) {
		users_hash_and_change(work, request);
		return;
	}
	if (request) {
		users_refuse_login(request, outcome, wait_s);
	}
	users_free_work(work);
}

void users_post_password(struct http_request *request, void *context)
{
	const struct access_identity *identity = access_identity(request);
	cJSON *body = rest_read_body(request, "old password");

	if (!body) {
		return;
	}
	if (identity->of_key ||
	    (identity->kind != ACCESS_BY_SESSION && identity->kind != ACCESS_BY_PASSWORD)) {
		rest_respond_problem(request, REST_CONFLICT,
				     "whoever asks has no password of his own");
		cJSON_Delete(body);
		return;
	}
	struct users_work *work = users_make_work(context, request, body);
	if (work) {
		memcpy(work->name, identity->name, sizeof(work->name));
		work->apply = access_set_user;
		work->action = "change password";
		work->status = REST_OK;
		work->logs_in = identity->kind == ACCESS_BY_SESSION;
		access_verify(work->access, request, work->name, rest_body_text(body, "old"),
			      on_old_verified, work);
	}
	cJSON_Delete(body);
}

/* --- the first user --- */

void users_post_setup(struct http_request *request, void *context)
{
	struct access *access = context;
	cJSON *body = rest_read_body(request, "token name password");

	if (!body) {
		return;
	}
	if (!access_setup_fits(access, rest_body_text(body, "token"))) {
		access_audit(access, request, "setup", NULL, "wrong link");
		rest_respond_problem(
			request, REST_FORBIDDEN,
			"this setup link is over: flagship serve writes a new one when "
			"it starts, as long as there is no user");
		cJSON_Delete(body);
		return;
	}
	struct users_work *work = users_make_work(access, request, body);
	cJSON_Delete(body);
	if (work) {
		work->change.role = ACCESS_ADMIN;
		work->apply = access_add_first_user;
		work->action = "setup";
		work->status = REST_CREATED;
		work->logs_in = true;
		users_hash_and_change(work, request);
	}
}
