/* SPDX-License-Identifier: MIT */
#include "printer/state/file_list.h"

#include "base/json/reader.h"
#include "printer/state/parts.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN  32
#define DEPTH         (FLAGSHIP_PAYLOAD_DEPTH_MAX + 1)
#define MILLISECONDS  1000
#define LATEST_UNIX_S INT64_C(100000000000) /* a number above is no time in seconds */

/* Names of members that mean the same; the first that is there counts. */
static const char *const list_keys[] = {"fileLists", "fileList", NULL};
static const char *const name_keys[] = {"name", "fileName", NULL};
static const char *const path_keys[] = {"path", "filePath", NULL};
static const char *const size_keys[] = {"size", "fileSize", NULL};
static const char *const time_keys[] = {"timestamp", "time", NULL};

static bool find(struct flagship_json object, const char *const *keys, struct json_value *value)
{
	for (; *keys; keys++) {
		if (json_object_find(object, *keys, value)) {
			return true;
		}
	}
	return false;
}

/* NULL with *error 0 where the text is empty. The caller frees it. */
static char *unescape(struct flagship_text text, int *error)
{
	/* An escape is longer than what it stands for, but for a byte that is no UTF-8. */
	size_t capacity = flagship_text_copy(text, NULL, 0) + 1;
	char *out = capacity > 1 ? malloc(capacity) : NULL;

	if (out) {
		flagship_text_copy(text, out, capacity);
	} else if (capacity > 1) {
		*error = FLAGSHIP_ERROR_MEMORY;
	}
	return out;
}

static char *read_entry_text(struct flagship_json object, const char *const *keys, int *error)
{
	struct json_value value;

	if (!find(object, keys, &value) || value.kind != JSON_STRING) {
		return NULL;
	}
	return unescape(value.text, error);
}

static int64_t read_entry_number(struct flagship_json object, const char *const *keys)
{
	struct json_value value;
	int64_t number;

	if (!find(object, keys, &value) ||
	    (value.kind != JSON_NUMBER && value.kind != JSON_STRING) ||
	    !json_value_to_int(&value, &number) || number < 0) {
		return PRINTER_NEVER;
	}
	return number;
}

static int64_t read_time(struct flagship_json object)
{
	int64_t number = read_entry_number(object, time_keys);

	if (number <= 0) {
		return PRINTER_NEVER;
	}
	return number > LATEST_UNIX_S ? number / MILLISECONDS : number;
}

const char *file_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *copy(const char *text, int *error)
{
	char *out = text && text[0] != '\0' ? strdup(text) : NULL;

	if (!out && text && text[0] != '\0') {
		*error = FLAGSHIP_ERROR_MEMORY;
	}
	return out;
}

static void release(struct listed_file *file)
{
	free(file->name);
	free(file->path);
	*file = (struct listed_file){0};
}

/* False where it is no file, or *error is set. */
static bool read_file(const struct json_value *value, struct listed_file *file, int *error)
{
	if (value->kind == JSON_STRING) {
		file->path = unescape(value->text, error);
		file->size = PRINTER_NEVER;
		file->unix_s = PRINTER_NEVER;
	} else if (value->kind == JSON_OBJECT) {
		file->name = read_entry_text(value->json, name_keys, error);
		file->path = read_entry_text(value->json, path_keys, error);
		file->size = read_entry_number(value->json, size_keys);
		file->unix_s = read_time(value->json);
	}
	if (!file->path && file->name) {
		file->path = copy(file->name, error);
	}
	if (!file->name && file->path) {
		file->name = copy(file_path_base(file->path), error);
	}
	if (!file->name || !file->path) {
		release(file);
		return false;
	}
	return true;
}

static int reserve(struct file_list *list)
{
	size_t capacity = list->capacity > 0 ? 2 * list->capacity : CAPACITY_MIN;
	struct listed_file *grown;

	if (list->count < list->capacity) {
		return 0;
	}
	grown = realloc(list->files, capacity * sizeof(*grown));
	if (!grown) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	list->files = grown;
	list->capacity = capacity;
	return 0;
}

const struct listed_file *file_list_find(const struct file_list *list, const char *text,
					 bool by_name)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_file *file = &list->files[i];
		if (strcmp(by_name ? file->name : file->path, text) == 0) {
			return file;
		}
	}
	return NULL;
}

/* Takes over what *file holds. */
static int add(struct file_list *list, struct listed_file *file, struct file_page *page)
{
	bool known = file_list_find(list, file->path, false) != NULL;

	page->first_known = page->files == 0 ? known : page->first_known;
	page->files++;
	if (!known && list->count == FILE_LIST_MAX) {
		list->truncated = true;
		known = true;
	}
	int error = known ? 0 : reserve(list);
	if (known || error) {
		release(file);
		return error;
	}
	page->fresh++;
	list->files[list->count++] = *file;
	return 0;
}

static int add_array(struct file_list *list, enum file_place place, struct flagship_json array,
		     struct file_page *page)
{
	struct json_reader reader = {array.data, array.data + array.length};
	struct json_value value;
	int error = 0;

	page->reported = true;
	if (!json_take(&reader, '[') || json_take(&reader, ']')) {
		return 0;
	}
	do {
		struct listed_file file = {.place = place};

		if (json_read_value(&reader, DEPTH, &value) != 0) {
			return 0;
		}
		if (read_file(&value, &file, &error)) {
			error = add(list, &file, page);
		}
	} while (!error && json_take(&reader, ','));
	return error;
}

/* JSON inside a string. */
static int add_text(struct file_list *list, enum file_place place, struct flagship_text text,
		    struct file_page *page)
{
	int error = 0;
	char *json = unescape(text, &error);
	struct json_value value;

	if (!json) {
		return error;
	}
	struct json_reader reader = (struct json_reader){json, json + strlen(json)};
	if (json_read_value(&reader, DEPTH, &value) == 0 && value.kind == JSON_ARRAY) {
		error = add_array(list, place, value.json, page);
	}
	free(json);
	return error;
}

int file_list_add(struct file_list *list, enum file_place place, struct flagship_json reply,
		  struct file_page *page)
{
	struct json_value value;

	*page = (struct file_page){0};
	if (!find(reply, list_keys, &value)) {
		return 0;
	}
	switch (value.kind) {
	case JSON_ARRAY:
		return add_array(list, place, value.json, page);
	case JSON_STRING:
		return add_text(list, place, value.text, page);
	default:
		return 0;
	}
}

void file_list_finish(struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		release(&list->files[i]);
	}
	free(list->files);
	*list = (struct file_list){0};
}
