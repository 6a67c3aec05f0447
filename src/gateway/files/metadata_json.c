/* SPDX-License-Identifier: MIT */
#include "gateway/files/metadata_json.h"

#include "base/text.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* One table for both ways. */

enum member_kind {
	MEMBER_REAL,
	MEMBER_TEXT,
	MEMBER_SIZE, /* int64_t */
	MEMBER_FLAG,
};

struct member {
	const char *name;
	enum member_kind kind;
	size_t offset;
};

#define MEMBER(field, of)                                          \
	{                                                          \
#field, of, offsetof(struct gcode_metadata, field) \
	}
#define THUMBNAIL(field, of)                                        \
	{                                                           \
#field, of, offsetof(struct gcode_thumbnail, field) \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define THUMBNAILS   "thumbnails"
#define PICTURE      "picture"

static const struct member members[] = {
	MEMBER(slicer, MEMBER_TEXT),
	MEMBER(slicer_version, MEMBER_TEXT),
	MEMBER(machine, MEMBER_TEXT),
	MEMBER(filament_type, MEMBER_TEXT),
	MEMBER(filament_name, MEMBER_TEXT),
	MEMBER(estimated_time_s, MEMBER_REAL),
	MEMBER(filament_mm, MEMBER_REAL),
	MEMBER(filament_g, MEMBER_REAL),
	MEMBER(layer_count, MEMBER_REAL),
	MEMBER(layer_height_mm, MEMBER_REAL),
	MEMBER(first_layer_height_mm, MEMBER_REAL),
	MEMBER(object_height_mm, MEMBER_REAL),
	MEMBER(nozzle_diameter_mm, MEMBER_REAL),
	MEMBER(nozzle_c, MEMBER_REAL),
	MEMBER(bed_c, MEMBER_REAL),
	MEMBER(first_layer_nozzle_c, MEMBER_REAL),
	MEMBER(first_layer_bed_c, MEMBER_REAL),
	MEMBER(compressed, MEMBER_FLAG),
	MEMBER(archived, MEMBER_FLAG),
	MEMBER(size, MEMBER_SIZE),
	MEMBER(unpacked_size, MEMBER_SIZE),
	MEMBER(content_start, MEMBER_SIZE),
	MEMBER(content_size, MEMBER_SIZE),
	MEMBER(gcode_start, MEMBER_SIZE),
	MEMBER(gcode_end, MEMBER_SIZE),
};

static const struct member thumbnail_members[] = {
	THUMBNAIL(offset, MEMBER_SIZE),
	THUMBNAIL(length, MEMBER_SIZE),
	THUMBNAIL(size, MEMBER_SIZE),
};

static const char *const pictures[] = {
	[GCODE_PICTURE_PNG] = "png",
	[GCODE_PICTURE_JPG] = "jpg",
	[GCODE_PICTURE_QOI] = "qoi",
};

/* --- writing --- */

static void write_member(struct json_writer *writer, const struct member *member, const void *of)
{
	const char *at = (const char *)of + member->offset;

	json_key(writer, member->name);
	switch (member->kind) {
	case MEMBER_REAL:
		json_real(writer, *(const double *)(const void *)at);
		break;
	case MEMBER_TEXT:
		json_string(writer, *at != '\0' ? at : NULL);
		break;
	case MEMBER_SIZE:
		json_int(writer, *(const int64_t *)(const void *)at);
		break;
	case MEMBER_FLAG:
		json_bool(writer, *(const bool *)(const void *)at);
		break;
	}
}

static void write_thumbnail(struct json_writer *writer, const struct gcode_thumbnail *thumbnail)
{
	json_object_begin(writer);
	json_member_string(writer, PICTURE, pictures[thumbnail->picture]);
	json_member_int(writer, "width", thumbnail->width);
	json_member_int(writer, "height", thumbnail->height);
	for (size_t i = 0; i < COUNT(thumbnail_members); i++) {
		write_member(writer, &thumbnail_members[i], thumbnail);
	}
	json_object_end(writer);
}

void files_write_metadata(struct json_writer *writer, const struct gcode_metadata *metadata)
{
	json_object_begin(writer);
	for (size_t i = 0; i < COUNT(members); i++) {
		write_member(writer, &members[i], metadata);
	}
	json_key(writer, THUMBNAILS);
	json_array_begin(writer);
	for (size_t i = 0; i < metadata->thumbnail_count; i++) {
		write_thumbnail(writer, &metadata->thumbnails[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

/* --- reading --- */

static bool read_value(const struct json_value *value, const struct member *member, void *of)
{
	char *at = (char *)of + member->offset;

	switch (member->kind) {
	case MEMBER_REAL:
		*(double *)(void *)at = (double)NAN;
		return value->kind == JSON_NULL || json_value_to_real(value, (void *)at);
	case MEMBER_TEXT:
		if (value->kind == JSON_STRING) {
			text_buffer_set(at, GCODE_TEXT_MAX, value->text);
		}
		return value->kind == JSON_STRING || value->kind == JSON_NULL;
	case MEMBER_SIZE:
		return json_value_to_int(value, (void *)at);
	default:
		*(bool *)(void *)at = value->kind == JSON_TRUE;
		return value->kind == JSON_TRUE || value->kind == JSON_FALSE;
	}
}

static const struct member *find_member(const struct member *table, size_t count,
					struct flagship_text name)
{
	for (size_t i = 0; i < count; i++) {
		if (flagship_text_equals(name, table[i].name)) {
			return &table[i];
		}
	}
	return NULL;
}

static bool read_picture(const struct json_value *value, enum gcode_picture *picture)
{
	for (size_t i = 0; value->kind == JSON_STRING && i < COUNT(pictures); i++) {
		if (flagship_text_equals(value->text, pictures[i])) {
			*picture = (enum gcode_picture)i;
			return true;
		}
	}
	return false;
}

static bool read_pixels(const struct json_value *value, uint32_t *pixels)
{
	int64_t number;

	if (!json_value_to_int(value, &number) || number < 0 || number > UINT32_MAX) {
		return false;
	}
	*pixels = (uint32_t)number;
	return true;
}

static bool read_thumbnail(const struct json_value *object, struct gcode_thumbnail *thumbnail)
{
	struct flagship_text name;
	struct json_value value;
	struct json_walk walk;
	bool good = object->kind == JSON_OBJECT;

	if (!good) {
		return false;
	}
	json_walk_init(&walk, object);
	while (good && json_walk_member(&walk, &name, &value)) {
		const struct member *member = find_member(thumbnail_members,
							  COUNT(thumbnail_members), name);

		good = member ? read_value(&value, member, thumbnail)
		       : flagship_text_equals(name, PICTURE)
			       ? read_picture(&value, &thumbnail->picture)
		       : flagship_text_equals(name, "width")
			       ? read_pixels(&value, &thumbnail->width)
		       : flagship_text_equals(name, "height")
			       ? read_pixels(&value, &thumbnail->height)
			       : true;
	}
	return good && thumbnail->offset >= 0 && thumbnail->length >= 0 &&
	       thumbnail->length <= GCODE_THUMBNAIL_TEXT_MAX && thumbnail->size >= 0 &&
	       thumbnail->size <= GCODE_THUMBNAIL_TEXT_MAX;
}

static bool read_thumbnails(const struct json_value *array, struct gcode_metadata *metadata)
{
	struct json_value value;
	struct json_walk walk;

	if (array->kind != JSON_ARRAY) {
		return false;
	}
	json_walk_init(&walk, array);
	while (json_walk_item(&walk, &value)) {
		if (metadata->thumbnail_count == GCODE_THUMBNAILS_MAX ||
		    !read_thumbnail(&value, &metadata->thumbnails[metadata->thumbnail_count])) {
			return false;
		}
		metadata->thumbnail_count++;
	}
	return true;
}

bool files_read_metadata(struct flagship_json object, struct gcode_metadata *metadata)
{
	struct json_value whole = {.kind = JSON_OBJECT, .json = object};
	struct flagship_text name;
	struct json_value value;
	struct json_walk walk;
	size_t read = 0;

	memset(metadata, 0, sizeof(*metadata));
	json_walk_init(&walk, &whole);
	while (json_walk_member(&walk, &name, &value)) {
		const struct member *member = find_member(members, COUNT(members), name);

		if (member ? !read_value(&value, member, metadata)
			   : flagship_text_equals(name, THUMBNAILS) &&
				     !read_thumbnails(&value, metadata)) {
			return false;
		}
		read += member != NULL;
	}
	return !walk.error && read == COUNT(members);
}
