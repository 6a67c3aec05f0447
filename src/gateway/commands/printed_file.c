/* SPDX-License-Identifier: MIT */
#include "gateway/commands/printed_file.h"

#include "gateway/files/files.h"
#include "gateway/queue/entry.h"

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

bool printed_file_find(void *context, const char *name, struct history_file *file)
{
	const struct files *files = context;
	const struct files_entry *entry = files_find(files, name);
	const struct files_entry *other = NULL;

	while (!entry && (other = files_next(files, other))) {
		if (!other->is_folder && is_called(other, name)) {
			entry = other;
		}
	}
	if (!entry || entry->is_folder || strlen(entry->path) >= sizeof(file->path)) {
		return false;
	}
	strcpy(file->path, entry->path);
	memcpy(file->hash, entry->hash, sizeof(file->hash));
	file->thumbnail = largest_thumbnail(entry->metadata);
	return true;
}
