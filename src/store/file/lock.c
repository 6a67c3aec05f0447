/* SPDX-License-Identifier: MIT */
#include "store/file/file.h"

#include "store/file/folder.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MODE     0600
#define LOCK_PAUSE_MS 10
#define NS_PER_MS     1000000L

static int cannot_lock(const char *verb, const char *path, int error, struct problem *problem)
{
	return problem_cannot(problem, verb, path, error, "");
}

/* A file that is kept elsewhere by a link must be replaced there, and the link stay. */
static int resolve(const char *path, char out[PATH_MAX], struct problem *problem)
{
	struct stat status;

	if (realpath(path, out)) {
		return 0;
	}
	if (errno != ENOENT) {
		return cannot_lock("use", path, errno, problem);
	}
	if (lstat(path, &status) == 0) {
		problem_set(problem, "%s is a symbolic link that leads nowhere; remove it", path);
		return FLAGSHIP_ERROR_STORE;
	}
	strcpy(out, path);
	return 0;
}

/* Whether somebody replaced or wrote it; *before becomes what it is now. */
static bool has_changed(const char *path, struct stat *before)
{
	struct stat now = {0};

	(void)stat(path, &now);
	bool changed = now.st_ino != before->st_ino ||
		       now.st_ctim.tv_sec != before->st_ctim.tv_sec ||
		       now.st_ctim.tv_nsec != before->st_ctim.tv_nsec;
	*before = now;
	return changed;
}

/* It is tried now and then, since no event tells: a wait in the system has no deadline but by a
 * signal, and inotify tells of a close before the lock of it is gone.
 * 0 or an errno; EWOULDBLOCK where one process held it all the time. Who gets the lock next is a
 * matter of luck, so that as long as others get their changes done, it is waited on. */
static int wait_for_lock(int descriptor, const char *path)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * NS_PER_MS};
	struct stat before = {0};

	(void)has_changed(path, &before);
	for (int waited_ms = 0; flock(descriptor, LOCK_EX | LOCK_NB) != 0;
	     waited_ms += LOCK_PAUSE_MS) {
		if (errno != EINTR && errno != EWOULDBLOCK) {
			return errno;
		}
		if (waited_ms >= STORE_LOCK_WAIT_MS) {
			if (!has_changed(path, &before)) {
				return EWOULDBLOCK;
			}
			waited_ms = 0;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int try_lock(int descriptor)
{
	int result;

	do {
		result = flock(descriptor, LOCK_EX | LOCK_NB);
	} while (result && errno == EINTR);
	return result ? errno : 0;
}

static int take_lock(const char *path, bool waits, struct store_lock *lock, struct problem *problem)
{
	char name[PATH_MAX];

	lock->descriptor = -1;
	int error = store_folder_make_of(path, problem);
	if (!error) {
		error = store_folder_check_of(path, problem);
	}
	if (!error) {
		error = resolve(path, lock->path, problem);
	}
	if (error) {
		return error;
	}
	if (!file_place_beside(lock->path, ".lock", name)) {
		return cannot_lock("use", path, ENAMETOOLONG, problem);
	}
	lock->descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (lock->descriptor < 0) {
		return cannot_lock("open", name, errno, problem);
	}
	error = waits ? wait_for_lock(lock->descriptor, lock->path) : try_lock(lock->descriptor);
	if (error == EWOULDBLOCK) {
		problem_set(problem,
			    waits ? "%s is being changed by another program that does not end; "
				    "nothing was changed"
				  : "%s is being changed by another program; nothing was changed: "
				    "try again",
			    path);
		error = FLAGSHIP_ERROR_STORE;
	} else if (error) {
		error = cannot_lock("lock", name, error, problem);
	}
	if (error) {
		store_lock_release(lock);
	}
	return error;
}

int store_lock_take(const char *path, struct store_lock *lock, struct problem *problem)
{
	return take_lock(path, true, lock, problem);
}

int store_lock_try(const char *path, struct store_lock *lock, struct problem *problem)
{
	return take_lock(path, false, lock, problem);
}

void store_lock_release(struct store_lock *lock)
{
	if (lock->descriptor >= 0) {
		close(lock->descriptor);
	}
	lock->descriptor = -1;
}
