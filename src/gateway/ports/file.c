/* SPDX-License-Identifier: MIT */
#include "store/file/file.h"
#include "base/json/compose.h"
#include "base/json/reader.h"
#include "gateway/ports/assign.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8
#define FILE_MODE 0600

static int read_number(struct flagship_json object, const char *name, int64_t max)
{
	struct json_value value;
	int64_t number;

	return json_object_find(object, name, &value) && json_value_to_int(&value, &number) &&
			       number >= 0 && number <= max
		       ? (int)number
		       : PORTS_NONE;
}

/* False for want of memory. */
static bool read_entry(struct port_table *table, const struct json_value *item)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	struct json_value value;

	if (item->kind != JSON_OBJECT || !json_object_find(item->json, "serial", &value) ||
	    value.kind != JSON_STRING || value.text.length == 0 ||
	    flagship_text_copy(value.text, serial, sizeof(serial)) >= sizeof(serial) ||
	    ports_find(table, serial)) {
		return true;
	}
	return ports_add_kept(table, serial, read_number(item->json, "index", PORTS_OPEN_MAX - 1),
			      read_number(item->json, "port", UINT16_MAX)) != NULL;
}

int ports_read(struct port_table *table, const char *json, size_t length)
{
	struct json_value document;
	struct json_value list;
	struct json_value item;
	struct json_walk walk;

	if (json_read_document(json, length, DEPTH_MAX, &document) ||
	    document.kind != JSON_OBJECT || !json_object_find(document.json, "printers", &list) ||
	    list.kind != JSON_ARRAY) {
		return FLAGSHIP_ERROR_JSON;
	}
	json_walk_init_valid(&walk, &list);
	while (json_walk_item(&walk, &item)) {
		if (!read_entry(table, &item)) {
			return FLAGSHIP_ERROR_MEMORY;
		}
	}
	return 0;
}

int ports_load(const char *path, struct port_table *table, struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(path, &file, problem);

	if (!error && file.text) {
		error = ports_read(table, file.text, file.length);
	}
	if (error == FLAGSHIP_ERROR_MEMORY) {
		problem_memory(problem);
	} else if (error == FLAGSHIP_ERROR_JSON) {
		problem_set(problem,
			    "%.900s is no list of ports: put it right, or remove it, and each "
			    "printer gets a port anew",
			    path);
		error = FLAGSHIP_ERROR_STORE;
	}
	store_file_release(&file);
	return error;
}

static void write_entry(struct json_writer *writer, const struct port_entry *entry)
{
	json_object_begin(writer);
	json_member_string(writer, "serial", entry->serial);
	if (entry->index != PORTS_NONE) {
		json_member_int(writer, "index", entry->index);
	}
	if (entry->port != PORTS_NONE) {
		json_member_int(writer, "port", entry->port);
	}
	json_object_end(writer);
}

static void write_table(struct json_writer *writer, const void *context)
{
	const struct port_table *table = context;

	json_object_begin(writer);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < table->count; i++) {
		write_entry(writer, &table->entries[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

int ports_save(const char *path, struct port_table *table, struct problem *problem)
{
	struct store_lock lock;
	size_t length;
	char *json = json_compose_lines(write_table, table, &length);

	if (!json) {
		return problem_memory(problem);
	}
	int error = store_lock_try(path, &lock, problem);
	if (!error) {
		error = store_file_replace(&lock, json, length, FILE_MODE, problem);
		store_lock_release(&lock);
		table->changed = table->changed && error;
	}
	free(json);
	return error;
}
