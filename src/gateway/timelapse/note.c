/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/internal.h"
#include "store/file/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a film beside its pictures, as JSON. */

char *film_note_write(const struct lapse_film *film)
{
	cJSON *json = cJSON_CreateObject();
	char *text = NULL;

	if (cJSON_AddNumberToObject(json, "id", (double)film->id) &&
	    cJSON_AddNumberToObject(json, "job", (double)film->job) &&
	    cJSON_AddStringToObject(json, "printer", film->serial) &&
	    cJSON_AddStringToObject(json, "printer_name", film->printer_name) &&
	    cJSON_AddStringToObject(json, "file", film->file) &&
	    cJSON_AddStringToObject(json, "outcome", history_outcome_name(film->outcome)) &&
	    cJSON_AddNumberToObject(json, "begun_ms", (double)film->begun_ms) &&
	    (film->ended_ms == PRINTER_NEVER ||
	     cJSON_AddNumberToObject(json, "ended_ms", (double)film->ended_ms)) &&
	    cJSON_AddNumberToObject(json, "missed", (double)film->missed) &&
	    cJSON_AddNumberToObject(json, "width", film->extent.width) &&
	    cJSON_AddNumberToObject(json, "height", film->extent.height) &&
	    cJSON_AddBoolToObject(json, "done", film->is_done)) {
		text = cJSON_PrintUnformatted(json);
	}
	cJSON_Delete(json);
	return text;
}

static bool take_note_number(const cJSON *json, const char *name, int64_t *number)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	const double most = 9007199254740992.0; /* beyond it they are not whole */

	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > most) {
		return false;
	}
	*number = (int64_t)item->valuedouble;
	return true;
}

static bool take_text(const cJSON *json, const char *name, char *out, size_t size)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

	return text && (size_t)snprintf(out, size, "%s", text) < size;
}

bool film_note_read(const char *text, size_t length, struct lapse_film *film)
{
	cJSON *json = store_json_parse(text, length);
	char outcome[HISTORY_KIND_SIZE];
	int64_t width;
	int64_t height;
	bool good = take_note_number(json, "id", &film->id) &&
		    take_note_number(json, "job", &film->job) &&
		    take_text(json, "printer", film->serial, sizeof(film->serial)) &&
		    take_text(json, "printer_name", film->printer_name,
			      sizeof(film->printer_name)) &&
		    take_text(json, "file", film->file, sizeof(film->file)) &&
		    take_text(json, "outcome", outcome, sizeof(outcome)) &&
		    take_note_number(json, "begun_ms", &film->begun_ms) &&
		    take_note_number(json, "missed", &film->missed) &&
		    take_note_number(json, "width", &width) && width <= H264_SIDE_MAX &&
		    take_note_number(json, "height", &height) && height <= H264_SIDE_MAX;

	if (good) {
		film->outcome = history_outcome_of(outcome);
		film->extent.width = (uint32_t)width;
		film->extent.height = (uint32_t)height;
		film->is_done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "done"));
		if (!take_note_number(json, "ended_ms", &film->ended_ms)) {
			film->ended_ms = PRINTER_NEVER;
		}
		good = film->outcome != HISTORY_OUTCOMES && film->id > 0 && film->serial[0] != '\0';
	}
	cJSON_Delete(json);
	return good;
}
