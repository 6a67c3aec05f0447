/* SPDX-License-Identifier: MIT */
#include "cli/output/message.h"

#include "cli/output/ascii.h"
#include "cli/output/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* In one piece, so that lines of several programs do not get into each other. */
static void cli_print(const char *prefix, const char *format, va_list arguments)
{
	char *text = NULL;
	size_t length;
	FILE *line = open_memstream(&text, &length);

	fflush(stdout);
	if (line == NULL) {
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
