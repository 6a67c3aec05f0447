/* SPDX-License-Identifier: MIT */
#include "printer/guard.h"

#include "printer/command_internal.h"

#include "protocol/json_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD_LINE_MAX    4096
#define Z_OFFSET_LIMIT_MM 5
#define KEYS_MAX          64
#define KEY_MAX           64
#define HOME_Y_VALUE      1 /* of 1026: 0 and 1 are probably X and Y */

struct guard {
	const struct printer_state *state;
	const struct printer_profile *profile;
	bool job_runs;
	char *reason;
	size_t capacity;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct guard *guard,
							 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(guard->reason, guard->capacity, format, arguments);
	va_end(arguments);
	return true;
}

/* A paused job still owns the position of the nozzle. */
static bool is_busy(const struct printer_state *state)
{
	switch (state->job.state) {
	case PRINTER_JOB_PREPARING:
	case PRINTER_JOB_HEATING:
	case PRINTER_JOB_PRINTING:
	case PRINTER_JOB_PAUSED:
	case PRINTER_JOB_LEVELLING:
	case PRINTER_JOB_CALIBRATING:
	case PRINTER_JOB_LOADING:
	case PRINTER_JOB_UNLOADING:
	case PRINTER_JOB_DOWNLOADING:
		return state->job.state_heard;
	default:
		return false;
	}
}

static bool guard_motion(const struct guard *guard)
{
	return guard->job_runs &&
	       refuse(guard, "a job is running, and moving the printer would spoil it");
}

static bool guard_level(const struct guard *guard)
{
	return guard->job_runs &&
	       refuse(guard, "a job is running, and levelling would drive the nozzle through it");
}

/* In whole degrees first: the product might not fit. */
static bool is_above(int64_t centi_c, int64_t limit_c)
{
	int64_t whole_c = centi_c / COMMAND_CENTI;

	return whole_c > limit_c || (whole_c == limit_c && centi_c % COMMAND_CENTI > 0);
}

static bool guard_nozzle(const struct guard *guard, int64_t centi_c)
{
	return is_above(centi_c, guard->profile->nozzle_max_c) &&
	       refuse(guard, "a nozzle target above %" PRId64 " °C may damage the hot end",
		      guard->profile->nozzle_max_c);
}

static bool guard_bed(const struct guard *guard, int64_t centi_c)
{
	return is_above(centi_c, guard->profile->bed_max_c) &&
	       refuse(guard, "a bed target above %" PRId64 " °C may damage the bed",
		      guard->profile->bed_max_c);
}

static bool guard_speed(const struct guard *guard, int64_t mm_s)
{
	if (mm_s <= 0) {
		return refuse(guard,
			      "a print speed of %" PRId64 " mm/s would stop the nozzle on "
			      "the print",
			      mm_s);
	}
	return mm_s > guard->profile->speed_max_mm_s &&
	       refuse(guard, "this printer's print speed is at most %" PRId64 " mm/s",
		      guard->profile->speed_max_mm_s);
}

static bool guard_home(const struct guard *guard, bool z)
{
	if (guard_motion(guard)) {
		return true;
	}
	return z && guard->profile->z_home_is_dangerous &&
	       refuse(guard, "homing Z drove the nozzle of such a printer into its plate");
}

static bool guard_z_offset(const struct guard *guard, int64_t centi_mm)
{
	const int64_t limit = Z_OFFSET_LIMIT_MM * COMMAND_CENTI;

	return (centi_mm < -limit || centi_mm > limit) &&
	       refuse(guard, "a Z offset beyond %d mm may drive the nozzle into the plate",
		      Z_OFFSET_LIMIT_MM);
}

static bool is_same_file(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return name[0] != '\0' && strcmp(slash != NULL ? slash + 1 : path, name) == 0;
}

static bool guard_delete(const struct guard *guard, const char *path)
{
	return guard->job_runs && path != NULL && is_same_file(path, guard->state->job.name) &&
	       refuse(guard, "%s is being printed", path);
}

static bool guard_start(const struct guard *guard)
{
	return guard->job_runs && refuse(guard, "a job is running already");
}

static bool guard_line(const struct guard *guard, struct flagship_text text)
{
	char line[GUARD_LINE_MAX];

	if (flagship_text_copy(text, line, sizeof(line)) >= sizeof(line)) {
		return refuse(guard, "the line is too long to be checked");
	}
	return guard_gcode(guard->profile, guard->job_runs, line, guard->reason, guard->capacity);
}

static bool guard_home_message(const struct guard *guard, const struct flagship_move_zero *home)
{
	bool has_value = home->present & FLAGSHIP_MOVE_ZERO_HAS_VALUE;
	bool harmless = has_value && home->value >= 0 && home->value <= HOME_Y_VALUE;

	return guard_home(guard, !harmless);
}

static bool guard_name(const struct guard *guard, const struct flagship_device_name_set *name)
{
	return !(name->present & FLAGSHIP_DEVICE_NAME_SET_HAS_DEVICE_NAME) &&
	       refuse(guard, "1034 without devName crashes the printer");
}

/* Types that are refused, or not, whatever their fields are. */
static bool guard_type(const struct guard *guard, int64_t type)
{
	switch (type) {
	case FLAGSHIP_MESSAGE_RECOVER_FACTORY:
		return refuse(guard, "1029 resets the printer to factory settings");
	case FLAGSHIP_MESSAGE_ALLOW_FIRMWARE_UPDATE:
		return refuse(guard, "1011 lets the printer replace its firmware");
	case FLAGSHIP_MESSAGE_STEST_GCODE_TRANSPOR:
		return refuse(guard, "2018 is the factory's self-test");
	case FLAGSHIP_MESSAGE_AUTO_LEVELING:
		return guard_level(guard);
	case FLAGSHIP_MESSAGE_EXTRUSION_STEP:
	case FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL:
	case FLAGSHIP_MESSAGE_MOVE_STEP:
	case FLAGSHIP_MESSAGE_MOVE_DIRECTION:
		return guard_motion(guard);
	default:
		return false;
	}
}

static bool guard_message(const struct guard *guard, const struct flagship_message *message)
{
	switch (message->type) {
	case FLAGSHIP_MESSAGE_DEVICE_NAME_SET:
		return guard_name(guard, &message->as.device_name_set);
	case FLAGSHIP_MESSAGE_MOVE_ZERO:
		return guard_home_message(guard, &message->as.move_zero);
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
		return (message->as.present & FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C) &&
		       guard_nozzle(guard, message->as.nozzle_temp.value_centi_c);
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
		return (message->as.present & FLAGSHIP_HOTBED_TEMP_HAS_VALUE_CENTI_C) &&
		       guard_bed(guard, message->as.hotbed_temp.value_centi_c);
	case FLAGSHIP_MESSAGE_Z_AXIS_RECOUP:
		return (message->as.present & FLAGSHIP_Z_AXIS_RECOUP_HAS_Z_OFFSET_CENTI_MM) &&
		       guard_z_offset(guard, message->as.z_axis_recoup.z_offset_centi_mm);
	case FLAGSHIP_MESSAGE_GCODE_COMMAND:
		return (message->as.present & FLAGSHIP_GCODE_COMMAND_HAS_COMMAND) &&
		       guard_line(guard, message->as.gcode_command.command);
	default:
		return guard_type(guard, message->type);
	}
}

static bool is_known(char keys[KEYS_MAX][KEY_MAX], size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i], key) == 0) {
			return true;
		}
	}
	return false;
}

/* Which of two fields of one name counts is the printer's choice, so that neither was checked. */
static bool has_field_twice(struct flagship_json object)
{
	struct json_reader reader = {object.data, object.data + object.length};
	char keys[KEYS_MAX][KEY_MAX];
	struct flagship_text key;
	size_t count = 0;

	if (!json_take(&reader, '{') || json_take(&reader, '}')) {
		return false;
	}
	do {
		if (count == KEYS_MAX || json_read_string(&reader, &key) != 0 ||
		    flagship_text_copy(key, keys[count], KEY_MAX) >= KEY_MAX ||
		    is_known(keys, count, keys[count])) {
			return true;
		}
		count++;
		if (!json_take(&reader, ':') ||
		    json_skip_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX) != 0) {
			return true;
		}
	} while (json_take(&reader, ','));
	return false;
}

static bool guard_json(const struct guard *guard, const char *json)
{
	struct flagship_payload payload;
	struct flagship_message message;

	if (json == NULL) {
		return false;
	}
	flagship_payload_init(&payload, json, strlen(json));
	while (flagship_payload_next(&payload, &message) > 0) {
		if (guard_message(guard, &message)) {
			return true;
		}
		if (has_field_twice(message.json)) {
			return refuse(guard, "a field stands in it twice, or it has too many to be "
					     "checked");
		}
	}
	return false;
}

static bool guard_request(const struct guard *guard, const struct command_request *request)
{
	switch (request->kind) {
	case COMMAND_NOZZLE_TARGET:
		return guard_nozzle(guard, request->value);
	case COMMAND_BED_TARGET:
		return guard_bed(guard, request->value);
	case COMMAND_SPEED:
		return guard_speed(guard, request->value);
	case COMMAND_HOME:
		return guard_home(guard, request->value & COMMAND_AXIS_Z);
	case COMMAND_MOVE:
	case COMMAND_EXTRUDE:
		return guard_motion(guard);
	case COMMAND_Z_OFFSET:
		return guard_z_offset(guard, request->value);
	case COMMAND_LEVEL:
		return guard_level(guard);
	case COMMAND_DELETE:
		return guard_delete(guard, request->text);
	case COMMAND_START:
		return guard_start(guard);
	case COMMAND_GCODE:
		return request->text != NULL &&
		       guard_line(guard, flagship_text_from(request->text));
	case COMMAND_SEND:
	case COMMAND_QUERY:
		return guard_json(guard, request->text);
	default:
		return false;
	}
}

bool guard_check(const struct printer_state *state, const struct printer_profile *profile,
		 const struct command_request *request, char *reason, size_t capacity)
{
	struct guard guard = {state, profile, is_busy(state), reason, capacity};

	return guard_request(&guard, request);
}

bool guard_depends_on_job(const struct printer_profile *profile,
			  const struct command_request *request)
{
	char reason[COMMAND_DETAIL_MAX];
	struct printer_state none = {.job.name = ""};
	struct guard idle = {&none, profile, false, reason, sizeof(reason)};
	struct guard busy = {&none, profile, true, reason, sizeof(reason)};

	return guard_request(&busy, request) != guard_request(&idle, request);
}
