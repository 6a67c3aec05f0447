/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_OFD_SETLK */

#include "daemon/run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS_ASSUMED 256u /* where the system does not say: POSIX's least, and then some */

int lock_take(const char *path)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);

	if (file >= 0 && fcntl(file, F_OFD_SETLK, &whole) != 0) {
		int error = errno == EACCES || errno == EAGAIN ? EWOULDBLOCK : errno;

		close(file);
		errno = error;
		return -1;
	}
	return file;
}

bool lock_is_held(const char *path)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (file < 0) {
		return false;
	}
	bool held = fcntl(file, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;

	close(file);
	return held;
}

static rlim_t least(rlim_t limit)
{
	return limit == RLIM_INFINITY || limit > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : limit;
}

unsigned int descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return DESCRIPTORS_ASSUMED;
	}
	rlim_t before = limit.rlim_cur;

	if (least(limit.rlim_max) > before) {
		limit.rlim_cur = least(limit.rlim_max);
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			limit.rlim_cur = before;
		}
	}
	return (unsigned int)least(limit.rlim_cur);
}
