/* SPDX-License-Identifier: MIT */
#include "gateway/rest/queue_body.h"
#include "base/clock.h"
#include "base/time/time_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL 10

/* --- values, of a form and of JSON alike --- */

typedef bool read_value(const void *from, const char *name, char out[QUEUE_VALUE_SIZE]);

static bool read_form(const void *from, const char *name, char out[QUEUE_VALUE_SIZE])
{
	const char *value = files_form_field(from, name);

	if (!value || strlen(value) >= QUEUE_VALUE_SIZE) {
		return false;
	}
	strcpy(out, value);
	return true;
}

/* null is as if it were not there. */
static bool read_json(const void *from, const char *name, char out[QUEUE_VALUE_SIZE])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, name);

	if (cJSON_IsString(item)) {
		snprintf(out, QUEUE_VALUE_SIZE, "%s", item->valuestring);
	} else if (cJSON_IsBool(item)) {
		strcpy(out, cJSON_IsTrue(item) ? "true" : "false");
	} else if (cJSON_IsNumber(item) && item->valuedouble == floor(item->valuedouble)) {
		snprintf(out, QUEUE_VALUE_SIZE, "%.0f", item->valuedouble);
	} else if (item && !cJSON_IsNull(item)) {
		strcpy(out, "?");
	} else {
		return false;
	}
	return true;
}

/* --- what they mean --- */

struct reading {
	read_value *read;
	const void *from;
	struct problem *problem;
};

static bool read_queue_flag(const struct reading *reading, const char *name, bool *flag)
{
	char value[QUEUE_VALUE_SIZE];

	if (!reading->read(reading->from, name, value)) {
		return true;
	}
	*flag = strcmp(value, "true") == 0;
	if (!*flag && strcmp(value, "false") != 0) {
		problem_set(reading->problem, "'%s' is to be true or false", name);
		return false;
	}
	return true;
}

static bool read_copies(const struct reading *reading, int64_t *copies)
{
	char value[QUEUE_VALUE_SIZE];
	char *tail;

	if (!reading->read(reading->from, "copies", value)) {
		return true;
	}
	*copies = strtoll(value, &tail, DECIMAL);
	if (value[0] < '0' || value[0] > '9' || *tail != '\0' || *copies < 1 ||
	    *copies > QUEUE_COPIES_MAX) {
		problem_set(reading->problem, "'copies' is a number from 1 to %d",
			    QUEUE_COPIES_MAX);
		return false;
	}
	return true;
}

static bool read_moment(const struct reading *reading, int64_t *unix_ms)
{
	char value[QUEUE_VALUE_SIZE];

	if (!reading->read(reading->from, "not_before", value)) {
		return true;
	}
	if (value[0] == '\0') {
		*unix_ms = 0;
		return true;
	}
	if (!time_text_read_ahead(value, clock_unix_ms(), false, unix_ms)) {
		problem_set(reading->problem,
			    "'not_before' is a time as 2026-11-28T15:04:00Z, Unix seconds, or 2h "
			    "for in two hours");
		return false;
	}
	return true;
}

static bool is_shown(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f') {
			return false;
		}
	}
	return true;
}

bool queue_read_material(const char *value, char material[QUEUE_MATERIAL_SIZE],
			 struct problem *problem)
{
	if (strlen(value) >= QUEUE_MATERIAL_SIZE || !is_shown(value)) {
		problem_set(problem, "'material' is a word such as PLA, of %d bytes at most",
			    QUEUE_MATERIAL_SIZE - 1);
		return false;
	}
	strcpy(material, value);
	return true;
}

static bool read_model(const struct reading *reading, enum flagship_model *model)
{
	char value[QUEUE_VALUE_SIZE];

	if (!reading->read(reading->from, "model", value) || value[0] == '\0') {
		return true;
	}
	*model = flagship_model_from_name(value);
	if (*model != FLAGSHIP_MODEL_M5 && *model != FLAGSHIP_MODEL_M5C) {
		problem_set(reading->problem, "'model' is M5 or M5C");
		return false;
	}
	return true;
}

static bool read_all(const struct reading *reading, struct queue_body *body)
{
	struct queue_request *request = &body->request;
	char material[QUEUE_VALUE_SIZE];

	*body = (struct queue_body){.request = {.copies = 1}};
	if (reading->read(reading->from, "path", body->path)) {
		request->path = body->path;
	}
	if (reading->read(reading->from, "material", material)) {
		if (!queue_read_material(material, body->material, reading->problem)) {
			return false;
		}
		request->material = body->material;
	}
	return read_queue_flag(reading, "hold", &request->hold) &&
	       read_queue_flag(reading, "force", &request->force) &&
	       read_queue_flag(reading, "front", &request->front) &&
	       read_copies(reading, &request->copies) &&
	       read_moment(reading, &request->not_before_ms) &&
	       read_model(reading, &request->model);
}

bool queue_body_of_form(const struct files_form *form, struct queue_body *body,
			struct problem *problem)
{
	const struct reading reading = {read_form, form, problem};

	return read_all(&reading, body);
}

bool queue_body_of_json(const cJSON *json, struct queue_body *body, struct problem *problem)
{
	const struct reading reading = {read_json, json, problem};

	if (!read_all(&reading, body)) {
		return false;
	}
	if (!body->request.path) {
		problem_set(problem, "'path' is to be the path of a file in the file area");
		return false;
	}
	return true;
}

static bool has(const cJSON *json, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(json, name);
}

bool queue_change_of_json(const cJSON *json, struct queue_body *body, struct queue_change *change,
			  struct problem *problem)
{
	const struct reading reading = {read_json, json, problem};
	const cJSON *moment = cJSON_GetObjectItemCaseSensitive(json, "not_before");

	if (!read_all(&reading, body)) {
		return false;
	}
	*change = (struct queue_change)QUEUE_NO_CHANGE;
	if (has(json, "hold")) {
		change->hold = body->request.hold;
	}
	if (has(json, "force")) {
		change->force = body->request.force;
	}
	if (has(json, "copies")) {
		change->copies = body->request.copies;
	}
	if (moment) {
		change->not_before_ms = cJSON_IsNull(moment) ? 0 : body->request.not_before_ms;
	}
	change->material = body->request.material;
	return true;
}
