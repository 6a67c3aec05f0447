/* SPDX-License-Identifier: MIT */
#include "gateway/access/activity/activity.h"

#include <assert.h>
#include <string.h>

static const char own[] = "/api/v1/";

static bool begins(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(path, prefix, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static bool is_change(const char *method)
{
	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	       strcmp(method, "OPTIONS") != 0;
}

/* Of one printer, how it is filmed or which camera it has: not what either is told to do. */
static bool is_kept_of_printer(const char *method, const char *path)
{
	static const char *const ends[][2] = {{"PATCH", "/timelapse"}, {"PUT", "/camera"}};
	const char *last = begins(path, "/api/v1/printers") ? strrchr(path, '/') : NULL;

	for (size_t i = 0; last && i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strcmp(method, ends[i][0]) == 0 && strcmp(last, ends[i][1]) == 0) {
			return true;
		}
	}
	return false;
}

/* A check of what printers would reach changes nothing. */
static bool is_of_cloud(const char *path)
{
	return begins(path, "/api/v1/cloud") && !begins(path, "/api/v1/cloud/takeover");
}

bool activity_counts(const char *method, const char *path)
{
	static const char *const parts[] = {"files",     "accounts",  "users",   "keys",
					    "app-keys",  "settings",  "restore", "queue",
					    "timelapse", "timelapses"};

	if (strcmp(method, "GET") == 0 && strcmp(path, "/api/v1/backup") == 0) {
		return true;
	}
	if (!is_change(method)) {
		return false;
	}
	for (size_t i = 0;
	     strncmp(path, own, sizeof(own) - 1) == 0 && i < sizeof(parts) / sizeof(parts[0]);
	     i++) {
		if (begins(path + sizeof(own) - 1, parts[i])) {
			return true;
		}
	}
	/* Of slicers, by the interfaces of others; and of a printer's queue. */
	return strstr(path, "/files/") || strstr(path, "/queue") ||
	       is_kept_of_printer(method, path) || is_of_cloud(path);
}

void activity_note(struct activity *activity, const struct activity_entry *entry)
{
	activity->entries[activity->noted++ % ACTIVITY_MAX] = *entry;
}

size_t activity_count(const struct activity *activity)
{
	return activity->noted < ACTIVITY_MAX ? (size_t)activity->noted : ACTIVITY_MAX;
}

const struct activity_entry *activity_at(const struct activity *activity, size_t index)
{
	assert(index < activity_count(activity));
	return &activity->entries[(activity->noted - 1 - index) % ACTIVITY_MAX];
}
