/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "store/file/file.h"

#include "store/file/place.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIME_TEXT_MAX     32
#define DAMAGED_NAMES_MAX 100 /* in one second */

int store_file_replace(const struct store_lock *lock, const char *text, size_t length,
		       unsigned int mode, struct problem *problem)
{
	char temporary[PATH_MAX];

	if (!file_place_beside(lock->path, ".new", temporary)) {
		problem_set(problem, "the name of %s is too long", lock->path);
		return FLAGSHIP_ERROR_STORE;
	}
	int error = replace_file_through(lock->path, temporary, text, length, (mode_t)mode);
	if (error) {
		return problem_cannot(problem, "write", lock->path, error, "; nothing was changed");
	}
	/* It is in place; where a folder cannot be synced, only a power cut would tell. */
	(void)sync_folder_of(lock->path);
	return 0;
}

int store_file_keep_damaged(const struct store_lock *lock, char kept[PATH_MAX],
			    struct problem *problem)
{
	char now[TIME_TEXT_MAX];
	time_t seconds = (time_t)clock_unix_s();
	struct tm parts;
	int error = EEXIST;

	if (!gmtime_r(&seconds, &parts) ||
	    strftime(now, sizeof(now), "%Y%m%dT%H%M%SZ", &parts) == 0) {
		snprintf(now, sizeof(now), "%lld", (long long)seconds);
	}
	for (int i = 1; error == EEXIST && i <= DAMAGED_NAMES_MAX; i++) {
		int length = i == 1 ? snprintf(kept, PATH_MAX, "%s.damaged-%s", lock->path, now)
				    : snprintf(kept, PATH_MAX, "%s.damaged-%s-%d", lock->path, now,
					       i);
		if (length >= PATH_MAX) {
			error = ENAMETOOLONG;
		} else {
			error = link(lock->path, kept) == 0 ? 0 : errno;
		}
	}
	/* Where a file cannot have two names, it must do with the new one. */
	if (error && error != EEXIST && error != ENAMETOOLONG) {
		error = rename(lock->path, kept) == 0 ? 0 : errno;
	}
	if (error) {
		problem_set(problem, "cannot keep the damaged %s as %s: %s", lock->path, kept,
			    strerror(error));
		return FLAGSHIP_ERROR_STORE;
	}
	return 0;
}

void store_file_unkeep(const struct store_lock *lock, const char *kept)
{
	if (access(lock->path, F_OK) == 0) {
		unlink(kept);
	} else {
		rename(kept, lock->path);
	}
}
