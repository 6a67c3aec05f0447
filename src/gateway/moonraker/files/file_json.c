/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/files/file_json.h"

#include "gateway/moonraker/internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PERMISSION "rw"

static void write_times(struct json_writer *writer, const struct files_entry *entry)
{
	json_key(writer, "modified");
	json_real(writer, (double)entry->modified_ms / MOONRAKER_MS_PER_S);
	json_member_int(writer, "size", entry->size);
	json_member_string(writer, "permissions", PERMISSION);
}

void file_write_item(struct json_writer *writer, const struct files_entry *entry)
{
	json_object_begin(writer);
	json_member_string(writer, "path", entry->path);
	json_member_string(writer, "root", MOONRAKER_ROOT);
	write_times(writer, entry);
	json_object_end(writer);
}

void file_write_place(struct json_writer *writer, const char *path)
{
	json_object_begin(writer);
	json_member_string(writer, "path", path);
	json_member_string(writer, "root", MOONRAKER_ROOT);
	json_object_end(writer);
}

/* --- metadata --- */

static void write_number(struct json_writer *writer, const char *key, double value)
{
	if (isfinite(value)) {
		json_key(writer, key);
		json_real(writer, value);
	}
}

static void write_known(struct json_writer *writer, const char *key, const char *text)
{
	if (text[0] != '\0') {
		json_member_string(writer, key, text);
	}
}

static bool is_shown(const struct gcode_thumbnail *picture)
{
	return picture->picture != GCODE_PICTURE_QOI;
}

static void write_picture(struct json_writer *writer, const struct files_entry *entry,
			  const struct gcode_thumbnail *picture, bool whole)
{
	const char *name = files_name(entry);
	int folder = whole ? (int)(name - entry->path) : 0;
	char path[FILES_PATH_SIZE + FILE_PICTURE_EXTRA];

	snprintf(path, sizeof(path), "%.*s" FILE_PICTURES "%s-%ux%u.%s", folder, entry->path, name,
		 picture->width, picture->height,
		 picture->picture == GCODE_PICTURE_JPG ? "jpg" : "png");
	json_object_begin(writer);
	json_member_int(writer, "width", picture->width);
	json_member_int(writer, "height", picture->height);
	json_member_int(writer, "size", picture->size);
	json_member_string(writer, whole ? "thumbnail_path" : "relative_path", path);
	json_object_end(writer);
}

void file_write_pictures(struct json_writer *writer, const struct files_entry *entry, bool whole)
{
	const struct gcode_metadata *metadata = entry->metadata;

	json_array_begin(writer);
	for (size_t i = 0; metadata && i < metadata->thumbnail_count; i++) {
		if (is_shown(&metadata->thumbnails[i])) {
			write_picture(writer, entry, &metadata->thumbnails[i], whole);
		}
	}
	json_array_end(writer);
}

void file_write_metadata(struct json_writer *writer, const struct files_entry *entry)
{
	const struct gcode_metadata *metadata = entry->metadata;

	write_number(writer, "estimated_time", metadata->estimated_time_s);
	write_number(writer, "filament_total", metadata->filament_mm);
	write_number(writer, "filament_weight_total", metadata->filament_g);
	write_number(writer, "layer_count", metadata->layer_count);
	write_number(writer, "layer_height", metadata->layer_height_mm);
	write_number(writer, "first_layer_height", metadata->first_layer_height_mm);
	write_number(writer, "object_height", metadata->object_height_mm);
	write_number(writer, "nozzle_diameter", metadata->nozzle_diameter_mm);
	write_number(writer, "first_layer_extr_temp", metadata->first_layer_nozzle_c);
	write_number(writer, "first_layer_bed_temp", metadata->first_layer_bed_c);
	write_known(writer, "slicer", metadata->slicer);
	write_known(writer, "slicer_version", metadata->slicer_version);
	write_known(writer, "filament_type", metadata->filament_type);
	write_known(writer, "filament_name", metadata->filament_name);
	json_member_int(writer, "gcode_start_byte", metadata->gcode_start);
	json_member_int(writer, "gcode_end_byte", metadata->gcode_end);
	json_key(writer, "thumbnails");
	file_write_pictures(writer, entry, false);
	json_key(writer, "print_start_time");
	json_null(writer);
	json_key(writer, "job_id");
	json_null(writer);
}

void file_write_listed(struct json_writer *writer, const struct files_entry *entry, bool extended)
{
	json_object_begin(writer);
	json_member_string(writer, entry->is_folder ? "dirname" : "filename", files_name(entry));
	write_times(writer, entry);
	if (extended && entry->metadata) {
		file_write_metadata(writer, entry);
	}
	json_object_end(writer);
}

bool file_find_picture(const struct files *files, const char *path, char out[FILES_PATH_SIZE],
		       size_t *index)
{
	const char *folder = strstr(path, FILE_PICTURES);
	const char *name = folder ? folder + strlen(FILE_PICTURES) : NULL;
	const char *dash = name ? strrchr(name, '-') : NULL;
	unsigned int width;
	unsigned int height;

	if (!dash || (folder != path && folder[-1] != '/') ||
	    sscanf(dash, "-%5ux%5u.", &width, &height) != 2) {
		return false;
	}
	int length = snprintf(out, FILES_PATH_SIZE, "%.*s%.*s", (int)(folder - path), path,
			      (int)(dash - name), name);
	const struct files_entry *entry = length > 0 && length < FILES_PATH_SIZE
						  ? files_find(files, out)
						  : NULL;

	for (size_t i = 0; entry && entry->metadata && i < entry->metadata->thumbnail_count; i++) {
		const struct gcode_thumbnail *picture = &entry->metadata->thumbnails[i];

		if (is_shown(picture) && picture->width == width && picture->height == height) {
			*index = i;
			return true;
		}
	}
	return false;
}
