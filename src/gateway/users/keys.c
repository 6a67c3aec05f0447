/* SPDX-License-Identifier: MIT */
#include "gateway/users/internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* Keys of programs, and the settings. */

static void write_key(struct json_writer *writer, const struct access_key *key, const char *secret)
{
	json_object_begin(writer);
	json_member_string(writer, "id", key->id);
	json_member_string(writer, "name", key->name);
	users_write_grant(writer, &key->grant);
	json_member_bool(writer, "digest", key->ha1[0] != '\0');
	json_member_int(writer, "created_at", key->created_at);
	json_key(writer, "expires_at");
	if (key->expires_at != 0) {
		json_int(writer, key->expires_at);
	} else {
		json_null(writer);
	}
	if (secret) {
		json_member_string(writer, "key", secret);
	}
	json_object_end(writer);
}

static void write_keys(struct json_writer *writer, const void *context)
{
	const struct access_book *book = context;

	json_array_begin(writer);
	for (size_t i = 0; i < book->key_count; i++) {
		write_key(writer, &book->keys[i], NULL);
	}
	json_array_end(writer);
}

void users_list_keys(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_keys, access_book_of(context));
}

/* The only time that its secret is shown. */
static void write_made_key(struct json_writer *writer, const void *context)
{
	const struct users_work *work = context;
	const struct access_key *key = access_book_key(access_book_of(work->access),
						       work->change.id);

	if (key) {
		write_key(writer, key, work->change.secret);
	} else {
		json_null(writer);
	}
}

/* False where it is there and no whole number. */
static bool read_seconds(const cJSON *body, const char *name, int64_t *seconds)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);

	*seconds = 0;
	if (!item) {
		return true;
	}
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 1) || !(item->valuedouble < 1e9)) {
		return false;
	}
	*seconds = (int64_t)item->valuedouble;
	return (double)*seconds == item->valuedouble;
}

void users_add_key(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "name role printers digest expires_in_s");
	bool digest = false;
	bool is_known = body && rest_read_flag(request, body, "digest", &digest);
	struct users_work *work = is_known ? users_make_work(context, request, body) : NULL;
	int64_t expires_in_s = 0;
	bool is_number = !body || read_seconds(body, "expires_in_s", &expires_in_s);

	cJSON_Delete(body);
	if (!work) {
		return;
	}
	work->change.digest = digest;
	work->change.maker = access_identity_user(access_identity(request));
	work->change.expires_in_s = expires_in_s;
	if (!is_number || (expires_in_s != 0 && (expires_in_s < ACCESS_EXPIRY_MIN_S ||
						 expires_in_s > ACCESS_EXPIRY_MAX_S))) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "expires_in_s is a whole number, from a minute to ten years");
	} else if (users_change(context, request, access_add_key, &work->change, "add key",
				work->name)) {
		rest_respond(request, REST_CREATED, write_made_key, work);
	}
	users_free_work(work);
}

void users_remove_key(struct http_request *request, void *context)
{
	const char *id = http_request_parameter(request, "key");
	struct access_change change = {0};

	snprintf(change.id, sizeof(change.id), "%s", id);
	if (strlen(id) >= sizeof(change.id)) {
		change.id[0] = '\0';
	}
	if (users_change(context, request, access_remove_key, &change, "remove key", change.id)) {
		rest_respond_text(request, REST_NO_CONTENT, NULL, NULL, 0);
	}
}

/* --- settings --- */

static void write_settings(struct json_writer *writer, const void *context)
{
	const struct access_settings *settings = context;

	json_object_begin(writer);
	json_member_string(writer, "names", settings->names);
	json_member_string(writer, "trusted_networks", settings->trusted_networks);
	json_member_string(writer, "cors_origins", settings->cors_origins);
	json_member_int(writer, "session_idle_s", settings->session_idle_s);
	json_member_int(writer, "session_max_s", settings->session_max_s);
	json_object_end(writer);
}

void users_get_settings(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_settings, &access_book_of(context)->settings);
}

void users_set_settings(struct http_request *request, void *context)
{
	static const char members[] =
		"names trusted_networks cors_origins session_idle_s session_max_s";
	cJSON *body = rest_read_body(request, members);

	if (!body) {
		return;
	}
	struct access_settings_change change = {
		.names = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "names")),
		.trusted_networks = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(body, "trusted_networks")),
		.cors_origins = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(body, "cors_origins")),
	};
	if (!read_seconds(body, "session_idle_s", &change.session_idle_s) ||
	    !read_seconds(body, "session_max_s", &change.session_max_s)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "seconds are whole numbers");
	} else if (users_change(context, request, access_set_settings, &change, "change settings",
				NULL)) {
		users_get_settings(request, context);
	}
	cJSON_Delete(body);
}
