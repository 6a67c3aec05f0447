/* SPDX-License-Identifier: MIT */
#include "gateway/commands/printed_file.h"

#include "gateway/commands/serving.h"
#include "gateway/queue/entry.h"

#include <stdio.h>
#include <string.h>

static int64_t largest_thumbnail(const struct gcode_metadata *metadata)
{
	int64_t largest = PRINTER_NEVER;
	uint32_t width = 0;

	for (size_t i = 0; metadata && i < metadata->thumbnail_count; i++) {
		if (metadata->thumbnails[i].width > width &&
		    gcode_picture_type(metadata->thumbnails[i].picture)) {
			width = metadata->thumbnails[i].width;
			largest = (int64_t)i;
		}
	}
	return largest;
}

/* As it is, or as the queue sends it. */
static bool is_called(const struct files_entry *entry, const char *name)
{
	char sent[QUEUE_NAME_SIZE];

	queue_job_name(entry->path, sent);
	return strcmp(files_name(entry), name) == 0 || strcmp(sent, name) == 0;
}

/* What is printed may have been replaced or deleted in the area since it was sent. */
static const struct queue_entry *find_sent(const struct queue *queue, const char *serial,
					   const char *name)
{
	const struct queue_entry *entry = NULL;

	while (queue && (entry = queue_next(queue, entry))) {
		if ((entry->state == QUEUE_STARTING || entry->state == QUEUE_PRINTING) &&
		    strcmp(entry->taken_by, serial) == 0 && strcmp(entry->name, name) == 0) {
			break;
		}
	}
	return entry;
}

static const struct files_entry *find_by_name(const struct files *files, const char *name)
{
	const struct files_entry *entry = files_find(files, name);
	const struct files_entry *other = NULL;

	while (!entry && (other = files_next(files, other))) {
		if (!other->is_folder && is_called(other, name)) {
			entry = other;
		}
	}
	return entry && !entry->is_folder ? entry : NULL;
}

bool printed_file_find(void *context, const char *serial, const char *name,
		       struct history_file *file)
{
	const struct serving *serving = context;
	const struct queue_entry *sent = find_sent(serving->print.queue, serial, name);
	const struct files_entry *entry = sent ? files_find(serving->files, sent->path)
					       : find_by_name(serving->files, name);
	const char *path = sent ? sent->path : entry ? entry->path : "";
	const char *hash = sent ? sent->hash : entry ? entry->hash : "";

	if (path[0] == '\0' || strlen(path) >= sizeof(file->path)) {
		return false;
	}
	strcpy(file->path, path);
	snprintf(file->hash, sizeof(file->hash), "%s", hash);
	file->thumbnail = entry && strcmp(entry->hash, hash) == 0
				  ? largest_thumbnail(entry->metadata)
				  : PRINTER_NEVER;
	return true;
}
