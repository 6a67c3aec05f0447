/* SPDX-License-Identifier: MIT */
#include "cli/file_table.h"

#include "cli/control_replies.h"
#include "store/json_walk.h"

#include <flagship/message.h>

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define FILE_TABLE_DEPTH (FLAGSHIP_PAYLOAD_DEPTH_MAX + 1)
#define FILE_SIZE_WIDTH  10
#define FILE_UNIT_STEP   1024.0
#define FILE_TIME_MAX    32
#define FILE_TIME_FORMAT "%Y-%m-%d %H:%M"
#define FILE_NAME_MAX    1024
#define FILE_SIZE_MAX    32

/* Names of members that hold the same thing; the first that is there counts. */
static const char *const file_names[] = {"path", "filePath", "name", "fileName", NULL};
static const char *const file_sizes[] = {"size", "fileSize", NULL};
static const char *const file_times[] = {"timestamp", "time", "saveTime", NULL};

static bool file_find(const struct json_value *object, const char *const *names,
		      struct json_value *value)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (json_object_find(object->json, names[i], value)) {
			return true;
		}
	}
	return false;
}

static void file_describe_size(int64_t bytes, char out[FILE_SIZE_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= FILE_UNIT_STEP && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= FILE_UNIT_STEP;
		unit++;
	}
	snprintf(out, FILE_SIZE_MAX, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void file_describe_time(int64_t unix_s, char out[FILE_TIME_MAX])
{
	time_t seconds = (time_t)unix_s;
	struct tm parts;

	if (localtime_r(&seconds, &parts) == NULL ||
	    strftime(out, FILE_TIME_MAX, FILE_TIME_FORMAT, &parts) == 0) {
		out[0] = '\0';
	}
}

/* One line: time, size, name. False where the value is no file. */
static bool file_print(const struct json_value *file, const struct output *output)
{
	char size[FILE_SIZE_MAX] = "";
	char when[FILE_TIME_MAX] = "";
	char text[FILE_NAME_MAX];
	struct json_value name;
	struct json_value value;
	int64_t number;

	if (file->kind == JSON_STRING) {
		name = *file;
	} else if (file->kind != JSON_OBJECT || !file_find(file, file_names, &name) ||
		   name.kind != JSON_STRING) {
		return false;
	}
	if (file->kind == JSON_OBJECT && file_find(file, file_sizes, &value) &&
	    json_value_to_int(&value, &number)) {
		file_describe_size(number, size);
	}
	if (file->kind == JSON_OBJECT && file_find(file, file_times, &value) &&
	    json_value_to_int(&value, &number) && number > 0) {
		file_describe_time(number, when);
	}
	output_print(output, OUTPUT_DIM, "%-16s  ", when);
	output_print(output, OUTPUT_PLAIN, "%*s  ", FILE_SIZE_WIDTH, size);
	flagship_text_copy(name.text, text, sizeof(text));
	output_text(output, OUTPUT_PLAIN, text, strlen(text), false);
	fputc('\n', output->stream);
	return true;
}

/* The first member that is an array. */
static bool file_find_list(const struct json_value *object, struct json_value *list)
{
	struct json_walk walk;
	struct flagship_text name;

	if (object->kind != JSON_OBJECT) {
		return false;
	}
	json_walk_init(&walk, object);
	while (json_walk_member(&walk, &name, list)) {
		if (list->kind == JSON_ARRAY) {
			return true;
		}
	}
	return false;
}

static void file_print_list(const struct json_value *list, const struct output *output)
{
	struct json_walk walk;
	struct json_value file;

	json_walk_init(&walk, list);
	while (json_walk_item(&walk, &file)) {
		if (!file_print(&file, output)) {
			output_json(output, OUTPUT_PLAIN, file.json);
			fputc('\n', output->stream);
		}
	}
}

void file_table_print(const char *json, size_t length, const struct output *output)
{
	struct json_reader reader = {.cursor = json, .end = json + length};
	struct json_value array;
	struct json_value object;
	struct json_value list;
	struct json_walk walk;

	if (json_read_value(&reader, FILE_TABLE_DEPTH, &array) != 0) {
		return;
	}
	json_walk_init(&walk, &array);
	while (json_walk_item(&walk, &object)) {
		if (file_find_list(&object, &list)) {
			file_print_list(&list, output);
		} else {
			output_json(output, OUTPUT_PLAIN, object.json);
			fputc('\n', output->stream);
		}
	}
	fflush(output->stream);
}
