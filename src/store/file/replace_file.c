/* SPDX-License-Identifier: MIT */
#include "store/file/replace_file.h"

#include "base/clock.h"
#include "store/file/file.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE             4096
#define TIME_TEXT_MAX     32
#define DAMAGED_NAMES_MAX 100 /* in one second */

static bool holds_same(int file, const char *content, size_t length)
{
	char piece[PIECE];
	size_t compared = 0;
	ssize_t got;

	while ((got = read(file, piece, sizeof(piece))) > 0) {
		if ((size_t)got > length - compared ||
		    memcmp(piece, content + compared, (size_t)got) != 0) {
			return false;
		}
		compared += (size_t)got;
	}
	return got == 0 && compared == length;
}

static bool is_same(const char *path, const char *content, size_t length, mode_t mode)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool same = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
		    (status.st_mode & ALLPERMS) == mode && holds_same(file, content, length);

	if (file >= 0) {
		close(file);
	}
	return same;
}

static int write_bytes(int file, const char *content, size_t length)
{
	while (length > 0) {
		ssize_t put = write(file, content, length);

		if (put < 0 && errno != EINTR) {
			return errno;
		}
		if (put > 0) {
			content += put;
			length -= (size_t)put;
		}
	}
	return 0;
}

static int fill(int file, const char *content, size_t length, mode_t mode)
{
	int error = write_bytes(file, content, length);

	/* Whatever umask says. */
	if (!error && (fchmod(file, mode) != 0 || fsync(file) != 0)) {
		error = errno;
	}
	return error;
}

int sync_folder(const char *folder)
{
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = descriptor < 0 || fsync(descriptor) != 0 ? errno : 0;

	if (descriptor >= 0) {
		close(descriptor);
	}
	return error == EINVAL || error == ENOSYS ? 0 : error;
}

int sync_folder_of(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	strcpy(slash ? slash + 1 : folder, ".");
	return sync_folder(folder);
}

/* A rename would put a file in the place of /dev/null. */
static bool is_replaceable(const char *path)
{
	struct stat status;

	return lstat(path, &status) != 0 || S_ISREG(status.st_mode) || S_ISLNK(status.st_mode);
}

int replace_file_through(const char *path, const char *temporary, const char *content,
			 size_t length, mode_t mode)
{
	if (!is_replaceable(path)) {
		return EINVAL;
	}
	/* Whoever left one behind did not live to rename it. */
	unlink(temporary);
	int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (file < 0) {
		return errno;
	}
	int error = fill(file, content, length, mode);
	if (close(file) != 0 && !error) {
		error = errno;
	}
	if (!error && rename(temporary, path) != 0) {
		error = errno;
	}
	if (error) {
		unlink(temporary);
	}
	return error;
}

int replace_file(const char *path, const char *content, size_t length, mode_t mode)
{
	char temporary[PATH_MAX];

	if (is_same(path, content, length, mode)) {
		return 0;
	}
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= PATH_MAX) {
		return ENAMETOOLONG;
	}
	int error = replace_file_through(path, temporary, content, length, mode);
	return error ? error : sync_folder_of(path);
}

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
