/* SPDX-License-Identifier: MIT */
#include "cli/control/file_table.h"

#include "base/json/reader.h"
#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "printer/state/parts.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_TABLE_DEPTH   (FLAGSHIP_PAYLOAD_DEPTH_MAX + 1)
#define FILE_TABLE_COLUMNS 4
#define FILE_UNIT_STEP     1024.0
#define FILE_TEXT_MAX      32
#define FILE_TIME_LOCAL    "%Y-%m-%d %H:%M"
#define FILE_TIME_UTC      "%Y-%m-%dT%H:%M:%SZ"

struct file_line {
	const struct file_table *table;
	const struct listed_file *file;
};

int file_table_read(struct file_table *table, const char *replies, size_t length,
		    enum file_place place)
{
	struct json_reader reader = {.cursor = replies, .end = replies + length};
	struct json_value array;
	struct json_value object;
	struct json_walk walk;
	struct file_page page;
	int error = 0;

	table->list = (struct file_list){0};
	if (json_read_value(&reader, FILE_TABLE_DEPTH, &array) != 0) {
		return 0;
	}
	json_walk_init(&walk, &array);
	while (!error && json_walk_item(&walk, &object)) {
		error = file_list_add(&table->list, place, object.json, &page);
	}
	return error;
}

static void file_describe_size(int64_t bytes, char out[FILE_TEXT_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes == PRINTER_NEVER) {
		out[0] = '\0';
		return;
	}
	while (value >= FILE_UNIT_STEP && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= FILE_UNIT_STEP;
		unit++;
	}
	snprintf(out, FILE_TEXT_MAX, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

/* "" where it is not told, or no time. */
static void file_describe_time(int64_t unix_s, bool utc, char out[FILE_TEXT_MAX])
{
	time_t seconds = (time_t)unix_s;
	struct tm parts;

	if (unix_s == PRINTER_NEVER ||
	    !(utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)) ||
	    strftime(out, FILE_TEXT_MAX, utc ? FILE_TIME_UTC : FILE_TIME_LOCAL, &parts) == 0) {
		out[0] = '\0';
	}
}

static bool file_has_sizes(const struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->files[i].size != PRINTER_NEVER) {
			return true;
		}
	}
	return false;
}

void file_table_print(const struct file_table *table, const struct output *output)
{
	const struct file_list *list = &table->list;
	size_t columns = file_has_sizes(list) ? FILE_TABLE_COLUMNS : FILE_TABLE_COLUMNS - 1;
	const char **cells = calloc((list->count + 1) * columns, sizeof(*cells));
	char(*sizes)[FILE_TEXT_MAX] = calloc(list->count + 1, sizeof(*sizes));
	char(*times)[FILE_TEXT_MAX] = calloc(list->count + 1, sizeof(*times));

	if (!cells || !sizes || !times) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		goto out;
	}
	for (size_t i = 0; i <= list->count; i++) {
		const struct listed_file *file = i > 0 ? &list->files[i - 1] : NULL;
		const char **row = cells + i * columns;

		if (file) {
			file_describe_size(file->size, sizes[i]);
			file_describe_time(file->unix_s, false, times[i]);
		}
		*row++ = !file ? "MODIFIED" : times[i][0] != '\0' ? times[i] : "-";
		if (columns == FILE_TABLE_COLUMNS) {
			*row++ = !file ? "SIZE" : sizes[i][0] != '\0' ? sizes[i] : "-";
		}
		*row++ = !file ? "NAME" : file->name;
		*row = !file ? "PATH" : file->path;
	}
	output_table(output, cells, list->count + 1, columns);
	fflush(output->stream);
out:
	free(cells);
	free(sizes);
	free(times);
}

static void file_write(struct json_writer *writer, const void *context)
{
	const struct file_line *line = context;
	const struct listed_file *file = line->file;
	char modified[FILE_TEXT_MAX];

	file_describe_time(file->unix_s, true, modified);
	json_object_begin(writer);
	json_member_known(writer, "printer", line->table->printer);
	json_member_known(writer, "serial", line->table->serial);
	json_member_known(writer, "name", file->name);
	json_member_known(writer, "path", file->path);
	json_member_known(writer, "storage", file->place == FILE_PLACE_USB ? "usb" : "onboard");
	if (file->size != PRINTER_NEVER) {
		json_member_int(writer, "size", file->size);
	}
	json_member_known(writer, "modified", modified);
	json_object_end(writer);
}

void file_table_print_json(const struct file_table *table, const struct output *output)
{
	for (size_t i = 0; i < table->list.count; i++) {
		struct file_line line = {table, &table->list.files[i]};

		json_line_print(file_write, &line, output->stream);
	}
	fflush(output->stream);
}
