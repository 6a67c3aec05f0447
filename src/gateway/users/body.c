/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/users/internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 24
#define NO_TEXTS    "role printers digest expires_in_s" /* each looks at its own */

/* --- in --- */

/* An array of serial numbers as words. */
static bool read_printers(const cJSON *item, char words[ACCESS_TEXT_MAX])
{
	size_t used = 0;
	const cJSON *serial;

	words[0] = '\0';
	cJSON_ArrayForEach(serial, item)
	{
		const char *text = cJSON_GetStringValue(serial);
		int length = snprintf(words + used, ACCESS_TEXT_MAX - used, "%s%s",
				      used > 0 ? " " : "", text ? text : "");

		if (!text || strchr(text, ' ') || length < 0 ||
		    used + (size_t)length >= ACCESS_TEXT_MAX) {
			return false;
		}
		used += (size_t)length;
	}
	return cJSON_IsArray(item) && access_printers_valid(words);
}

/* Whether a new password may be had; else it was answered. */
static bool users_check_password(struct http_request *request, const char *password,
				 const char *name)
{
	size_t length = strlen(password);

	if (length < ACCESS_PASSWORD_MIN || length > FLAGSHIP_LOGIN_PASSWORD_MAX ||
	    strcmp(password, name) == 0) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a password has %d to %d bytes, and is not the name",
				     ACCESS_PASSWORD_MIN, FLAGSHIP_LOGIN_PASSWORD_MAX);
		return false;
	}
	return true;
}

void users_free_work(struct users_work *work)
{
	if (work) {
		free(work->printers);
		OPENSSL_cleanse(work, sizeof(*work));
		free(work);
	}
}

struct users_work *users_make_work(struct access *access, struct http_request *request,
				   const cJSON *body)
{
	const cJSON *role = cJSON_GetObjectItemCaseSensitive(body, "role");
	const cJSON *printers = cJSON_GetObjectItemCaseSensitive(body, "printers");
	bool all = !printers || cJSON_IsNull(printers);
	char words[ACCESS_TEXT_MAX];

	if (!rest_are_texts(request, body, NO_TEXTS)) {
		return NULL;
	}
	struct users_work *work = calloc(1, sizeof(*work));
	if (!work) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return NULL;
	}
	work->access = access;
	work->change.now_s = clock_unix_s();
	work->change.role = access_role_read(cJSON_GetStringValue(role));
	if ((size_t)snprintf(work->name, sizeof(work->name), "%s", rest_body_text(body, "name")) >=
		    sizeof(work->name) ||
	    (size_t)snprintf(work->password, sizeof(work->password), "%s",
			     rest_body_text(body, "password")) >= sizeof(work->password)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "name or password is too long");
	} else if (role && work->change.role == ACCESS_NOBODY) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a role is viewer, operator or admin");
	} else if (!all && !read_printers(printers, words)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "printers is an array of serial numbers, or null for all");
	} else if (!all && !(work->printers = strdup(words))) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	} else {
		work->change.name = work->name;
		work->change.scoped = printers != NULL;
		work->change.printers = work->printers;
		return work;
	}
	users_free_work(work);
	return NULL;
}

/* --- changing --- */

static int status_of_refusal(const char *refusal)
{
	return strstr(refusal, "no such")  ? REST_NOT_FOUND
	       : strstr(refusal, "memory") ? REST_FAILED
					   : REST_CONFLICT;
}

bool users_change(struct access *access, struct http_request *request, access_apply *apply,
		  void *change, const char *action, const char *subject)
{
	const char *refusal;
	struct problem problem;

	if (access_change(access, apply, change, &refusal, &problem)) {
		access_audit(access, request, action, subject, "failed");
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return false;
	}
	access_audit(access, request, action, subject, refusal ? "refused" : "done");
	if (refusal) {
		rest_respond_problem(request, status_of_refusal(refusal), "%s", refusal);
		return false;
	}
	return true;
}

static void write_name(struct json_writer *writer, const void *context)
{
	const struct users_work *work = context;
	const struct access_user *user = access_book_user(access_book_of(work->access), work->name);

	json_object_begin(writer);
	json_member_string(writer, "name", work->name);
	if (user) {
		users_write_grant(writer, &user->grant);
	}
	json_object_end(writer);
}

static void on_hashed(struct http_request *request, const char *hash, void *context)
{
	struct users_work *work = context;

	if (!request) {
		users_free_work(work);
		return;
	}
	work->change.password = hash;
	if (!hash) {
		users_refuse_login(request, ACCESS_BUSY, 0);
	} else if (users_change(work->access, request, work->apply, &work->change, work->action,
				work->name)) {
		if (work->logs_in && access_begin_session(work->access, request, work->name)) {
			users_answer_session(request, work->status, work->access);
		} else {
			rest_respond(request, work->status, write_name, work);
		}
	}
	users_free_work(work);
}

void users_hash_and_change(struct users_work *work, struct http_request *request)
{
	if (users_check_password(request, work->password, work->name)) {
		access_hash_password(work->access, request, work->password, on_hashed, work);
	} else {
		users_free_work(work);
	}
}

/* --- out --- */

void users_write_grant(struct json_writer *writer, const struct access_grant *grant)
{
	const char *printers = grant->printers;

	json_member_string(writer, "role", access_role_name(grant->role));
	json_key(writer, "printers");
	if (!printers) {
		json_null(writer);
		return;
	}
	json_array_begin(writer);
	while (*printers != '\0') {
		size_t length = strcspn(printers, " ");

		json_string_n(writer, printers, length);
		printers += length + (printers[length] == ' ');
	}
	json_array_end(writer);
}

void users_refuse_login(struct http_request *request, enum access_outcome outcome, int64_t wait_s)
{
	char seconds[NUMBER_SIZE];

	if (outcome == ACCESS_WRONG) {
		rest_respond_problem(request, USERS_UNAUTHORIZED, "wrong name or password");
		return;
	}
	snprintf(seconds, sizeof(seconds), "%lld", (long long)(wait_s > 0 ? wait_s : 1));
	http_request_add_header(request, "retry-after", seconds);
	if (outcome == ACCESS_TOO_SOON) {
		rest_respond_problem(request, USERS_TOO_MANY,
				     "too many wrong passwords: wait %s s before the next",
				     seconds);
	} else {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "too many logins at once: try again in a moment");
	}
}
