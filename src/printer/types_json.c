/* SPDX-License-Identifier: MIT */
#include "printer/types_json.h"

static const struct {
	unsigned int bit;
	const char *name;
} directions[] = {
	{FLAGSHIP_DIRECTION_NOTICE, "notice"},
	{FLAGSHIP_DIRECTION_COMMAND, "command"},
	{FLAGSHIP_DIRECTION_QUERY, "query"},
	{FLAGSHIP_DIRECTION_REPLY, "reply"},
};

#define DIRECTION_COUNT (sizeof(directions) / sizeof(directions[0]))

static const char *const kind_names[] = {
	[FLAGSHIP_FIELD_INT] = "int",
	[FLAGSHIP_FIELD_REAL] = "real",
	[FLAGSHIP_FIELD_TEXT] = "text",
	[FLAGSHIP_FIELD_JSON] = "json",
};

const char *types_direction_name(unsigned int bits, size_t at)
{
	for (size_t i = 0; i < DIRECTION_COUNT; i++) {
		if ((bits & directions[i].bit) != 0 && at-- == 0) {
			return directions[i].name;
		}
	}
	return NULL;
}

const char *types_kind_name(const struct flagship_field_info *field)
{
	return kind_names[field->kind];
}

static void write_directions(struct json_writer *writer, unsigned int bits)
{
	const char *name;

	json_key(writer, "directions");
	json_array_begin(writer);
	for (size_t i = 0; (name = types_direction_name(bits, i)); i++) {
		json_string(writer, name);
	}
	json_array_end(writer);
}

static void write_field_info(struct json_writer *writer, const struct flagship_field_info *field)
{
	json_object_begin(writer);
	json_member_string(writer, "name", field->name);
	json_member_string(writer, "kind", types_kind_name(field));
	json_member_known(writer, "unit", field->unit);
	write_directions(writer, field->directions);
	json_member_bool(writer, "required", field->required);
	if (field->has_range) {
		json_member_int(writer, "minimum", field->minimum);
		json_member_int(writer, "maximum", field->maximum);
	}
	json_member_string(writer, "description", field->description);
	json_object_end(writer);
}

void types_json_write(struct json_writer *writer, const struct flagship_message_info *info)
{
	json_object_begin(writer);
	json_member_int(writer, "id", info->id);
	json_member_string(writer, "name", info->name);
	json_member_known(writer, "vendor_name", info->vendor_name);
	write_directions(writer, info->directions);
	json_key(writer, "grade");
	json_string_n(writer, &info->grade, 1);
	json_member_string(writer, "description", info->description);
	json_key(writer, "fields");
	json_array_begin(writer);
	for (size_t i = 0; i < info->field_count; i++) {
		write_field_info(writer, &info->fields[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

void types_json_write_all(struct json_writer *writer)
{
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);

	json_array_begin(writer);
	for (size_t i = 0; i < count; i++) {
		types_json_write(writer, &infos[i]);
	}
	json_array_end(writer);
}
