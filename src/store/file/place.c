/* SPDX-License-Identifier: MIT */
#include "store/file/place.h"

#include <stdio.h>
#include <string.h>

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
