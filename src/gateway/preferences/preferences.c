/* SPDX-License-Identifier: MIT */
#include "gateway/preferences/preferences.h"
#include "store/file/json.h"

#include "gateway/preferences/internal.h"
#include "gateway/rest/rest.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "page.json"
#define FILE_MODE 0600
#define EVENT     "page"
/* Members of the file. */
#define OF_GATEWAY "gateway"
#define OF_USERS   "users"
/* Of a user: one of the same name who was added later begins anew. */
#define SINCE    "since"
#define SETTINGS "settings"

struct preferences {
	struct access *access;
	struct gateway_events *events;
	cJSON *root;
	char path[PATH_MAX];
};

/* --- the file --- */

static int load(struct preferences *preferences, struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(preferences->path, &file, problem);

	if (!error) {
		preferences->root = file.text ? store_json_parse(file.text, file.length)
					      : cJSON_CreateObject();
		error = preferences->root || errno != ENOMEM ? 0 : problem_memory(problem);
	}
	if (!error && !cJSON_IsObject(preferences->root)) {
		problem_set(problem,
			    "%.900s is damaged: remove it, and pages begin with what their "
			    "browsers keep",
			    preferences->path);
		error = FLAGSHIP_ERROR_STORE;
	}
	store_file_release(&file);
	return error;
}

static int save(const struct preferences *preferences, const cJSON *root, struct problem *problem)
{
	char *text = cJSON_PrintUnformatted(root);

	if (!text) {
		return problem_memory(problem);
	}
	/* Without a lock, for which the loop would wait: the folder is this gateway's alone. */
	int trouble = replace_file(preferences->path, text, strlen(text), FILE_MODE);
	cJSON_free(text);
	return trouble ? problem_cannot(problem, "write", preferences->path, trouble,
					"; nothing was changed")
		       : 0;
}

/* --- whose they are --- */

static bool is_of(const cJSON *kept, const struct access_user *user)
{
	const cJSON *since = cJSON_GetObjectItemCaseSensitive(kept, SINCE);

	return user && cJSON_IsNumber(since) && since->valuedouble == (double)user->created_at;
}

/* Borrowed; NULL where there are none. owner "": of the gateway. */
static const cJSON *find_settings(const struct preferences *preferences, const char *owner)
{
	const cJSON *settings = NULL;

	if (owner[0] == '\0') {
		settings = cJSON_GetObjectItemCaseSensitive(preferences->root, OF_GATEWAY);
	} else {
		const cJSON *users = cJSON_GetObjectItemCaseSensitive(preferences->root, OF_USERS);
		const cJSON *kept = cJSON_GetObjectItemCaseSensitive(users, owner);

		if (is_of(kept, access_book_user(access_book_of(preferences->access), owner))) {
			settings = cJSON_GetObjectItemCaseSensitive(kept, SETTINGS);
		}
	}
	return cJSON_IsObject(settings) ? settings : NULL;
}

static void drop_strangers(const struct preferences *preferences, cJSON *users)
{
	const struct access_book *book = access_book_of(preferences->access);
	cJSON *next;

	for (cJSON *kept = users ? users->child : NULL; kept; kept = next) {
		next = kept->next;
		if (!is_of(kept, access_book_user(book, kept->string))) {
			cJSON_Delete(cJSON_DetachItemViaPointer(users, kept));
		}
	}
}

/* Takes `settings` over, whatever comes of it. False for want of memory. */
static bool put_settings(const struct preferences *preferences, cJSON *root, const char *owner,
			 cJSON *settings)
{
	if (owner[0] == '\0') {
		cJSON_DeleteItemFromObjectCaseSensitive(root, OF_GATEWAY);
		if (cJSON_AddItemToObject(root, OF_GATEWAY, settings)) {
			return true;
		}
		cJSON_Delete(settings);
		return false;
	}
	const struct access_user *user = access_book_user(access_book_of(preferences->access),
							  owner);
	if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(root, OF_USERS))) {
		cJSON_DeleteItemFromObjectCaseSensitive(root, OF_USERS);
		cJSON_AddObjectToObject(root, OF_USERS);
	}
	cJSON *users = cJSON_GetObjectItemCaseSensitive(root, OF_USERS);
	drop_strangers(preferences, users);
	cJSON_DeleteItemFromObjectCaseSensitive(users, owner);
	cJSON *kept = user && users ? cJSON_AddObjectToObject(users, owner) : NULL;
	if (!kept || !cJSON_AddNumberToObject(kept, SINCE, (double)user->created_at) ||
	    !cJSON_AddItemToObject(kept, SETTINGS, settings)) {
		cJSON_Delete(settings);
		return false;
	}
	return true;
}

/* --- what is changed --- */

/* As they are afterwards; NULL for want of memory. */
static cJSON *merge_settings(const cJSON *settings, const cJSON *changes)
{
	cJSON *merged = settings ? cJSON_Duplicate(settings, true) : cJSON_CreateObject();
	const cJSON *change;

	cJSON_ArrayForEach(change, changes)
	{
		if (!merged) {
			return NULL;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(merged, change->string);
		cJSON *copy = cJSON_IsNull(change) ? NULL : cJSON_Duplicate(change, true);

		if (!cJSON_IsNull(change) &&
		    (!copy || !cJSON_AddItemToObject(merged, change->string, copy))) {
			cJSON_Delete(copy);
			cJSON_Delete(merged);
			return NULL;
		}
	}
	return merged;
}

/* Written before it counts: what a page was answered with is there after a power cut. */
static int keep(struct preferences *preferences, const char *owner, cJSON *settings,
		struct problem *problem)
{
	cJSON *root = cJSON_Duplicate(preferences->root, true);

	if (!root) {
		cJSON_Delete(settings);
		return problem_memory(problem);
	}
	int error = put_settings(preferences, root, owner, settings)
			    ? save(preferences, root, problem)
			    : problem_memory(problem);
	if (error) {
		cJSON_Delete(root);
		return error;
	}
	cJSON_Delete(preferences->root);
	preferences->root = root;
	return 0;
}

static void tell(const struct preferences *preferences, const char *owner, const cJSON *changes)
{
	char *text = cJSON_PrintUnformatted(changes);

	if (text) {
		gateway_events_tell_user(preferences->events, EVENT, owner, text, strlen(text));
	}
	cJSON_free(text);
}

/* --- what is shown --- */

/* Serial numbers are what is listed, or the names of members. */
static void drop_unseen(const struct http_request *request, cJSON *settings, const char *member)
{
	cJSON *listed = cJSON_GetObjectItemCaseSensitive(settings, member);
	cJSON *next;

	for (cJSON *item = listed ? listed->child : NULL; item; item = next) {
		const char *serial = cJSON_IsObject(listed) ? item->string : item->valuestring;

		next = item->next;
		if (!serial || !access_may_see(request, serial)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(listed, item));
		}
	}
}

/* NULL for want of memory. */
static char *print_shown(const struct http_request *request, const cJSON *settings)
{
	const struct access_identity *identity = access_identity(request);

	if (!identity || !access_identity_sees_less(identity)) {
		return cJSON_PrintUnformatted(settings);
	}
	cJSON *seen = cJSON_Duplicate(settings, true);
	drop_unseen(request, seen, "fleet_order");
	drop_unseen(request, seen, "fleet_hidden");
	drop_unseen(request, seen, "fleet_groups");
	char *text = seen ? cJSON_PrintUnformatted(seen) : NULL;
	cJSON_Delete(seen);
	return text;
}

static void respond(struct http_request *request, const struct preferences *preferences,
		    const char *owner)
{
	const cJSON *settings = find_settings(preferences, owner);
	char *text = settings ? print_shown(request, settings) : NULL;
	const char *answer = settings ? text : "{}";

	if (answer) {
		rest_respond_json(request, REST_OK, answer, strlen(answer));
	} else {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	}
	cJSON_free(text);
}

static bool is_too_large(const cJSON *settings)
{
	char *text = cJSON_PrintUnformatted(settings);
	bool too_large = !text || strlen(text) > PREFERENCES_MAX;

	cJSON_free(text);
	return too_large;
}

static void change(struct preferences *preferences, struct http_request *request, const char *owner,
		   const cJSON *changes)
{
	cJSON *settings = merge_settings(find_settings(preferences, owner), changes);
	struct problem problem;

	if (!settings) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	} else if (is_too_large(settings)) {
		rest_respond_problem(request, REST_TOO_LARGE,
				     "the settings of one user's pages take %d bytes at most",
				     PREFERENCES_MAX);
		cJSON_Delete(settings);
	} else if (keep(preferences, owner, settings, &problem)) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
	} else {
		tell(preferences, owner, changes);
		respond(request, preferences, owner);
	}
}

/* --- the routes --- */

/* Whose it is to change. */
static const char *owner_of(const struct http_request *request)
{
	return access_identity_user(access_identity(request));
}

static const char *shown_as(const struct http_request *request)
{
	const struct access_identity *identity = access_identity(request);

	return identity ? access_identity_shown_as(identity) : NULL;
}

static void refuse_key(struct http_request *request)
{
	rest_respond_problem(request, REST_CONFLICT,
			     "settings of pages are kept for users, and who asks has a key");
}

static void get_page_settings(struct http_request *request, void *context)
{
	const char *owner = shown_as(request);

	if (owner) {
		respond(request, context, owner);
	} else {
		refuse_key(request);
	}
}

static void patch_page_settings(struct http_request *request, void *context)
{
	const char *owner = owner_of(request);
	cJSON *changes = rest_read_body(request, preferences_members);

	if (!changes) {
		return;
	}
	if (!owner) {
		refuse_key(request);
	} else if (!preferences_fit(changes)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a setting has a value that no page has");
	} else {
		change(context, request, owner, changes);
	}
	cJSON_Delete(changes);
}

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/session/page",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = get_page_settings},
	{.methods = HTTP_PATCH,
	 .path = REST_ROOT "/session/page",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = patch_page_settings},
};

void preferences_fill_api(struct preferences *preferences, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = preferences,
		.prefixes = REST_ROOT "/session/page",
		.refuse = rest_refuse,
		.json_only = true,
	};
}

char *preferences_text(const struct preferences *preferences, const struct http_request *request,
		       size_t *length)
{
	const char *owner = shown_as(request);
	const cJSON *settings = owner ? find_settings(preferences, owner) : NULL;
	char *printed = settings ? print_shown(request, settings) : NULL;
	const char *text = settings ? printed : owner ? "{}" : "null";
	char *copy = text ? strdup(text) : NULL;

	cJSON_free(printed);
	*length = copy ? strlen(copy) : 0;
	return copy;
}

int preferences_create(struct access *access, struct gateway_events *events, const char *folder,
		       struct preferences **out, struct problem *problem)
{
	struct preferences *preferences = calloc(1, sizeof(*preferences));

	*out = NULL;
	if (!preferences) {
		return problem_memory(problem);
	}
	preferences->access = access;
	preferences->events = events;
	int length = snprintf(preferences->path, sizeof(preferences->path), "%s/" FILE_NAME,
			      folder);
	int error = FLAGSHIP_ERROR_ARGUMENT;
	if (length < 1 || (size_t)length >= sizeof(preferences->path)) {
		problem_set(problem, "the path of " FILE_NAME " would be too long");
	} else {
		error = load(preferences, problem);
	}
	if (error) {
		preferences_destroy(preferences);
		return error;
	}
	*out = preferences;
	return 0;
}

void preferences_destroy(struct preferences *preferences)
{
	if (preferences) {
		cJSON_Delete(preferences->root);
		free(preferences);
	}
}
