/* SPDX-License-Identifier: MIT */
#include "cli/codec/message_view.h"

#include "base/json/reader.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <string.h>

#define VIEW_CENTI_DECIMALS 2
#define VIEW_DEGREES \
	" \xc2\xb0"  \
	"C"

#define VIEW_SUB_TYPE_JOB_STATE 1

enum view_rule {
	VIEW_AS_IS,
	VIEW_CENTI,     /* hundredths */
	VIEW_REMAINING, /* seconds, but no countdown on an M5C */
	VIEW_FLAG,      /* 0 or 1 */
};

/* How fields are shown that are not shown just as they are. */
static const struct view_field {
	int64_t type;
	const char *json_name;
	const char *name;
	const char *label;
	const char *unit;
	enum view_rule rule;
} view_fields[] = {
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "time", "remaining_s", "remaining", " s", VIEW_REMAINING},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "totalTime", "elapsed_s", "elapsed", " s", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "progress", "progress_percent", "progress", " %",
	 VIEW_CENTI},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "realSpeed", "speed_mm_s", "speed", " mm/s", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "filamentUsed", "filament_estimated", "filament in all",
	 "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "filamentUnit", "filament_unit", "unit", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_SCHEDULE, "name", "file", "file", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_NOZZLE_TEMP, "currentTemp", "current_c", "current", VIEW_DEGREES,
	 VIEW_CENTI},
	{FLAGSHIP_MESSAGE_NOZZLE_TEMP, "targetTemp", "target_c", "target", VIEW_DEGREES,
	 VIEW_CENTI},
	{FLAGSHIP_MESSAGE_NOZZLE_TEMP, "value", "value_c", "value", VIEW_DEGREES, VIEW_CENTI},
	{FLAGSHIP_MESSAGE_HOTBED_TEMP, "currentTemp", "current_c", "current", VIEW_DEGREES,
	 VIEW_CENTI},
	{FLAGSHIP_MESSAGE_HOTBED_TEMP, "targetTemp", "target_c", "target", VIEW_DEGREES,
	 VIEW_CENTI},
	{FLAGSHIP_MESSAGE_HOTBED_TEMP, "value", "value_c", "value", VIEW_DEGREES, VIEW_CENTI},
	{FLAGSHIP_MESSAGE_FAN_SPEED, "value", "percent", "speed", " %", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_SPEED, "value", "speed_mm_s", "speed", " mm/s", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_AUTO_LEVELING, "value", "point", "point", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, "value", "z_offset_mm", "offset", " mm", VIEW_CENTI},
	{FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, "progress", "progress_percent", "progress", " %",
	 VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, "stepLen", "step_length_mm", "length", " mm",
	 VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_MOTOR_LOCK, "value", "locked", "locked", "", VIEW_FLAG},
	{FLAGSHIP_MESSAGE_BREAK_POINT, "breakPoint", "resumable", "resumable", "", VIEW_FLAG},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, "cmdData", "command", "command", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, "resCode", "result_code", "result", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, "resLen", "result_length", "length", " bytes", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, "resData", "result", "text", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL, "filePath", "file", "file", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_MODEL_LAYER, "real_print_layer", "layer", "layer", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_MODEL_LAYER, "total_layer", "layers", "of", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINT_MAX_SPEED, "max_print_speed", "max_speed_mm_s", "limit", " mm/s",
	 VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_JOB_SUMMARY, "totalTime", "total_s", "took", " s", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_JOB_SUMMARY, "filamentUsed", "filament_used", "filament", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_JOB_SUMMARY, "filamentUnit", "filament_unit", "unit", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_JOB_SUMMARY, "name", "file", "file", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_LEVELLED, "isLeveled", "levelled", "levelled", "", VIEW_FLAG},
	{FLAGSHIP_MESSAGE_PRINTER_ERROR, "errorCode", "code", "code", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_PRINTER_ERROR, "errorLevel", "level", "level", "", VIEW_AS_IS},
	{FLAGSHIP_MESSAGE_FILAMENT, "filamentType", "types", "types", "", VIEW_AS_IS},
};

const char *message_view_name(const struct flagship_message *message)
{
	return message->info ? message->info->name : NULL;
}

static const struct view_field *view_find(int64_t type, const char *json_name)
{
	for (size_t i = 0; i < sizeof(view_fields) / sizeof(view_fields[0]); i++) {
		if (view_fields[i].type == type &&
		    strcmp(view_fields[i].json_name, json_name) == 0) {
			return &view_fields[i];
		}
	}
	return NULL;
}

static void view_read_int(int64_t value, enum view_rule rule, enum flagship_model model,
			  struct message_view_field *out)
{
	out->kind = MESSAGE_VIEW_SCALED;
	out->number = value;
	switch (rule) {
	case VIEW_CENTI:
		out->decimals = VIEW_CENTI_DECIMALS;
		break;
	case VIEW_REMAINING:
		if (model == FLAGSHIP_MODEL_M5C) {
			out->name = out->label = "time";
			out->unit = "";
		}
		break;
	case VIEW_FLAG:
		/* Any other number says more as it is. */
		if (value == 0 || value == 1) {
			out->kind = MESSAGE_VIEW_BOOL;
		}
		break;
	case VIEW_AS_IS:
		break;
	}
}

static void view_read_field(const struct flagship_message *message,
			    const struct flagship_field_info *field, enum flagship_model model,
			    struct message_view_field *out)
{
	const void *place = (const char *)&message->as + field->offset;
	const struct view_field *view = view_find(message->type, field->name);

	*out = (struct message_view_field){.name = field->name, .label = field->name, .unit = ""};
	if (view) {
		out->name = view->name;
		out->label = view->label;
		out->unit = view->unit;
	}
	switch ((enum flagship_field_kind)field->kind) {
	case FLAGSHIP_FIELD_INT:
		view_read_int(*(const int64_t *)place, view ? view->rule : VIEW_AS_IS, model, out);
		break;
	case FLAGSHIP_FIELD_REAL:
		out->kind = MESSAGE_VIEW_REAL;
		out->real = *(const double *)place;
		break;
	case FLAGSHIP_FIELD_TEXT:
		out->kind = MESSAGE_VIEW_TEXT;
		out->text = *(const struct flagship_text *)place;
		break;
	case FLAGSHIP_FIELD_JSON:
		out->kind = MESSAGE_VIEW_JSON;
		out->json = *(const struct flagship_json *)place;
		break;
	}
}

static uint32_t view_present(const struct flagship_message *message)
{
	/* Every struct of the union begins with it. */
	return message->info && message->info->field_count > 0 ? message->as.event_notify.present
							       : 0;
}

static bool view_is_job_state(const struct flagship_message *message)
{
	const struct flagship_event_notify *event = &message->as.event_notify;
	const uint32_t both = FLAGSHIP_EVENT_NOTIFY_HAS_SUB_TYPE | FLAGSHIP_EVENT_NOTIFY_HAS_VALUE;

	return message->type == FLAGSHIP_MESSAGE_EVENT_NOTIFY && (event->present & both) == both &&
	       event->sub_type == VIEW_SUB_TYPE_JOB_STATE && event->value >= 0 &&
	       event->value <= UINT8_MAX && flagship_job_state_name((int)event->value);
}

size_t message_view_read(const struct flagship_message *message, enum flagship_model model,
			 struct message_view_field fields[MESSAGE_VIEW_FIELDS_MAX])
{
	uint32_t present = view_present(message);
	size_t count = 0;

	if (view_is_job_state(message)) {
		fields[count++] = (struct message_view_field){
			.name = "job_state",
			.label = "job",
			.unit = "",
			.kind = MESSAGE_VIEW_WORD,
			.word = flagship_job_state_name((int)message->as.event_notify.value),
		};
		present = 0;
	}
	for (size_t i = 0; present != 0 && i < message->info->field_count; i++) {
		if ((present >> i & 1) != 0) {
			view_read_field(message, &message->info->fields[i], model, &fields[count]);
			count++;
		}
	}
	if (message->has_reply) {
		fields[count++] = (struct message_view_field){
			.name = "reply",
			.label = "reply",
			.unit = "",
			.kind = MESSAGE_VIEW_SCALED,
			.number = message->reply,
		};
	}
	return count;
}

static bool view_knows_member(const struct flagship_message *message, struct flagship_text name)
{
	if (flagship_text_equals(name, "commandType") || flagship_text_equals(name, "reply")) {
		return true;
	}
	for (size_t i = 0; i < message->info->field_count; i++) {
		if (flagship_text_equals(name, message->info->fields[i].name)) {
			return true;
		}
	}
	return false;
}

bool message_view_is_whole(const struct flagship_message *message)
{
	struct json_reader reader = {message->json.data, message->json.data + message->json.length};
	struct flagship_text name;

	if (!message->info || message->refused > 0 || !json_take(&reader, '{')) {
		return false;
	}
	if (json_take(&reader, '}')) {
		return true;
	}
	do {
		json_skip_space(&reader);
		if (json_read_string(&reader, &name) != 0 || !json_take(&reader, ':') ||
		    json_skip_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX) != 0 ||
		    !view_knows_member(message, name)) {
			return false;
		}
	} while (json_take(&reader, ','));
	return true;
}

void message_view_write_value(const struct message_view_field *field, struct json_writer *writer)
{
	switch (field->kind) {
	case MESSAGE_VIEW_SCALED:
		if (field->decimals > 0) {
			json_scaled(writer, field->number, field->decimals);
		} else {
			json_int(writer, field->number);
		}
		break;
	case MESSAGE_VIEW_REAL:
		json_real(writer, field->real);
		break;
	case MESSAGE_VIEW_BOOL:
		json_bool(writer, field->number != 0);
		break;
	case MESSAGE_VIEW_WORD:
		json_string(writer, field->word);
		break;
	case MESSAGE_VIEW_TEXT:
		json_text(writer, field->text);
		break;
	case MESSAGE_VIEW_JSON:
		json_raw(writer, field->json.data, field->json.length);
		break;
	}
}
