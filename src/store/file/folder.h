/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_FOLDER_H
#define STORE_FILE_FOLDER_H

#include "base/problem.h"

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Whether nobody but this user and root can change what is in a folder: it is theirs, and others
 * may write neither there nor in any folder above it, unless that one is sticky as /tmp is. The
 * user's private group, which has his name and no other member, may write. Root is refused in
 * another user's folder too, who could lead it by links to where it should not write. A folder that
 * is absent is good: it is made with mode 0700. Errors: STORE (with problem: which folder, and what
 * to do).
 */
int store_folder_check(const char *folder, struct problem *problem);

/* The same of the folder that a file is in, or is to be in. */
int store_folder_check_of(const char *path, struct problem *problem);

/* Makes all folders above the last slash that are missing (0700). Errors: STORE (with problem). */
int store_folder_make_of(const char *path, struct problem *problem)
	__attribute__((warn_unused_result));

/* Whether others than this user and root may change what has this status. */
bool store_folder_others_may_write(const struct stat *status);

#endif
