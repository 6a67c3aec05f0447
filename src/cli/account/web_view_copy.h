/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_WEB_VIEW_COPY_H
#define CLI_ACCOUNT_WEB_VIEW_COPY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* A folder of mode 0700 with copies of files that hold secrets; trouble is told on stderr. */
struct web_view_copy {
	char folder[PATH_MAX];
	size_t bytes; /* copied so far */
};

bool web_view_copy_begin(struct web_view_copy *copy);

/* One regular file, under this name. */
bool web_view_copy_file(struct web_view_copy *copy, const char *path, const char *name);

/* All files of a LevelDB that are in the folder. */
bool web_view_copy_folder(struct web_view_copy *copy, const char *folder);

/* Removes all of it. */
void web_view_copy_end(struct web_view_copy *copy);

#endif
