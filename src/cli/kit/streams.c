/* SPDX-License-Identifier: MIT */
#include "cli/kit/streams.h"

#include "cli/kit/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
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
	/* A file that may not grow any more is told as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
}

int streams_end(int status)
{
	bool failed_before = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !failed_before) {
		return status;
	}
	cli_error("cannot write the output: %s",
		  errno != 0 ? strerror(errno) : "a write failed; is the disk full?");
	return status == CLI_DONE ? CLI_FAILED : status;
}
