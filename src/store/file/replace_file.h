/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_REPLACE_FILE_H
#define STORE_FILE_REPLACE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Puts a file in place as a whole: what was there stays, whole, until the new one is on the disk. A
 * file that holds the same already is left alone, so that a full or read-only disk is no hindrance.
 * 0 or an errno; EINVAL where something that is no file is there.
 */
int replace_file(const char *path, const char *content, size_t length, mode_t mode);

/* The same by way of this other file, whatever was there; nobody else may use that name. The folder
 * is not synced. 0 or an errno, and then nothing is changed. */
int replace_file_through(const char *path, const char *temporary, const char *content,
			 size_t length, mode_t mode);

/* Makes what was renamed, made or removed in a folder outlast a power cut. 0 or an errno; file
 * systems that cannot do that for folders need not. */
int sync_folder(const char *folder);
int sync_folder_of(const char *path); /* of a file in it */

#endif
