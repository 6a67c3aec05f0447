/* SPDX-License-Identifier: MIT */
#include "store/file_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

bool file_place_beside(const char *path, const char *ending, char out[PATH_MAX])
{
	int folder = folder_length(path);
	int length = snprintf(out, PATH_MAX, "%.*s.%s%s", folder, path, path + folder, ending);

	return length > 0 && length < PATH_MAX;
}

void file_place_folder(const char *path, char out[PATH_MAX])
{
	int folder = folder_length(path);

	snprintf(out, PATH_MAX, "%.*s", folder > 0 ? folder : 2, folder > 0 ? path : "./");
}

int file_place_give(int descriptor, const char *path)
{
	char folder[PATH_MAX];
	struct stat status;

	file_place_folder(path, folder);
	if (geteuid() != 0 || stat(folder, &status) != 0 || status.st_uid == 0) {
		return 0;
	}
	return fchown(descriptor, status.st_uid, status.st_gid) == 0 ? 0 : errno;
}
