/* SPDX-License-Identifier: MIT */
#include "gateway/queue/entry.h"
#include "print/file.h"

#include "base/clock.h"
#include "base/text.h"
#include "gateway/sentences/sentences.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MS_PER_S  1000
#define TIME_SIZE 32

static const char *const state_names[QUEUE_STATES] = {
	[QUEUE_WAITING] = "waiting",     [QUEUE_CHECKING] = "checking",
	[QUEUE_UPLOADING] = "uploading", [QUEUE_STARTING] = "starting",
	[QUEUE_PRINTING] = "printing",   [QUEUE_FINISHED] = "finished",
	[QUEUE_FAILED] = "failed",       [QUEUE_CANCELLED] = "cancelled",
};

const char *queue_state_name(enum queue_state state)
{
	return (unsigned int)state < QUEUE_STATES ? state_names[state] : NULL;
}

static bool is_in_names(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* What is cut of a long name is its middle: what it ends with says what it is. */
void queue_job_name(const char *path, char name[QUEUE_NAME_SIZE])
{
	char from[QUEUE_PATH_SIZE];
	size_t length = print_file_name(path, from, sizeof(from));
	size_t dot = length;
	size_t kept = 0;

	while (dot > 0 && from[dot] != '.') {
		dot--;
	}
	size_t ending = dot > 0 && length - dot < QUEUE_NAME_SIZE / 2 ? length - dot : 0;

	for (size_t i = 0; i < length - ending && kept + ending < QUEUE_NAME_SIZE - 1; i++) {
		/* A letter of several bytes is one underscore. */
		if (((unsigned char)from[i] & 0xc0U) != 0x80U) {
			name[kept++] = is_in_names(from[i]) ? from[i] : '_';
		}
	}
	for (size_t i = length - ending; i < length; i++) {
		name[kept++] = is_in_names(from[i]) ? from[i] : '_';
	}
	name[kept] = '\0';
	if (name[0] == '.' || name[0] == '\0') {
		name[0] = '_';
		name[1] = kept > 0 ? name[1] : '\0';
	}
}

/* Several extruders want one each, and these printers have one. */
bool queue_material_fits(const char *wanted, const char *loaded)
{
	size_t loaded_length = strlen(loaded);

	if (loaded_length == 0) {
		return true;
	}
	while (*wanted != '\0') {
		size_t length = strcspn(wanted, ";");

		if (length > 0 &&
		    (length != loaded_length || strncasecmp(wanted, loaded, length) != 0)) {
			return false;
		}
		wanted += length + (wanted[length] == ';');
	}
	return true;
}

static void write_moment(struct json_writer *writer, const char *name, int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / MS_PER_S);
	char text[TIME_SIZE];
	struct tm utc;
	bool is_known = unix_ms != 0 && gmtime_r(&seconds, &utc) &&
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0;

	json_member_string(writer, name, is_known ? text : NULL);
}

void queue_write_entry(struct json_writer *writer, const struct queue_entry *entry,
		       int64_t progress_percent)
{
	json_object_begin(writer);
	json_member_int(writer, "id", entry->id);
	json_member_string(writer, "state", queue_state_name(entry->state));
	sentence_member_known(writer, "reason", entry->reason);
	json_member_bool(writer, "to_decide", entry->is_doubtful);
	json_member_known(writer, "printer", entry->serial);
	json_member_string(writer, "model", flagship_model_name(entry->model));
	json_member_known(writer, "taken_by", entry->taken_by);
	json_member_string(writer, "path", entry->path);
	json_member_string(writer, "hash", entry->hash);
	json_member_string(writer, "name", entry->name);
	json_member_known(writer, "material", entry->material);
	json_member_int(writer, "copies", entry->copies);
	json_member_int(writer, "copies_done", entry->copies_done);
	json_member_bool(writer, "hold", entry->hold);
	json_member_bool(writer, "force", entry->force);
	write_moment(writer, "not_before", entry->not_before_ms);
	json_member_string(writer, "asker", entry->asker);
	write_moment(writer, "asked_at", entry->asked_ms);
	write_moment(writer, "begun_at", entry->begun_ms);
	write_moment(writer, "ended_at", entry->ended_ms);
	json_key(writer, "uploaded_percent");
	if (progress_percent < 0) {
		json_null(writer);
	} else {
		json_int(writer, progress_percent);
	}
	json_object_end(writer);
}
