/* SPDX-License-Identifier: MIT */
#include "cli/output/message.h"

#include "cli/output/ascii.h"
#include "cli/output/print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In one piece, so that lines of several programs do not get into each other. */
static void cli_print(const char *prefix, const char *format, va_list arguments)
{
	char *text = NULL;
	size_t length;
	FILE *line = open_memstream(&text, &length);

	fflush(stdout);
	if (!line) {
		fputs("flagship: out of memory\n", stderr);
		return;
	}
	fputs(prefix, line);
	print_vto(line, ascii_wanted(stderr), format, arguments);
	fputc('\n', line);
	if (fclose(line) == 0) {
		fwrite(text, 1, length, stderr);
	}
	free(text);
}

void cli_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	cli_print("flagship: ", format, arguments);
	va_end(arguments);
}

void cli_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	cli_print("flagship: warning: ", format, arguments);
	va_end(arguments);
}

void streams_hold(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
		/* The lowest free descriptor is this one. */
		if (fcntl(stream, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDONLY) < 0) {
			_exit(1);
		}
	}
	/* A file that may not grow any more is reported as a full disk is. */
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
