/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"
#include "store/file/file.h"
#include "store/file/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <flagship/error.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What clients keep here: settings of a page, presets. Of each printer a tree of its own, by
 * namespace. It is in memory, and written as a whole, on a thread, a second after it changed.
 */
#define FILE_NAME      "moonraker.json"
#define FILE_MODE      0600
#define NAMESPACES_MAX 64 /* of a printer */
#define NAME_SIZE      128
#define KEY_SIZE       1024
#define PARTS_MAX      8

struct moonraker_database {
	uv_work_t work;
	struct log *log;
	cJSON *root;  /* serial number → namespace → value */
	cJSON *first; /* namespace → value, of who asks for one that a printer has not */
	char path[PATH_MAX];
	size_t size; /* of all of it as text, or somewhat more */
	bool changed;
	bool writing;
	bool is_last; /* what changes now is not written later */
	char *text;   /* that is being written */
	size_t length;
	int error;
	struct problem problem;
};

/* A place in it, as a client names it. */
struct place {
	char space[NAME_SIZE];
	char key[KEY_SIZE]; /* its parts, each with a NUL */
	size_t offsets[PARTS_MAX];
	size_t count;
};

/* --- the file --- */

int moonraker_open_database(struct moonraker *moonraker, struct problem *problem)
{
	struct moonraker_database *database = calloc(1, sizeof(*database));
	struct store_file file;

	if (!database) {
		return problem_memory(problem);
	}
	moonraker->database = database;
	database->work.data = database;
	database->log = moonraker->options.log;
	database->first = store_json_parse(moonraker_first_items, strlen(moonraker_first_items));
	if (!database->first) {
		return problem_memory(problem);
	}
	int length = snprintf(database->path, sizeof(database->path), "%s/" FILE_NAME,
			      moonraker->options.folder);
	if (length < 1 || (size_t)length >= sizeof(database->path)) {
		problem_set(problem, "the path of " FILE_NAME " would be too long");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = store_file_read(database->path, &file, problem);
	if (!error) {
		database->root = file.text ? store_json_parse(file.text, file.length)
					   : cJSON_CreateObject();
		error = database->root || errno != ENOMEM ? 0 : problem_memory(problem);
		database->size = file.length;
	}
	if (!error && !cJSON_IsObject(database->root)) {
		problem_set(problem,
			    "%.900s is damaged: remove it, and pages of Moonraker's clients begin "
			    "with their defaults",
			    database->path);
		error = FLAGSHIP_ERROR_STORE;
	}
	store_file_release(&file);
	return error;
}

static void write_file(uv_work_t *work)
{
	struct moonraker_database *database = work->data;
	struct store_lock lock;

	database->error = store_lock_take(database->path, &lock, &database->problem);
	if (!database->error) {
		database->error = store_file_replace(&lock, database->text, database->length,
						     FILE_MODE, &database->problem);
		store_lock_release(&lock);
	}
}

static bool make_text(struct moonraker_database *database)
{
	database->text = cJSON_PrintUnformatted(database->root);
	if (!database->text) {
		return false;
	}
	database->length = strlen(database->text);
	database->size = database->length;
	database->changed = false;
	return true;
}

static void end_writing(struct moonraker_database *database)
{
	database->writing = false;
	cJSON_free(database->text);
	database->text = NULL;
	if (database->error) {
		log_bounded(database->log, LOG_LEVEL_WARNING, MOONRAKER_LOG,
			    database->problem.text);
		database->changed = true;
	}
}

/* At the end, when threads may have more to do than there is time for. */
static void write_now(struct moonraker_database *database)
{
	if (database->changed && make_text(database)) {
		write_file(&database->work);
		end_writing(database);
	}
}

static void on_written(uv_work_t *work, int status)
{
	struct moonraker_database *database = work->data;

	(void)status;
	end_writing(database);
	if (database->is_last && !database->error) {
		write_now(database);
	}
}

static void start_writing(struct moonraker_database *database, uv_loop_t *loop)
{
	if (!make_text(database)) {
		return;
	}
	database->writing = uv_queue_work(loop, &database->work, write_file, on_written) == 0;
	if (!database->writing) {
		cJSON_free(database->text);
		database->text = NULL;
		database->changed = true;
	}
}

void moonraker_save_database(struct moonraker *moonraker)
{
	struct moonraker_database *database = moonraker->database;

	if (database && database->root && database->changed && !database->writing) {
		start_writing(database, moonraker->loop);
	}
}

void moonraker_save_last(struct moonraker *moonraker)
{
	struct moonraker_database *database = moonraker->database;

	if (database && database->root) {
		database->is_last = true;
		if (!database->writing) {
			write_now(database);
		}
	}
}

void moonraker_close_database(struct moonraker *moonraker)
{
	struct moonraker_database *database = moonraker->database;

	if (database) {
		cJSON_Delete(database->root);
		cJSON_Delete(database->first);
		cJSON_free(database->text);
		free(database);
	}
	moonraker->database = NULL;
}

/* --- places --- */

static bool add_part(struct place *place, struct flagship_text text, size_t *used)
{
	size_t length = flagship_text_copy(text, place->key + *used, sizeof(place->key) - *used);

	if (place->count == PARTS_MAX || length == 0 || length >= sizeof(place->key) - *used) {
		return false;
	}
	place->offsets[place->count++] = *used;
	*used += length + 1;
	return true;
}

/* "a.b" is two parts, as is ["a","b"]. */
static bool split_key(struct place *place, struct flagship_text text)
{
	size_t length = flagship_text_copy(text, place->key, sizeof(place->key));

	if (length == 0 || length >= sizeof(place->key)) {
		return false;
	}
	for (char *part = place->key; part;) {
		char *dot = strchr(part, '.');

		if (dot) {
			*dot++ = '\0';
		}
		if (place->count == PARTS_MAX || part[0] == '\0') {
			return false;
		}
		place->offsets[place->count++] = (size_t)(part - place->key);
		part = dot;
	}
	return true;
}

static bool read_key(struct place *place, const struct json_value *value)
{
	struct json_walk walk;
	struct json_value item;
	size_t used = 0;

	if (value->kind == JSON_STRING) {
		return split_key(place, value->text);
	}
	if (value->kind != JSON_ARRAY) {
		return false;
	}
	json_walk_init_valid(&walk, value);
	while (json_walk_item(&walk, &item)) {
		if (item.kind != JSON_STRING || !add_part(place, item.text, &used)) {
			return false;
		}
	}
	return place->count > 0;
}

static cJSON *find_child(const cJSON *parent, const char *name)
{
	return cJSON_IsObject(parent) ? cJSON_GetObjectItemCaseSensitive(parent, name) : NULL;
}

/* In place of what is there, which stays where memory is short: the first of a name is the old one.
 * False: the item is still the caller's. */
static bool put_child(cJSON *parent, const char *name, cJSON *item)
{
	bool replaces = find_child(parent, name) != NULL;

	if (!cJSON_AddItemToObject(parent, name, item)) {
		return false;
	}
	if (replaces) {
		cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
	}
	return true;
}

static cJSON *make_child(cJSON *parent, const char *name)
{
	cJSON *child = find_child(parent, name);

	if (cJSON_IsObject(child)) {
		return child;
	}
	child = cJSON_CreateObject();
	if (!child || !put_child(parent, name, child)) {
		cJSON_Delete(child);
		return NULL;
	}
	return child;
}

/* What a page finds at its first start, which counts as changed once the page changes it. False for
 * want of memory. */
static bool begin_space(const struct moonraker_call *call, const struct place *place)
{
	struct moonraker_database *database = call->moonraker->database;
	const cJSON *first = find_child(database->first, place->space);

	if (!first) {
		return true;
	}
	cJSON *spaces = make_child(database->root, call->printer->serial);
	if (!spaces || find_child(spaces, place->space)) {
		return spaces != NULL;
	}
	cJSON *copy = cJSON_Duplicate(first, true);
	if (!copy || !put_child(spaces, place->space, copy)) {
		cJSON_Delete(copy);
		return false;
	}
	return true;
}

static cJSON *spaces_of(const struct moonraker_call *call)
{
	return find_child(call->moonraker->database->root, call->printer->serial);
}

/* False where it was answered. */
static bool read_place(struct moonraker_call *call, struct place *place)
{
	struct json_value key;

	*place = (struct place){.count = 0};
	if (!rpc_param_text(call->params, "namespace", place->space, sizeof(place->space)) ||
	    place->space[0] == '\0') {
		moonraker_fail(call, RPC_INVALID_PARAMS,
			       "namespace is to be a text of at most %d bytes", NAME_SIZE - 1);
		return false;
	}
	if (rpc_param(call->params, "key", &key) && !read_key(place, &key)) {
		moonraker_fail(call, RPC_INVALID_PARAMS,
			       "key is to be a text, or an array of texts: at most %d parts",
			       PARTS_MAX);
		return false;
	}
	if (!begin_space(call, place)) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return false;
	}
	return true;
}

/* --- answers --- */

struct item {
	const struct moonraker_call *call;
	struct flagship_json key; /* as it came; length 0: null */
	const char *space;
	const char *value; /* as text */
};

static void write_item(struct json_writer *writer, const void *context)
{
	const struct item *item = context;

	json_object_begin(writer);
	json_member_string(writer, "namespace", item->space);
	json_key(writer, "key");
	if (item->key.length > 0) {
		json_raw(writer, item->key.data, item->key.length);
	} else {
		json_null(writer);
	}
	json_key(writer, "value");
	json_raw(writer, item->value, strlen(item->value));
	json_object_end(writer);
}

static void answer_item(struct moonraker_call *call, const struct place *place, const cJSON *value)
{
	struct item item = {.call = call, .space = place->space};
	struct json_value key;
	char *text = cJSON_PrintUnformatted(value);

	if (!text) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	if (rpc_param(call->params, "key", &key)) {
		item.key = key.json;
	}
	item.value = text;
	moonraker_answer(call, write_item, &item);
	cJSON_free(text);
}

static void write_spaces(struct json_writer *writer, const void *context)
{
	const cJSON *spaces = context;

	json_object_begin(writer);
	json_key(writer, "namespaces");
	json_array_begin(writer);
	for (const cJSON *at = spaces ? spaces->child : NULL; at; at = at->next) {
		json_string(writer, at->string);
	}
	json_array_end(writer);
	json_key(writer, "backups");
	json_array_begin(writer);
	json_array_end(writer);
	json_object_end(writer);
}

void moonraker_database_list(struct moonraker_call *call)
{
	moonraker_answer(call, write_spaces, spaces_of(call));
}

/* NULL where it was answered. parent: what it is in. */
static cJSON *find_item(struct moonraker_call *call, const struct place *place, cJSON **parent)
{
	cJSON *at = find_child(spaces_of(call), place->space);

	*parent = spaces_of(call);
	if (!at) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND, "Namespace '%s' not found", place->space);
		return NULL;
	}
	for (size_t i = 0; i < place->count; i++) {
		*parent = at;
		at = find_child(at, place->key + place->offsets[i]);
		if (!at) {
			moonraker_fail(call, MOONRAKER_NOT_FOUND,
				       "Key '%s' in namespace '%s' not found",
				       place->key + place->offsets[i], place->space);
			return NULL;
		}
	}
	return at;
}

void moonraker_database_get(struct moonraker_call *call)
{
	struct place place;
	cJSON *parent;
	const cJSON *item = read_place(call, &place) ? find_item(call, &place, &parent) : NULL;

	if (item) {
		answer_item(call, &place, item);
	}
}

static bool has_room(const struct moonraker_call *call, const struct place *place)
{
	const cJSON *spaces = spaces_of(call);

	return find_child(spaces, place->space) || cJSON_GetArraySize(spaces) < NAMESPACES_MAX;
}

/* False for want of memory. */
static bool put_value(struct moonraker_call *call, const struct place *place, cJSON *value)
{
	cJSON *spaces = make_child(call->moonraker->database->root, call->printer->serial);
	cJSON *at = spaces ? make_child(spaces, place->space) : NULL;

	for (size_t i = 0; at && i + 1 < place->count; i++) {
		at = make_child(at, place->key + place->offsets[i]);
	}
	if (!at) {
		return false;
	}
	return put_child(at, place->key + place->offsets[place->count - 1], value);
}

void moonraker_database_post(struct moonraker_call *call)
{
	struct moonraker_database *database = call->moonraker->database;
	struct json_value text;
	struct place place;

	if (!read_place(call, &place)) {
		return;
	}
	if (place.count == 0 || call->params.length == 0 ||
	    !json_object_find(call->params, "value", &text)) {
		moonraker_fail(call, RPC_INVALID_PARAMS, "key and value are to be given");
		return;
	}
	if (database->size + text.json.length + sizeof(place) > MOONRAKER_DATABASE_MAX) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "the database is full: at most %d bytes are kept",
			       MOONRAKER_DATABASE_MAX);
		return;
	}
	if (!has_room(call, &place)) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "there is no room for it: at most %d namespaces are kept",
			       NAMESPACES_MAX);
		return;
	}
	cJSON *value = store_json_parse(text.json.data, text.json.length);
	if (!value && errno != ENOMEM) {
		moonraker_fail(call, RPC_INVALID_PARAMS, "the value cannot be kept");
		return;
	}
	if (!value || !put_value(call, &place, value)) {
		cJSON_Delete(value);
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	/* Names count, too, until it is written, and is measured. */
	database->size += text.json.length + strlen(place.space) + sizeof(place.offsets);
	database->changed = true;
	answer_item(call, &place, value);
}

void moonraker_database_delete(struct moonraker_call *call)
{
	struct place place;
	cJSON *parent;
	cJSON *item = read_place(call, &place) ? find_item(call, &place, &parent) : NULL;

	if (item) {
		(void)cJSON_DetachItemViaPointer(parent, item);
		call->moonraker->database->changed = true;
		answer_item(call, &place, item);
		cJSON_Delete(item);
	}
}
