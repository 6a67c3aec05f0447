/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 8

void folder_create(struct folder *folder)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder->path, sizeof(folder->path), "%s/flagship-test-XXXXXX",
		 parent ? parent : "/tmp");
	assert_non_null(mkdtemp(folder->path));
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

void folder_remove(struct folder *folder)
{
	nftw(folder->path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

const char *folder_file(struct folder *folder, const char *name)
{
	snprintf(folder->file, sizeof(folder->file), "%s/%s", folder->path, name);
	return folder->file;
}

void folder_write(const char *path, const char *text, mode_t mode)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(descriptor, mode), 0);
	close(descriptor);
}

char *folder_read(const char *path)
{
	struct stat status;
	int descriptor = open(path, O_RDONLY);

	assert_true(descriptor >= 0);
	assert_int_equal(fstat(descriptor, &status), 0);
	char *text = calloc(1, (size_t)status.st_size + 1);
	assert_non_null(text);
	assert_int_equal(read(descriptor, text, (size_t)status.st_size), status.st_size);
	close(descriptor);
	return text;
}

mode_t folder_mode(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

size_t folder_count(const struct folder *folder, const char *beginning, char first[PATH_MAX])
{
	DIR *entries = opendir(folder->path);
	size_t count = 0;

	assert_non_null(entries);
	for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
		if (strncmp(entry->d_name, beginning, strlen(beginning)) == 0 && count++ == 0 &&
		    first) {
			snprintf(first, PATH_MAX, "%s/%.255s", folder->path, entry->d_name);
		}
	}
	closedir(entries);
	return count;
}
