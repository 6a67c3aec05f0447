/* SPDX-License-Identifier: MIT */
#include "base/json/reader.h"
#include "base/json/writer.h"

#include <flagship/error.h>
#include <flagship/message.h>
#include <flagship/mqtt.h>

#include <math.h>
#include <string.h>
#include <strings.h>

#define VENDOR_PREFIX "ZZ_MQTT_CMD_"

static bool vendor_name_is(const char *vendor_name, const char *name)
{
	if (vendor_name[0] == '\0') {
		return false;
	}
	return strcasecmp(vendor_name, name) == 0 ||
	       strcasecmp(vendor_name + strlen(VENDOR_PREFIX), name) == 0;
}

const struct flagship_message_info *flagship_message_info_by_name(const char *name)
{
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(infos[i].name, name) == 0 ||
		    vendor_name_is(infos[i].vendor_name, name)) {
			return &infos[i];
		}
	}
	return NULL;
}

int flagship_message_init(struct flagship_message *message, enum flagship_message_type type)
{
	*message = (struct flagship_message){
		.type = type,
		.info = flagship_message_info(type),
	};
	return message->info ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

static const void *value_place(const struct flagship_message *message,
			       const struct flagship_field_info *field)
{
	return (const char *)&message->as + field->offset;
}

static int check_json(const struct flagship_json *json)
{
	struct json_value value;

	return json_read_document(json->data, json->length, FLAGSHIP_PAYLOAD_DEPTH_MAX - 2, &value)
		       ? FLAGSHIP_ERROR_ARGUMENT
		       : 0;
}

static int check_value(const struct flagship_field_info *field, const void *place)
{
	int64_t integer;
	double real;

	switch (field->kind) {
	case FLAGSHIP_FIELD_INT:
		memcpy(&integer, place, sizeof(integer));
		if (field->has_range && (integer < field->minimum || integer > field->maximum)) {
			return FLAGSHIP_ERROR_RANGE;
		}
		return 0;
	case FLAGSHIP_FIELD_REAL:
		memcpy(&real, place, sizeof(real));
		return isfinite(real) ? 0 : FLAGSHIP_ERROR_RANGE;
	case FLAGSHIP_FIELD_JSON:
		return check_json(place);
	default:
		return 0;
	}
}

static int check_field(const struct flagship_message *message, uint32_t index,
		       unsigned int direction)
{
	const struct flagship_field_info *field = &message->info->fields[index];
	bool present = message->as.present & UINT32_C(1) << index;
	bool asking = direction & (FLAGSHIP_DIRECTION_COMMAND | FLAGSHIP_DIRECTION_QUERY);

	if (!present) {
		bool wanted = field->required && asking && (field->directions & direction);
		return wanted ? FLAGSHIP_ERROR_MISSING_FIELD : 0;
	}
	if (!(field->directions & direction)) {
		return FLAGSHIP_ERROR_DIRECTION;
	}
	return check_value(field, value_place(message, field));
}

static int check_message(const struct flagship_message *message, unsigned int direction)
{
	if (!message->info) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!(message->info->directions & direction)) {
		return FLAGSHIP_ERROR_DIRECTION;
	}
	for (uint32_t i = 0; i < message->info->field_count; i++) {
		int error = check_field(message, i, direction);
		if (error) {
			return error;
		}
	}
	return 0;
}

static void write_field(struct json_writer *writer, const struct flagship_field_info *field,
			const void *place)
{
	const struct flagship_json *json = place;

	json_key(writer, field->name);
	switch (field->kind) {
	case FLAGSHIP_FIELD_INT:
		json_int(writer, *(const int64_t *)place);
		break;
	case FLAGSHIP_FIELD_REAL:
		json_real(writer, *(const double *)place);
		break;
	case FLAGSHIP_FIELD_TEXT:
		json_text(writer, *(const struct flagship_text *)place);
		break;
	default:
		json_raw(writer, json->data, json->length);
		break;
	}
}

int flagship_message_build(const struct flagship_message *message, unsigned int direction,
			   char *out, size_t capacity, size_t *length)
{
	struct json_writer writer;
	int error = check_message(message, direction);

	*length = 0;
	if (error) {
		return error;
	}
	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", message->type);
	if (message->has_reply) {
		json_member_int(&writer, "reply", message->reply);
	}
	for (uint32_t i = 0; i < message->info->field_count; i++) {
		const struct flagship_field_info *field = &message->info->fields[i];
		if (message->as.present & UINT32_C(1) << i) {
			write_field(&writer, field, value_place(message, field));
		}
	}
	json_object_end(&writer);
	return json_writer_finish(&writer, length);
}
