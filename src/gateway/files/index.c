/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

#include <flagship/error.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 64

/* A slash counts less than any character of a name, so that what is in a folder follows it. */
static int compare_paths(const char *one, const char *other)
{
	while (*one != '\0' && *one == *other) {
		one++;
		other++;
	}
	int left = *one == '/' ? 1 : *one == '\0' ? 0 : (unsigned char)*one + 1;
	int right = *other == '/' ? 1 : *other == '\0' ? 0 : (unsigned char)*other + 1;

	return left - right;
}

size_t area_place(const struct files *files, const char *path, bool *found)
{
	size_t low = 0;
	size_t high = files->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_paths(files->entries[middle]->path, path);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct files_entry *area_find(const struct files *files, const char *path)
{
	bool found;
	size_t at = area_place(files, path, &found);

	return found ? files->entries[at] : NULL;
}

struct files_entry *entry_create(const char *path)
{
	size_t length = strlen(path);
	struct files_entry *entry = calloc(1, sizeof(*entry) + length + 1);

	if (entry) {
		memcpy(entry->path, path, length + 1);
	}
	return entry;
}

void entry_destroy(struct files_entry *entry)
{
	if (entry) {
		free(entry->metadata);
		free(entry);
	}
}

static bool make_room(struct files *files, size_t more)
{
	if (files->capacity - files->count >= more) {
		return true;
	}
	size_t capacity = files->capacity ? files->capacity * 2 : CAPACITY_FIRST;
	struct files_entry **larger = realloc(files->entries,
					      capacity * sizeof(struct files_entry *));

	if (!larger) {
		return false;
	}
	files->entries = larger;
	files->capacity = capacity;
	return true;
}

bool area_reserve(struct files *files)
{
	return make_room(files, FILES_DEPTH_MAX);
}

int area_put(struct files *files, struct files_entry *entry)
{
	bool found;
	size_t at = area_place(files, entry->path, &found);

	if (found) {
		files->used -= files->entries[at]->size;
		entry_destroy(files->entries[at]);
	} else if (make_room(files, 1)) {
		memmove(files->entries + at + 1, files->entries + at,
			(files->count - at) * sizeof(struct files_entry *));
		files->count++;
	} else {
		entry_destroy(entry);
		return FLAGSHIP_ERROR_MEMORY;
	}
	files->entries[at] = entry;
	files->used += entry->size;
	return 0;
}

struct files_entry *area_take(struct files *files, const char *path)
{
	bool found;
	size_t at = area_place(files, path, &found);

	if (!found) {
		return NULL;
	}
	struct files_entry *entry = files->entries[at];

	files->count--;
	memmove(files->entries + at, files->entries + at + 1,
		(files->count - at) * sizeof(struct files_entry *));
	files->used -= entry->size;
	return entry;
}

void area_finish(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		entry_destroy(files->entries[i]);
	}
	free(files->entries);
	files->entries = NULL;
	files->count = 0;
}

bool path_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return length == 0 || (strncmp(path, folder, length) == 0 && path[length] == '/');
}

/* --- for all --- */

const struct files_entry *files_find(const struct files *files, const char *path)
{
	return area_find(files, path);
}

const struct files_entry *files_next(const struct files *files, const struct files_entry *entry)
{
	bool found = false;
	size_t at = entry ? area_place(files, entry->path, &found) + 1 : 0;

	return at < files->count ? files->entries[at] : NULL;
}

const struct files_entry *files_next_in(const struct files *files, const char *folder,
					const struct files_entry *entry)
{
	size_t skipped = folder[0] != '\0' ? strlen(folder) + 1 : 0;
	bool found = false;
	size_t at = 0;

	if (entry || skipped > 0) {
		at = area_place(files, entry ? entry->path : folder, &found);
		at += found;
	}
	for (; at < files->count && path_is_below(files->entries[at]->path, folder); at++) {
		if (!strchr(files->entries[at]->path + skipped, '/')) {
			return files->entries[at];
		}
	}
	return NULL;
}

const char *files_name(const struct files_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');

	return slash ? slash + 1 : entry->path;
}
