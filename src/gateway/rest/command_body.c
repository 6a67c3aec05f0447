/* SPDX-License-Identifier: MIT */
#include "gateway/rest/command_body.h"
#include "store/file/json.h"

#include "gateway/web/web.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CENTI         100.0
#define MS_PER_S      1000.0
#define TIMEOUT_MAX_S 3600.0
#define VALUE_MAX     1e6
#define SHOWN_MAX     40

enum member_kind {
	MEMBER_CENTI,    /* value, in hundredths */
	MEMBER_WHOLE,    /* value */
	MEMBER_SWITCH,   /* value: true or false */
	MEMBER_AXES,     /* value: "xyz" or some of it */
	MEMBER_STORAGE,  /* value: "board" or "usb" */
	MEMBER_TEXT,     /* text */
	MEMBER_NAME,     /* text: of a printer */
	MEMBER_OBJECT,   /* text: an object, written anew */
	MEMBER_X,        /* position_mm */
	MEMBER_Y,        /* position_mm */
	MEMBER_Z,        /* position_mm */
	MEMBER_DISTANCE, /* distance_mm */
	MEMBER_FEED,     /* feed_mm_s */
	MEMBER_RELATIVE, /* relative */
	MEMBER_FORCE,    /* force */
	MEMBER_TIMEOUT,  /* timeout_ms */
};

struct member {
	enum command_kind command;
	const char *name;
	enum member_kind kind;
	bool optional;
};

#define ANY_COMMAND ((enum command_kind)(-1))

static const struct member members[] = {
	{COMMAND_NOZZLE_TARGET, "target_c", MEMBER_CENTI, false},
	{COMMAND_BED_TARGET, "target_c", MEMBER_CENTI, false},
	{COMMAND_FAN, "percent", MEMBER_WHOLE, false},
	{COMMAND_SPEED, "mm_s", MEMBER_WHOLE, false},
	{COMMAND_HOME, "axes", MEMBER_AXES, true},
	{COMMAND_MOVE, "x_mm", MEMBER_X, true},
	{COMMAND_MOVE, "y_mm", MEMBER_Y, true},
	{COMMAND_MOVE, "z_mm", MEMBER_Z, true},
	{COMMAND_MOVE, "feed_mm_s", MEMBER_FEED, true},
	{COMMAND_MOVE, "relative", MEMBER_RELATIVE, true},
	{COMMAND_EXTRUDE, "length_mm", MEMBER_DISTANCE, false},
	{COMMAND_EXTRUDE, "feed_mm_s", MEMBER_FEED, true},
	{COMMAND_Z_OFFSET, "offset_mm", MEMBER_CENTI, false},
	{COMMAND_Z_OFFSET, "relative", MEMBER_RELATIVE, true},
	{COMMAND_RENAME, "name", MEMBER_NAME, false},
	{COMMAND_FILES, "storage", MEMBER_STORAGE, true},
	{COMMAND_DELETE, "path", MEMBER_TEXT, false},
	{COMMAND_START, "path", MEMBER_TEXT, false},
	{COMMAND_LIGHT, "on", MEMBER_SWITCH, false},
	{COMMAND_GCODE, "line", MEMBER_TEXT, false},
	{COMMAND_SEND, "message", MEMBER_OBJECT, false},
	{COMMAND_QUERY, "message", MEMBER_OBJECT, false},
	{ANY_COMMAND, "force", MEMBER_FORCE, true},
	{ANY_COMMAND, "timeout_s", MEMBER_TIMEOUT, true},
};

#define MEMBER_COUNT (sizeof(members) / sizeof(members[0]))

static bool find_kind(const char *name, enum command_kind *kind)
{
	for (int at = COMMAND_PAUSE; at <= COMMAND_STATUS; at++) {
		if (strcmp(command_kind_name((enum command_kind)at), name) == 0) {
			*kind = (enum command_kind)at;
			return true;
		}
	}
	return false;
}

static bool is_of(const struct member *member, enum command_kind kind)
{
	return member->command == kind || member->command == ANY_COMMAND;
}

/* --- values --- */

static bool read_number(const cJSON *item, double *number)
{
	*number = cJSON_IsNumber(item) ? item->valuedouble : NAN;
	return isfinite(*number) && fabs(*number) <= VALUE_MAX;
}

static bool read_axes(const cJSON *item, int64_t *value)
{
	static const char letters[] = "xyz";
	const char *text = cJSON_GetStringValue(item);

	*value = 0;
	for (; text && *text != '\0'; text++) {
		const char *letter = strchr(letters, *text);

		if (!letter) {
			return false;
		}
		*value |= INT64_C(1) << (letter - letters);
	}
	return *value != 0;
}

static bool read_storage(const cJSON *item, int64_t *value)
{
	const char *text = cJSON_GetStringValue(item);

	*value = text && strcmp(text, "board") == 0;
	return text && (*value == 1 || strcmp(text, "usb") == 0);
}

static bool read_flag(const cJSON *item, bool *flag)
{
	*flag = cJSON_IsTrue(item);
	return cJSON_IsBool(item);
}

static bool read_object(struct command_body *body, const cJSON *item)
{
	body->text = cJSON_IsObject(item) ? cJSON_PrintUnformatted(item) : NULL;
	body->request.text = body->text;
	return body->text;
}

static bool read_value(struct command_body *body, const struct member *member, const cJSON *item)
{
	struct command_request *request = &body->request;
	double number = 0;

	switch (member->kind) {
	case MEMBER_AXES:
		return read_axes(item, &request->value);
	case MEMBER_STORAGE:
		return read_storage(item, &request->value);
	case MEMBER_SWITCH:
		request->value = cJSON_IsTrue(item);
		return cJSON_IsBool(item);
	case MEMBER_RELATIVE:
		return read_flag(item, &request->relative);
	case MEMBER_FORCE:
		return read_flag(item, &request->force);
	case MEMBER_TEXT:
		request->text = cJSON_GetStringValue(item);
		return request->text && request->text[0] != '\0';
	case MEMBER_NAME:
		request->text = cJSON_GetStringValue(item);
		return request->text && request->text[0] != '\0' &&
		       strlen(request->text) <= COMMAND_NAME_MAX;
	case MEMBER_OBJECT:
		return read_object(body, item);
	default:
		break;
	}
	if (!read_number(item, &number)) {
		return false;
	}
	switch (member->kind) {
	case MEMBER_CENTI:
		request->value = llround(number * CENTI);
		return true;
	case MEMBER_WHOLE:
		request->value = llround(number);
		return number == (double)request->value;
	case MEMBER_DISTANCE:
		request->distance_mm = number;
		return number != 0;
	case MEMBER_FEED:
		request->feed_mm_s = number;
		return number > 0;
	case MEMBER_TIMEOUT:
		request->timeout_ms = llround(number * MS_PER_S);
		return number > 0 && number <= TIMEOUT_MAX_S;
	default:
		request->position_mm[member->kind - MEMBER_X] = number;
		return true;
	}
}

/* --- the whole --- */

static const struct member *find_member(enum command_kind kind, const char *name)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		if (is_of(&members[i], kind) && strcmp(members[i].name, name) == 0) {
			return &members[i];
		}
	}
	return NULL;
}

/* Which of the two was meant is not known. */
static bool is_given_twice(const cJSON *item)
{
	for (const cJSON *later = item->next; later; later = later->next) {
		if (strcmp(later->string, item->string) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_members(struct command_body *body, struct problem *problem)
{
	const char *command = command_kind_name(body->request.kind);
	const cJSON *item;

	cJSON_ArrayForEach(item, body->json)
	{
		const struct member *member = find_member(body->request.kind, item->string);

		if (is_given_twice(item)) {
			problem_set(problem, "the body has '%.*s' twice", SHOWN_MAX, item->string);
			return false;
		}
		if (strcmp(item->string, "command") == 0) {
			continue;
		}
		if (!member) {
			problem_set(problem, "the command %s has no member '%.*s'", command,
				    SHOWN_MAX, item->string);
			return false;
		}
		if (!read_value(body, member, item)) {
			problem_set(problem, "%s does not take this %s", command, member->name);
			return false;
		}
	}
	return true;
}

static bool has_all(const struct command_body *body, struct problem *problem)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		if (is_of(&members[i], body->request.kind) && !members[i].optional &&
		    !cJSON_HasObjectItem(body->json, members[i].name)) {
			problem_set(problem, "the command %s needs %s",
				    command_kind_name(body->request.kind), members[i].name);
			return false;
		}
	}
	return true;
}

static bool moves_nothing(const struct command_request *request)
{
	return request->kind == COMMAND_MOVE && isnan(request->position_mm[0]) &&
	       isnan(request->position_mm[1]) && isnan(request->position_mm[2]);
}

bool command_body_read(struct command_body *body, const char *text, size_t length,
		       struct problem *problem)
{
	*body = (struct command_body){0};
	for (size_t i = 0; i < sizeof(body->request.position_mm) / sizeof(double); i++) {
		body->request.position_mm[i] = NAN;
	}
	body->json = store_json_parse(text, length);
	if (!body->json && errno == ENOMEM) {
		body->lacks_memory = true;
		(void)problem_memory(problem);
		return false;
	}
	const char *name = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(body->json, "command"));
	if (!cJSON_IsObject(body->json) || !name) {
		problem_set(problem, "the body is to be an object with a command: "
				     "{\"command\": \"pause\"}");
		return false;
	}
	if (!find_kind(name, &body->request.kind)) {
		problem_set(problem, "there is no command '%.*s'", SHOWN_MAX, name);
		return false;
	}
	if (body->request.kind == COMMAND_HOME) {
		body->request.value = COMMAND_AXES_ALL;
	}
	if (body->request.kind == COMMAND_FILES) {
		body->request.value = 1;
	}
	if (!read_members(body, problem) || !has_all(body, problem)) {
		return false;
	}
	if (moves_nothing(&body->request)) {
		problem_set(problem, "the command move needs x_mm, y_mm or z_mm");
		return false;
	}
	return true;
}

void command_body_finish(struct command_body *body)
{
	cJSON_free(body->text);
	cJSON_Delete(body->json);
	*body = (struct command_body){0};
}

/* --- its schema --- */

static void write_member_type(struct json_writer *writer, enum member_kind kind)
{
	static const char *const types[] = {
		[MEMBER_CENTI] = "{\"type\":\"number\"}",
		[MEMBER_WHOLE] = "{\"type\":\"integer\"}",
		[MEMBER_SWITCH] = "{\"type\":\"boolean\"}",
		[MEMBER_AXES] = "{\"type\":\"string\",\"pattern\":\"^[xyz]+$\"}",
		[MEMBER_STORAGE] = "{\"enum\":[\"board\",\"usb\"]}",
		[MEMBER_TEXT] = "{\"type\":\"string\",\"minLength\":1}",
		[MEMBER_NAME] = "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}",
		[MEMBER_OBJECT] = "{\"type\":\"object\"}",
		[MEMBER_X] = "{\"type\":\"number\"}",
		[MEMBER_Y] = "{\"type\":\"number\"}",
		[MEMBER_Z] = "{\"type\":\"number\"}",
		[MEMBER_DISTANCE] = "{\"type\":\"number\"}",
		[MEMBER_FEED] = "{\"type\":\"number\",\"exclusiveMinimum\":0}",
		[MEMBER_RELATIVE] = "{\"type\":\"boolean\"}",
		[MEMBER_FORCE] = "{\"type\":\"boolean\"}",
		[MEMBER_TIMEOUT] = "{\"type\":\"number\",\"exclusiveMinimum\":0}",
	};

	static_assert(COMMAND_NAME_MAX == 64, "as the schema says");
	json_raw(writer, types[kind], strlen(types[kind]));
}

static void write_properties(struct json_writer *writer, enum command_kind kind)
{
	json_key(writer, "properties");
	json_object_begin(writer);
	json_key(writer, "command");
	json_object_begin(writer);
	json_member_string(writer, "const", command_kind_name(kind));
	json_object_end(writer);
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		if (is_of(&members[i], kind)) {
			json_key(writer, members[i].name);
			write_member_type(writer, members[i].kind);
		}
	}
	json_object_end(writer);
}

static void write_required(struct json_writer *writer, enum command_kind kind)
{
	json_key(writer, "required");
	json_array_begin(writer);
	json_string(writer, "command");
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		if (is_of(&members[i], kind) && !members[i].optional) {
			json_string(writer, members[i].name);
		}
	}
	json_array_end(writer);
}

void command_body_write_schema(struct json_writer *writer)
{
	json_object_begin(writer);
	json_key(writer, "oneOf");
	json_array_begin(writer);
	for (int at = COMMAND_PAUSE; at <= COMMAND_STATUS; at++) {
		json_object_begin(writer);
		json_member_string(writer, "type", "object");
		write_properties(writer, (enum command_kind)at);
		write_required(writer, (enum command_kind)at);
		json_member_bool(writer, "additionalProperties", false);
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}
