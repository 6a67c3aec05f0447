/* SPDX-License-Identifier: MIT */

/*
 * peak COMMAND...: runs it with its output thrown away, and prints its peak memory in KiB. A small
 * program of its own, since a child begins with the memory of whoever started it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED 127

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t child = argc > 1 ? fork() : -1;

	if (child == 0) {
		int nowhere = open("/dev/null", O_WRONLY);

		dup2(nowhere, STDOUT_FILENO);
		execv(argv[1], argv + 1);
		_exit(NOT_STARTED);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status)) {
		fputs("peak: the command cannot be run\n", stderr);
		return 1;
	}
	printf("%ld\n", usage.ru_maxrss);
	return WEXITSTATUS(status);
}
