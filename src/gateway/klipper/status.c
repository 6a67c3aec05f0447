/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/status.h"

#include <stdlib.h>
#include <string.h>

struct member_name {
	const char *object;
	const char *member;
};

#define STATUS_NAME(id, object, member) {object, member},
static const struct member_name names[] = {STATUS_MEMBERS(STATUS_NAME)};
#undef STATUS_NAME

void status_finish(struct status_image *image)
{
	free(image->text);
	*image = (struct status_image){0};
}

static status_set bit_of(size_t member)
{
	return (status_set)1 << member;
}

status_set status_compare(const struct status_image *older, const struct status_image *newer)
{
	status_set changed = 0;

	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (newer->lengths[i] > 0 &&
		    (older->lengths[i] != newer->lengths[i] ||
		     memcmp(older->text + older->offsets[i], newer->text + newer->offsets[i],
			    newer->lengths[i]) != 0)) {
			changed |= bit_of(i);
		}
	}
	return changed;
}

static bool has_member(const struct status_image *image, size_t member, status_set wanted)
{
	return image->lengths[member] > 0 && (wanted & bit_of(member)) != 0;
}

void status_write(struct json_writer *writer, const struct status_image *image, status_set wanted)
{
	const char *open = NULL;

	json_object_begin(writer);
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (!has_member(image, i, wanted)) {
			continue;
		}
		if (!open || strcmp(open, names[i].object) != 0) {
			if (open) {
				json_object_end(writer);
			}
			open = names[i].object;
			json_key(writer, open);
			json_object_begin(writer);
		}
		json_key(writer, names[i].member);
		json_raw(writer, image->text + image->offsets[i], image->lengths[i]);
	}
	if (open) {
		json_object_end(writer);
	}
	json_object_end(writer);
}

void status_write_names(struct json_writer *writer, const struct status_image *image)
{
	const char *last = "";

	json_array_begin(writer);
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (image->lengths[i] > 0 && strcmp(last, names[i].object) != 0) {
			last = names[i].object;
			json_string(writer, last);
		}
	}
	json_array_end(writer);
}

status_set status_find(struct flagship_text object, const struct flagship_text *member)
{
	status_set found = 0;

	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (flagship_text_equals(object, names[i].object) &&
		    (!member || flagship_text_equals(*member, names[i].member))) {
			found |= bit_of(i);
		}
	}
	return found;
}

static bool read_members(struct flagship_text object, const struct json_value *list,
			 status_set *wanted)
{
	struct json_walk walk;
	struct json_value item;

	json_walk_init_valid(&walk, list);
	while (json_walk_item(&walk, &item)) {
		if (item.kind != JSON_STRING) {
			return false;
		}
		*wanted |= status_find(object, &item.text);
	}
	return true;
}

bool status_read_wanted(const struct json_value *objects, status_set *wanted)
{
	struct json_walk walk;
	struct json_value value;
	struct flagship_text name;

	*wanted = 0;
	if (objects->kind != JSON_OBJECT) {
		return false;
	}
	json_walk_init_valid(&walk, objects);
	while (json_walk_member(&walk, &name, &value)) {
		if (value.kind == JSON_NULL) {
			*wanted |= status_find(name, NULL);
		} else if (value.kind != JSON_ARRAY || !read_members(name, &value, wanted)) {
			return false;
		}
	}
	return true;
}
