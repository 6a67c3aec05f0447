/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_PATH */
#include "base/net/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_folder(const char *path, size_t length)
{
	char folder[PATH_MAX];

	if (length >= sizeof(folder)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(folder, path, length);
	folder[length] = '\0';
	return open(length > 0 ? folder : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int unix_address_init(struct unix_address *address, const char *path)
{
	const size_t size = sizeof(address->address.sun_path);
	const char *slash = strrchr(path, '/');

	*address = (struct unix_address){.address = {.sun_family = AF_UNIX}, .folder = -1};
	char *text = address->address.sun_path;
	if (strlen(path) < size) {
		memcpy(text, path, strlen(path) + 1);
		return 0;
	}
	if (!slash) {
		errno = ENAMETOOLONG;
		return -1;
	}
	address->folder = open_folder(path, (size_t)(slash - path));
	if (address->folder < 0) {
		return -1;
	}
	int length = snprintf(text, size, "/proc/self/fd/%d%s", address->folder, slash);
	if (length < 0 || (size_t)length >= size) {
		unix_address_finish(address);
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

void unix_address_finish(struct unix_address *address)
{
	int error = errno;

	if (address->folder >= 0) {
		close(address->folder);
	}
	address->folder = -1;
	errno = error;
}

/* Nobody else gets in before the mode is right. The mask is of all threads: what they make
 * meanwhile is this user's alone, and a folder among it can still be entered. */
int unix_socket_bind(const char *path)
{
	struct unix_address at;
	struct stat status;

	if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
		(void)unlink(path);
	}
	if (unix_address_init(&at, path) != 0) {
		return -1;
	}
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(S_IRWXG | S_IRWXO);
	bool bound = descriptor >= 0 && bind(descriptor, (const struct sockaddr *)&at.address,
					     sizeof(at.address)) == 0;
	umask(mask);
	bound = bound && chmod(path, S_IRUSR | S_IWUSR) == 0;
	unix_address_finish(&at);
	if (!bound && descriptor >= 0) {
		int error = errno;

		close(descriptor);
		errno = error;
		return -1;
	}
	return descriptor;
}

int unix_socket_connect(const char *path)
{
	struct unix_address to;

	if (unix_address_init(&to, path) != 0) {
		return -1;
	}
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor >= 0 &&
	    connect(descriptor, (const struct sockaddr *)&to.address, sizeof(to.address)) != 0) {
		int error = errno;

		close(descriptor);
		errno = error;
		descriptor = -1;
	}
	unix_address_finish(&to);
	return descriptor;
}
