/* SPDX-License-Identifier: MIT */
#include "cloud/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int run_lock_take(const struct cloud *cloud)
{
	char path[PATH_MAX];
	int file;

	cloud_path(cloud, CLOUD_LOCK, path);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;

		close(file);
		errno = error;
		return -1;
	}
	return file;
}

bool run_lock_is_held(const struct cloud *cloud)
{
	int file = run_lock_take(cloud);
	bool held = file < 0 && errno == EWOULDBLOCK;

	if (file >= 0) {
		close(file);
	}
	return held;
}
