/* SPDX-License-Identifier: MIT */
#include "gateway/users/users.h"

#include "gateway/users/internal.h"

#include <stdlib.h>
#include <string.h>

static void write_users(struct json_writer *writer, const void *context)
{
	const struct access_book *book = context;

	json_array_begin(writer);
	for (size_t i = 0; i < book->user_count; i++) {
		const struct access_user *user = &book->users[i];

		json_object_begin(writer);
		json_member_string(writer, "name", user->name);
		users_write_grant(writer, &user->grant);
		json_member_int(writer, "created_at", user->created_at);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void users_list(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_users, access_book_of(context));
}

static void users_add(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "name password role printers");
	struct users_work *work = body ? users_make_work(context, request, body) : NULL;

	cJSON_Delete(body);
	if (work && (!access_name_valid(work->name) || work->change.role == ACCESS_NOBODY)) {
		rest_respond_problem(
			request, REST_BAD_REQUEST,
			"a user has a name of letters, digits and . _ - @, 63 at most, "
			"and a role");
		users_free_work(work);
	} else if (work) {
		work->apply = access_add_user;
		work->action = "add user";
		work->status = REST_CREATED;
		users_hash_and_change(work, request);
	}
}

static void write_user(struct json_writer *writer, const void *context)
{
	const struct access_user *user = context;

	json_object_begin(writer);
	json_member_string(writer, "name", user->name);
	users_write_grant(writer, &user->grant);
	json_object_end(writer);
}

static void users_set(struct http_request *request, void *context)
{
	const char *name = http_request_parameter(request, "name");
	cJSON *body = rest_read_body(request, "password role printers");
	struct users_work *work = body ? users_make_work(context, request, body) : NULL;
	bool has_password = body && cJSON_HasObjectItem(body, "password");

	cJSON_Delete(body);
	if (!work) {
		return;
	}
	if (strlen(name) < sizeof(work->name)) {
		memcpy(work->name, name, strlen(name) + 1);
	}
	work->apply = access_set_user;
	work->action = "change user";
	work->status = REST_OK;
	if (has_password) {
		users_hash_and_change(work, request);
		return;
	}
	if (users_change(context, request, access_set_user, &work->change, work->action,
			 work->name)) {
		rest_respond(request, REST_OK, write_user,
			     access_book_user(access_book_of(context), work->name));
	}
	users_free_work(work);
}

/* --- users.c --- */
static void users_remove(struct http_request *request, void *context)
{
	struct access_change change = {.name = http_request_parameter(request, "name")};

	if (users_change(context, request, access_remove_user, &change, "remove user",
			 change.name)) {
		rest_respond_text(request, REST_NO_CONTENT, NULL, NULL, 0);
	}
}

/* --- what was changed last --- */

static void write_activity(struct json_writer *writer, const void *context)
{
	const struct activity *activity = context;

	json_array_begin(writer);
	for (size_t i = 0; i < activity_count(activity); i++) {
		const struct activity_entry *entry = activity_at(activity, i);

		json_object_begin(writer);
		json_key(writer, "at");
		rest_write_time(writer, entry->at);
		json_member_string(writer, "method", entry->method);
		json_member_string(writer, "path", entry->path);
		json_member_known(writer, "user", entry->user);
		json_member_string(writer, "address", entry->address);
		json_member_int(writer, "status", entry->status);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void get_activity(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_activity, access_activity(context));
}

/* --- the routes --- */

#define USER REST_ROOT "/users/{name}"
#define OWN  (WEB_VIEW | WEB_FILTERS)

static const struct http_route routes[] = {
	{.methods = HTTP_POST, .path = REST_ROOT "/login", .handle = users_post_login},
	{.methods = HTTP_POST, .path = REST_ROOT "/setup", .handle = users_post_setup},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/logout",
	 .rights = OWN,
	 .handle = users_post_logout},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/session",
	 .rights = OWN,
	 .handle = users_get_session},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/session/password",
	 .rights = OWN,
	 .handle = users_post_password},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/users",
	 .rights = WEB_ADMIN,
	 .handle = users_list},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/users",
	 .rights = WEB_ADMIN,
	 .handle = users_add},
	{.methods = HTTP_PATCH, .path = USER, .rights = WEB_ADMIN, .handle = users_set},
	{.methods = HTTP_DELETE, .path = USER, .rights = WEB_ADMIN, .handle = users_remove},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/keys",
	 .rights = WEB_ADMIN,
	 .handle = users_list_keys},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/keys",
	 .rights = WEB_ADMIN,
	 .handle = users_add_key},
	{.methods = HTTP_DELETE,
	 .path = REST_ROOT "/keys/{key}",
	 .rights = WEB_ADMIN,
	 .handle = users_remove_key},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/app-keys",
	 .rights = WEB_ADMIN,
	 .handle = users_list_app_keys},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/app-keys/{request}",
	 .rights = WEB_ADMIN,
	 .handle = users_decide_app_key},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/activity",
	 .rights = WEB_ADMIN,
	 .handle = get_activity},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/settings",
	 .rights = WEB_ADMIN,
	 .handle = users_get_settings},
	{.methods = HTTP_PATCH,
	 .path = REST_ROOT "/settings",
	 .rights = WEB_ADMIN,
	 .handle = users_set_settings},
};

void users_fill_api(struct access *access, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = access,
		.prefixes = REST_ROOT "/users",
		.refuse = rest_refuse,
		.json_only = true,
	};
}
