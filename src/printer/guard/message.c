/* SPDX-License-Identifier: MIT */
#include "printer/guard/internal.h"

#include "base/json/reader.h"
#include "printer/command/internal.h"
#include "printer/guard/rules.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More than a line of G-code or a path has; a longer text is not judged but refused. */
#define TEXT_SIZE 4096
#define KEYS_MAX  64
#define KEY_MAX   64

/* Values of 1008 and 1026 (protocol.md 3.2, 3). */
#define CONTROL_AGAIN       0
#define CONTROL_START       1
#define CONTROL_KNOWN_TO    4
#define CONTROL_STOP_FIELDS 2 /* commandType and value: a stop of an M5C has no others */
#define HOME_XY             0
#define FEED_DEGREES_MAX    1000

#define REPLACEMENT         "\xef\xbf\xbd" /* what flagship_text_copy makes of a NUL and of no UTF-8 */

/* NAN where it is not there, or is no number. Judged is what was written, rounded by nobody. */
static double read_number(struct flagship_json object, const char *name)
{
	struct json_value value;
	double number;

	return json_object_find(object, name, &value) && json_value_to_real(&value, &number)
		       ? number
		       : NAN;
}

static bool has_field(struct flagship_json object, const char *name)
{
	struct json_value value;

	return json_object_find(object, name, &value);
}

/* False where it is not there, is no text, or is too long. */
static bool read_text(struct flagship_json object, const char *name, char out[TEXT_SIZE])
{
	struct json_value value;

	return json_object_find(object, name, &value) && value.kind == JSON_STRING &&
	       flagship_text_copy(value.text, out, TEXT_SIZE) < TEXT_SIZE;
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

/*
 * How many fields an object has, or 0: which of two fields of one name counts is the printer's
 * choice, so that neither can be judged.
 */
static size_t count_fields(struct flagship_json object)
{
	struct json_reader reader = {object.data, object.data + object.length};
	char keys[KEYS_MAX][KEY_MAX];
	struct flagship_text key;
	size_t count = 0;

	if (!json_take(&reader, '{')) {
		return 0;
	}
	do {
		if (count == KEYS_MAX || json_read_string(&reader, &key) != 0 ||
		    flagship_text_copy(key, keys[count], KEY_MAX) >= KEY_MAX ||
		    is_known(keys, count, keys[count])) {
			return 0;
		}
		count++;
		if (!json_take(&reader, ':') ||
		    json_skip_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX) != 0) {
			return 0;
		}
	} while (json_take(&reader, ','));
	return count;
}

static bool guard_gcode_message(struct guard *guard, struct flagship_json object)
{
	char line[TEXT_SIZE];

	if (!read_text(object, "cmdData", line)) {
		return guard_refuse(guard, "1043 without a line of G-code that can be read");
	}
	if (strstr(line, REPLACEMENT)) {
		return guard_refuse_always(guard, "the line holds what is no text");
	}
	if (guard_line(guard, line)) {
		return true;
	}
	/* "G28 X" of length 3 may be taken for G28. */
	return has_field(object, "cmdLen") &&
	       read_number(object, "cmdLen") != (double)strlen(line) &&
	       guard_refuse(guard, "cmdLen is not the length of cmdData, so that the printer may "
				   "run a part of it");
}

static bool names_job(struct guard *guard, struct flagship_json object)
{
	char path[TEXT_SIZE];

	return read_text(object, "filePath", path) && path[0] != '\0' &&
	       strcmp(path, guard->state->job.name) == 0 && !has_field(object, "userId") &&
	       !has_field(object, "printMode");
}

/* What stops a job on one model starts one on another (protocol.md 3.2). */
static bool guard_control(struct guard *guard, struct flagship_json object)
{
	const struct printer_profile *profile = guard->profile;
	const double value = read_number(object, "value");
	const bool e1 = profile->model == FLAGSHIP_MODEL_E1;

	if (value == CONTROL_AGAIN) {
		bool stops = profile->control == PRINTER_CONTROL_OBSERVED && !e1 &&
			     count_fields(object) == CONTROL_STOP_FIELDS;
		if (stops && guard_job_runs(guard)) {
			return false;
		}
		guard->unknown = stops && !guard->state->job.state_received;
		return guard_refuse(guard, "1008 with value 0 prints the loaded file again, "
					   "whatever it is");
	}
	if (value == CONTROL_START) {
		bool pauses = profile->control == PRINTER_CONTROL_OBSERVED &&
			      names_job(guard, object);
		return !pauses && (e1 || guard_job_runs(guard)) &&
		       guard_refuse(guard, "1008 with value 1 starts a file%s",
				    e1 ? "" : ", and a job is running already");
	}
	/* So that NAN is refused too. */
	return !(value >= CONTROL_START && value <= CONTROL_KNOWN_TO && value == floor(value)) &&
	       guard_refuse(guard, "1008 is known with values 1 to 4 alone; others have started "
				   "jobs");
}

static bool guard_preheat(struct guard *guard, struct flagship_json object)
{
	bool nozzle = has_field(object, "nozzle");
	bool bed = has_field(object, "heatbed");

	if (!nozzle && !bed) {
		return guard_refuse(guard, "1038 without targets that can be read");
	}
	return (nozzle && guard_nozzle(guard, read_number(object, "nozzle"))) ||
	       (bed && guard_bed(guard, read_number(object, "heatbed")));
}

/* Nobody knows whether it counts degrees or hundredths: what is no sane degree is the latter. */
static bool guard_feed(struct guard *guard, struct flagship_json object)
{
	double temperature = read_number(object, "temperature");

	if (!has_field(object, "temperature")) {
		return false;
	}
	if (isnan(temperature) || temperature > FEED_DEGREES_MAX) {
		temperature /= COMMAND_CENTI;
	}
	return guard_nozzle(guard, temperature);
}

static bool guard_offset_message(struct guard *guard, struct flagship_json object)
{
	return guard_offset_to(guard, read_number(object, "value") / COMMAND_CENTI);
}

static bool guard_delete_message(struct guard *guard, struct flagship_json object)
{
	char path[TEXT_SIZE];

	return guard_delete(guard, read_text(object, "filePath", path) ? path : NULL);
}

static bool guard_name_message(struct guard *guard, struct flagship_json object)
{
	struct json_value value;

	if (!json_object_find(object, "devName", &value) || value.kind != JSON_STRING) {
		return guard_refuse(guard, "1034 without devName crashes the printer");
	}
	return guard_name(guard, value.text);
}

static bool message_carried(struct guard *guard, enum guard_condition condition,
			    struct flagship_json object)
{
	switch (condition) {
	case GUARD_SETS_NOZZLE:
		return guard_nozzle(guard, read_number(object, "value") / COMMAND_CENTI);
	case GUARD_SETS_BED:
		return guard_bed(guard, read_number(object, "value") / COMMAND_CENTI);
	case GUARD_SETS_BOTH:
		return guard_preheat(guard, object);
	case GUARD_FEEDS:
		return guard_feed(guard, object);
	case GUARD_SETS_FAN:
		return guard_fan(guard);
	case GUARD_SETS_SPEED:
		return guard_speed(guard, read_number(object, "value"));
	case GUARD_SETS_OFFSET:
		return guard_offset_message(guard, object);
	case GUARD_CONTROLS_JOB:
		return guard_control(guard, object);
	case GUARD_DELETES:
		return guard_delete_message(guard, object);
	case GUARD_NAMES:
		return guard_name_message(guard, object);
	case GUARD_CARRIES_GCODE:
		return guard_gcode_message(guard, object);
	default:
		return false;
	}
}

static bool message_is_about(const struct guard_rule *rule, struct flagship_json object)
{
	switch (rule->condition) {
	case GUARD_HOMES_XY:
		return read_number(object, "value") == HOME_XY;
	case GUARD_HOMES_Z:
		return read_number(object, "value") != HOME_XY;
	default:
		return true;
	}
}

static bool guard_row(struct guard *guard, const struct guard_rule *rule,
		      struct flagship_json object)
{
	enum guard_when when = guard_rule_when(rule, guard->profile->model);

	if (!message_is_about(rule, object)) {
		return false;
	}
	if (when == GUARD_JUDGED) {
		return message_carried(guard, rule->condition, object);
	}
	/* What an E1 refuses may still be what is never sent. */
	return guard_applies(guard, rule) || (rule->condition == GUARD_CARRIES_GCODE &&
					      message_carried(guard, rule->condition, object));
}

static bool guard_object(struct guard *guard, int64_t type, struct flagship_json object)
{
	size_t count;
	const struct guard_rule *rules = guard_rules(&count);

	for (size_t i = 0; i < count; i++) {
		if (rules[i].subject == GUARD_MESSAGE && rules[i].first == type &&
		    guard_row(guard, &rules[i], object)) {
			return true;
		}
	}
	return false;
}

bool guard_type(struct guard *guard, int64_t type)
{
	return guard_object(guard, type, (struct flagship_json){"{}", 2});
}

bool guard_json(struct guard *guard, const char *json)
{
	struct flagship_payload payload;
	struct flagship_message message;

	flagship_payload_init(&payload, json, strlen(json));
	while (flagship_payload_next(&payload, &message) > 0) {
		if (guard_object(guard, message.type, message.json)) {
			return true;
		}
		if (count_fields(message.json) == 0 &&
		    guard_refuse(guard, "a field stands in it twice, or it has too many to be "
					"judged")) {
			return true;
		}
	}
	return false;
}
