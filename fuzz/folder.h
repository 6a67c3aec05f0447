/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A folder of its own in memory-backed storage. scripts/fuzz says where, and removes what is there
 * once its fuzzers have ended, however they did. */
static inline void fuzz_folder(char out[PATH_MAX])
{
	const char *given = getenv("FLAGSHIP_FUZZ_FOLDER");
	const char *parent = given ? given : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	int length = snprintf(out, PATH_MAX, "%s/flagship-fuzz.XXXXXX", parent);

	assert(length > 0 && length < PATH_MAX);
	assert(mkdtemp(out));
}

#endif
