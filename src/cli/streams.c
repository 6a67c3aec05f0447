/* SPDX-License-Identifier: MIT */
#include "cli/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void streams_hold(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
		/* The lowest free descriptor is this one. */
		if (fcntl(stream, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDONLY) < 0) {
			_exit(1);
		}
	}
}
