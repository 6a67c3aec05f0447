/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_FILE_H
#define STORE_FILE_FILE_H

#include "base/problem.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define STORE_FILE_MAX ((size_t)16 * 1024 * 1024)

/* A whole file in memory, wiped by store_file_release. */
struct store_file {
	char *text; /* NUL-terminated; NULL where the file is absent */
	size_t length;
	unsigned int mode; /* permissions */
};

/*
 * Reads the file; one that is absent is no error. *file needs store_file_release either way.
 * Errors: STORE (with problem: cannot be read, others may change it or its folder
 * (store/file/folder.h), is no regular file, or has more than STORE_FILE_MAX bytes), MEMORY.
 */
int store_file_read(const char *path, struct store_file *file, struct problem *problem);
void store_file_release(struct store_file *file);

/* A lock on a file that is about to be replaced. */
struct store_lock {
	char path[PATH_MAX]; /* of the file, symbolic links resolved */
	int descriptor;
};

/*
 * Makes the folders of the path (0700), refuses those that others may change (store/file/folder.h),
 * and waits until no other process holds the lock of this file, STORE_LOCK_WAIT_MS at most. The
 * lock is a hidden file beside it, which stays. Errors: STORE (with problem). store_lock_release is
 * due after success only.
 */
#define STORE_LOCK_WAIT_MS 10000
int store_lock_take(const char *path, struct store_lock *lock, struct problem *problem);
/* The same on a loop: it waits for nobody, and what another process holds is an error at once. */
int store_lock_try(const char *path, struct store_lock *lock, struct problem *problem);
void store_lock_release(struct store_lock *lock);

/*
 * Replaces the locked file as a whole, or leaves it as it is: temporary file beside it, fsync,
 * rename. Errors: STORE (with problem).
 */
int store_file_replace(const struct store_lock *lock, const char *text, size_t length,
		       unsigned int mode, struct problem *problem);

/*
 * Gives the locked file a second name, PATH.damaged-TIME, which is written to `kept`; the first one
 * stays. Errors: STORE (with problem).
 */
int store_file_keep_damaged(const struct store_lock *lock, char kept[PATH_MAX],
			    struct problem *problem);

/* Takes the second name away again, where no new file came in place of the damaged one. */
void store_file_unkeep(const struct store_lock *lock, const char *kept);

#endif
