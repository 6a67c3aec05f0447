/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"
#include "store/file/replace_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define MS_PER_S  1000
#define NS_PER_MS 1000000

bool disk_place(const char *folder, const char *path, char out[PATH_MAX])
{
	int length = snprintf(out, PATH_MAX, path[0] != '\0' ? "%s/%s" : "%s%s", folder, path);

	return length > 0 && length < PATH_MAX;
}

enum files_result disk_fault(const char *verb, const char *path, int error, struct problem *problem)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		problem_set(problem,
			    "the disk of the gateway is full: delete files, and try again");
		return FILES_NO_ROOM;
	case ENOENT:
		problem_set(problem, "there is no '%s'", path);
		return FILES_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
	case ENOTDIR:
	case EISDIR:
		problem_set(problem, "cannot %s '%s': %s", verb, path, strerror(error));
		return FILES_EXISTS;
	default:
		problem_set(problem, "cannot %s '%s': %s", verb, path, strerror(error));
		return FILES_BROKEN;
	}
}

enum files_result disk_make_parents(const struct files *files, const char *path,
				    struct problem *problem)
{
	char part[FILES_PATH_SIZE];
	char place[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		const struct files_entry *entry = area_find(files, part);
		if (entry && !entry->is_folder) {
			return disk_fault("put anything into", part, ENOTDIR, problem);
		}
		if (!entry &&
		    (!disk_place(files->area, part, place) || mkdir(place, FOLDER_MODE) != 0)) {
			return disk_fault("make the folder", part, errno, problem);
		}
	}
	return FILES_DONE;
}

void disk_sync_parent(const struct files *files, const char *path)
{
	char place[PATH_MAX];

	if (disk_place(files->area, path, place)) {
		(void)sync_folder_of(place);
	}
}

int disk_look(const struct files *files, struct files_entry *entry)
{
	char place[PATH_MAX];
	struct stat status;

	errno = ENAMETOOLONG;
	if (!disk_place(files->area, entry->path, place) || lstat(place, &status) != 0) {
		return errno;
	}
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
		return EINVAL;
	}
	entry->is_folder = S_ISDIR(status.st_mode);
	entry->size = entry->is_folder ? 0 : (int64_t)status.st_size;
	entry->modified_ms = (int64_t)status.st_mtim.tv_sec * MS_PER_S +
			     status.st_mtim.tv_nsec / NS_PER_MS;
	return 0;
}

int64_t disk_free(const struct files *files)
{
	struct statvfs status;

	if (statvfs(files->area, &status) != 0) {
		return 0;
	}
	int64_t left = (int64_t)status.f_bavail * (int64_t)status.f_frsize - FILES_FREE_MIN;
	return left > 0 ? left : 0;
}
