/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A temporary folder of a test, and files in it. Mistakes fail the test. */
struct folder {
	char path[PATH_MAX / 2];
	char file[PATH_MAX]; /* what folder_file returned last */
};

void folder_create(struct folder *folder);
void folder_remove(struct folder *folder); /* with all that is in it */

/* FOLDER/name; valid until the next call. */
const char *folder_file(struct folder *folder, const char *name);

void folder_write(const char *path, const char *text, mode_t mode);

/* The text of the file, which the caller frees. */
char *folder_read(const char *path);

mode_t folder_mode(const char *path); /* permissions */

/* How many entries of the folder begin so. first, if not NULL, becomes the path of one. */
size_t folder_count(const struct folder *folder, const char *beginning, char first[PATH_MAX]);

#endif
