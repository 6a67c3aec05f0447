/* SPDX-License-Identifier: MIT */
#include "gateway/files/metadata_json.h"
#include "gateway/files/receive.h"
#include "gateway/rest/internal.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS_PER_S      1000
#define YEAR_BASE     1900
#define TIME_SIZE     64
#define LOCATION_SIZE (FILES_URL_SIZE + 32)
#define INDEX_DIGITS  2
#define NEWEST_MAX    100

/* The file area: what was uploaded, for whichever printer. */

/* --- what a file is shown as --- */

void rest_write_time(struct json_writer *writer, int64_t unix_s)
{
	time_t seconds = (time_t)unix_s;
	char text[TIME_SIZE];
	struct tm utc;

	if (!gmtime_r(&seconds, &utc)) {
		json_null(writer);
		return;
	}
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + YEAR_BASE,
		 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
	json_string(writer, text);
}

static void write_entry(struct json_writer *writer, const void *context)
{
	const struct files_entry *entry = context;

	json_object_begin(writer);
	json_member_string(writer, "path", entry->path);
	json_member_string(writer, "type", entry->is_folder ? "folder" : "file");
	json_member_int(writer, "size", entry->size);
	json_key(writer, "modified_at");
	rest_write_time(writer, entry->modified_ms / MS_PER_S);
	json_member_known(writer, "sha256", entry->hash);
	json_key(writer, "metadata");
	if (entry->metadata) {
		files_write_metadata(writer, entry->metadata);
	} else {
		json_null(writer);
	}
	json_object_end(writer);
}

struct files_wanted {
	const struct files *files;
	size_t newest; /* so many files, the newest first; 0: all, folders too, by their paths */
};

/* Of one time, the order of their paths stays. Returns how many there are. */
static size_t find_newest(const struct files_wanted *wanted,
			  const struct files_entry *found[NEWEST_MAX])
{
	const struct files_entry *entry = NULL;
	size_t count = 0;

	while ((entry = files_next(wanted->files, entry))) {
		size_t at = count;

		if (entry->is_folder) {
			continue;
		}
		while (at > 0 && found[at - 1]->modified_ms < entry->modified_ms) {
			at--;
		}
		if (at == wanted->newest) {
			continue;
		}
		count += count < wanted->newest ? 1 : 0;
		/* They are pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
		memmove(&found[at + 1], &found[at], (count - at - 1) * sizeof(found[0]));
		found[at] = entry;
	}
	return count;
}

static void write_listed(struct json_writer *writer, const struct files_wanted *wanted)
{
	const struct files_entry *newest[NEWEST_MAX];
	const struct files_entry *entry = NULL;

	if (wanted->newest) {
		size_t count = find_newest(wanted, newest);

		for (size_t i = 0; i < count; i++) {
			write_entry(writer, newest[i]);
		}
		return;
	}
	while ((entry = files_next(wanted->files, entry))) {
		write_entry(writer, entry);
	}
}

static void write_files(struct json_writer *writer, const void *context)
{
	const struct files_wanted *wanted = context;
	struct files_room room;

	files_room(wanted->files, &room);
	json_object_begin(writer);
	json_member_int(writer, "used", room.used);
	json_member_int(writer, "free", room.free);
	json_key(writer, "files");
	json_array_begin(writer);
	write_listed(writer, wanted);
	json_array_end(writer);
	json_object_end(writer);
}

static void refuse_result(struct http_request *request, enum files_result result,
			  const struct problem *problem)
{
	rest_respond_problem(request, files_status(result), "%s", problem->text);
}

/* The file of the route; NULL where that was answered already. */
static const struct files_entry *find_file(struct http_request *request, const struct rest *rest)
{
	const char *path = http_request_parameter(request, "path");
	const struct files_entry *entry = files_find(rest->files, path);

	if (!entry) {
		rest_respond_problem(
			request, REST_NOT_FOUND,
			"there is no file '%.200s': GET " REST_ROOT "/files lists them", path);
	}
	return entry;
}

static void respond_entry(struct http_request *request, int status, const struct files_entry *entry)
{
	char url[FILES_URL_SIZE];
	char location[LOCATION_SIZE];

	files_write_url(entry->path, url);
	snprintf(location, sizeof(location), REST_ROOT "/files/%s", url);
	rest_respond_at(request, status, location, write_entry, entry);
}

/* --- reading --- */

void rest_get_files(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	int64_t newest = 0;

	if (!rest_read_count(request, "newest", 1, NEWEST_MAX, &newest)) {
		return;
	}
	rest_respond(request, REST_OK, write_files,
		     &(struct files_wanted){rest->files, (size_t)newest});
}

void rest_get_file(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const struct files_entry *entry = find_file(request, rest);
	char place[PATH_MAX];

	if (!entry) {
		return;
	}
	if (entry->is_folder) {
		respond_entry(request, REST_OK, entry);
		return;
	}
	const struct http_file file = {.download_name = files_name(entry)};

	if (!files_place(rest->files, entry->path, place) ||
	    !http_respond_file(request, place, &file)) {
		rest_respond_problem(request, REST_NOT_FOUND, "the file '%.200s' is gone",
				     entry->path);
	}
}

void rest_get_metadata(struct http_request *request, void *context)
{
	const struct files_entry *entry = find_file(request, context);

	if (entry) {
		respond_entry(request, REST_OK, entry);
	}
}

/* --- what takes a while --- */

/* A request that is answered later, if its client is there still. */
struct pending {
	struct http_request *request; /* NULL: gone */
	int status;
};

static void on_gone(void *context)
{
	struct pending *pending = context;

	pending->request = NULL;
}

static struct pending *wait_with(struct http_request *request, int status)
{
	struct pending *pending = malloc(sizeof(*pending));

	if (!pending) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return NULL;
	}
	*pending = (struct pending){.request = request, .status = status};
	http_request_watch(request, on_gone, pending);
	return pending;
}

static struct http_request *end_file_waiting(struct pending *pending, int *status)
{
	struct http_request *request = pending->request;

	*status = pending->status;
	if (request) {
		http_request_watch(request, NULL, NULL);
	}
	free(pending);
	return request;
}

static void on_changed(void *context, enum files_result result, const struct files_entry *entry,
		       const struct problem *problem)
{
	int status;
	struct http_request *request = end_file_waiting(context, &status);

	if (!request) {
		return;
	}
	if (result != FILES_DONE) {
		refuse_result(request, result, problem);
	} else if (entry) {
		respond_entry(request, status, entry);
	} else {
		http_respond(request, &(struct http_response){.status = REST_NO_CONTENT});
	}
}

static void on_picture(void *context, enum files_result result, const uint8_t *picture, size_t size,
		       const char *content_type, const struct problem *problem)
{
	int status;
	struct http_request *request = end_file_waiting(context, &status);

	if (!request) {
		return;
	}
	if (result != FILES_DONE) {
		refuse_result(request, result, problem);
		return;
	}
	http_respond_document(request, content_type, picture, size);
}

void rest_get_thumbnail(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const char *word = http_request_parameter(request, "index");
	const struct files_entry *entry = find_file(request, rest);
	size_t digits = strspn(word, "0123456789");

	if (!entry) {
		return;
	}
	struct pending *pending = wait_with(request, REST_OK);
	if (pending) {
		bool is_index = digits > 0 && digits <= INDEX_DIGITS && word[digits] == '\0';

		files_read_picture(rest->files, entry->path,
				   is_index ? (size_t)atoi(word) : GCODE_THUMBNAILS_MAX, on_picture,
				   pending);
	}
}

/* --- changes --- */

static void on_put(void *context, struct http_request *request, const struct files_form *form,
		   enum files_result result, const struct files_entry *entry,
		   const struct problem *problem)
{
	(void)context;
	(void)form;
	if (result == FILES_DONE) {
		respond_entry(request, REST_CREATED, entry);
	} else {
		refuse_result(request, result, problem);
	}
}

void rest_put_file(struct http_request *request, void *context)
{
	static const struct files_receiver receiver = {.done = on_put};
	const struct rest *rest = context;
	const char *none = http_request_header(request, "if-none-match");

	files_receive_body(rest->files, request, http_request_parameter(request, "path"),
			   !none || strcmp(none, "*") != 0, &receiver, context);
}

void rest_delete_file(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const char *path = http_request_parameter(request, "path");
	char word[sizeof("true")];
	bool whole = http_request_query_value(request, "recursive", word, sizeof(word)) &&
		     strcmp(word, "true") == 0;
	struct pending *pending = wait_with(request, REST_NO_CONTENT);

	if (pending) {
		files_delete(rest->files, path, whole, on_changed, pending);
	}
}

static void refuse_action(struct http_request *request)
{
	rest_respond_problem(request, REST_BAD_REQUEST,
			     "the body is to be {\"action\": \"move\" or \"copy\", \"to\": PATH, "
			     "\"overwrite\": false} or {\"action\": \"make-folder\"}");
}

void rest_post_file(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const char *path = http_request_parameter(request, "path");
	cJSON *json;

	if (!web_read_json(request, rest_refuse, &json)) {
		return;
	}
	const char *action = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "action"));
	const char *to = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "to"));
	bool overwrite = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "overwrite"));
	bool makes = action && strcmp(action, "make-folder") == 0;
	bool moves = action && to && strcmp(action, "move") == 0;
	bool copies = action && to && strcmp(action, "copy") == 0;

	if (!makes && !moves && !copies) {
		refuse_action(request);
		cJSON_Delete(json);
		return;
	}
	struct pending *pending = wait_with(request, moves ? REST_OK : REST_CREATED);
	if (pending && makes) {
		files_make_folder(rest->files, path, on_changed, pending);
	} else if (pending) {
		(moves ? files_move : files_copy)(rest->files, path, to, overwrite, on_changed,
						  pending);
	}
	cJSON_Delete(json);
}
