/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "daemon/run/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS 50000000L
#define TRIES    20

/* A lock of the open file: of whoever holds the descriptor, and it can be asked about. */
static int open_lock(const struct cloud *cloud, const char *name)
{
	char path[PATH_MAX];

	cloud_path(cloud, name, path);
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
}

static int take(const struct cloud *cloud, const char *name)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int file = open_lock(cloud, name);

	if (file >= 0 && fcntl(file, F_OFD_SETLK, &whole) != 0) {
		int error = errno == EACCES || errno == EAGAIN ? EWOULDBLOCK : errno;

		close(file);
		errno = error;
		return -1;
	}
	return file;
}

/* The broker of a cloud that was killed has it until it sees that it is alone. */
int run_lock_take(const struct cloud *cloud)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int file = take(cloud, CLOUD_LOCK);

	for (int i = 0; i < TRIES && file < 0 && errno == EWOULDBLOCK; i++) {
		nanosleep(&pause, NULL);
		file = take(cloud, CLOUD_LOCK);
	}
	return file;
}

bool run_lock_is_held(const struct cloud *cloud)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX];

	/* Not made: the folder may be one that can only be read. */
	cloud_path(cloud, CLOUD_LOCK, path);
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool held = file >= 0 && fcntl(file, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;

	if (file >= 0) {
		close(file);
	}
	return held;
}

int run_lock_take_making(const struct cloud *cloud)
{
	int file = take(cloud, CLOUD_MAKING_LOCK);

	if (file < 0 && errno == EWOULDBLOCK) {
		cli_error("another flagship cloud init or restore is at work in %s: nothing was "
			  "changed by this one",
			  cloud->dir);
	} else if (file < 0) {
		cli_error("%s cannot be locked: %s", cloud->dir, strerror(errno));
	}
	return file;
}
