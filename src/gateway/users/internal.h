/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_USERS_INTERNAL_H
#define GATEWAY_USERS_INTERNAL_H

#include "gateway/rest/rest.h"
#include "gateway/users/users.h"

#include <flagship/account.h>

#include <cjson/cJSON.h>
#include <stdbool.h>

#define USERS_UNAUTHORIZED 401
#define USERS_TOO_MANY     429

/* --- body.c --- */

/* What waits for a password. */
struct users_work {
	struct access *access;
	struct access_change change; /* its texts are here: */
	char name[ACCESS_NAME_SIZE];
	char *printers; /* owned */
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	access_apply *apply;
	const char *action; /* for the audit */
	int status;         /* of the answer where it went well */
	bool logs_in;
};

/* Of the members name, role, printers and password; NULL where they are wrong: that was answered.
 */
struct users_work *users_make_work(struct access *access, struct http_request *request,
				   const cJSON *body);
/* NULL is accepted. */
void users_free_work(struct users_work *work);
/* Hashes the password, then changes, and answers; takes the work over. */
void users_hash_and_change(struct users_work *work, struct http_request *request);
/* Changes, with an audit. False where that was answered. */
bool users_change(struct access *access, struct http_request *request, access_apply *apply,
		  void *change, const char *action, const char *subject);
void users_write_grant(struct json_writer *writer, const struct access_grant *grant);
/* What a login that did not go well is answered with. */
void users_refuse_login(struct http_request *request, enum access_outcome outcome, int64_t wait_s);
void users_answer_session(struct http_request *request, int status, struct access *access);

/* --- session.c --- */

void users_post_login(struct http_request *request, void *context);
void users_post_logout(struct http_request *request, void *context);
void users_get_session(struct http_request *request, void *context);
void users_post_password(struct http_request *request, void *context);
void users_post_setup(struct http_request *request, void *context);

/* --- keys.c --- */

void users_list_keys(struct http_request *request, void *context);
void users_add_key(struct http_request *request, void *context);
void users_remove_key(struct http_request *request, void *context);

/* --- app_keys.c --- */

void users_list_app_keys(struct http_request *request, void *context);
void users_decide_app_key(struct http_request *request, void *context);

/* --- settings, in keys.c --- */

void users_get_settings(struct http_request *request, void *context);
void users_set_settings(struct http_request *request, void *context);

#endif
