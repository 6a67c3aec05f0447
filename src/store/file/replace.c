/* SPDX-License-Identifier: MIT */
#include "store/file/file.h"

#include "store/file/place.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIME_TEXT_MAX     32
#define DAMAGED_NAMES_MAX 100 /* in one second */

static int write_all(int descriptor, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t put = write(descriptor, text, length);

		if (put < 0 && errno != EINTR) {
			return errno;
		}
		if (put > 0) {
			text += put;
			length -= (size_t)put;
		}
	}
	return 0;
}

static int fill(int descriptor, const char *text, size_t length, unsigned int mode)
{
	/* What umask says does not count: the mode was asked for. */
	int error = fchmod(descriptor, (mode_t)mode) == 0 ? 0 : errno;

	if (!error) {
		error = write_all(descriptor, text, length);
	}
	if (!error && fsync(descriptor) != 0) {
		error = errno;
	}
	return error;
}

/* So that the new name outlives a power cut. Some file systems cannot, and need not be told. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];

	file_place_folder(path, folder);
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor >= 0) {
		fsync(descriptor);
		close(descriptor);
	}
}

int store_file_replace(const struct store_lock *lock, const char *text, size_t length,
		       unsigned int mode, struct store_problem *problem)
{
	char temporary[PATH_MAX];
	int error = 0;

	if (!file_place_beside(lock->path, ".new", temporary)) {
		store_problem_set(problem, "the name of %s is too long", lock->path);
		return FLAGSHIP_ERROR_STORE;
	}
	/* Whoever left one behind did not live to rename it: the lock is ours. */
	unlink(temporary);
	int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			      S_IRUSR | S_IWUSR);
	if (descriptor < 0) {
		return store_problem_cannot(problem, "write", temporary, errno,
					    "; nothing was changed");
	}
	error = fill(descriptor, text, length, mode);
	if (close(descriptor) != 0 && !error) {
		error = errno;
	}
	if (!error && rename(temporary, lock->path) != 0) {
		error = errno;
	}
	if (error) {
		unlink(temporary);
		return store_problem_cannot(problem, "write", lock->path, error,
					    "; nothing was changed");
	}
	sync_folder(lock->path);
	return 0;
}

int store_file_keep_damaged(const struct store_lock *lock, char kept[PATH_MAX],
			    struct store_problem *problem)
{
	char now[TIME_TEXT_MAX];
	time_t seconds = time(NULL);
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
		store_problem_set(problem, "cannot keep the damaged %s as %s: %s", lock->path, kept,
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
