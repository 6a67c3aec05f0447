/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/internal.h"
#include "store/file/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a film beside its pictures, as JSON. */

static void write_note(struct json_writer *writer, const void *context)
{
	const struct lapse_film *film = context;

	json_object_begin(writer);
	json_member_int(writer, "id", film->id);
	json_member_int(writer, "job", film->job);
	json_member_string(writer, "printer", film->serial);
	json_member_string(writer, "printer_name", film->printer_name);
	json_member_string(writer, "file", film->file);
	json_member_string(writer, "outcome", history_outcome_name(film->outcome));
	json_member_int(writer, "begun_ms", film->begun_ms);
	if (film->ended_ms != PRINTER_NEVER) {
		json_member_int(writer, "ended_ms", film->ended_ms);
	}
	json_member_int(writer, "missed", film->missed);
	json_member_int(writer, "width", film->extent.width);
	json_member_int(writer, "height", film->extent.height);
	json_member_bool(writer, "done", film->is_done);
	json_object_end(writer);
}

char *film_note_write(const struct lapse_film *film)
{
	size_t length;

	return json_compose(write_note, film, &length);
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
