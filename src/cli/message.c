/* SPDX-License-Identifier: MIT */
#include "cli/ascii.h"
#include "cli/cli.h"
#include "cli/print.h"

#include <stdarg.h>
#include <stdio.h>

static void cli_print(const char *prefix, const char *format, va_list arguments)
{
	fflush(stdout);
	flockfile(stderr);
	fputs(prefix, stderr);
	print_vto(stderr, ascii_wanted(stderr), format, arguments);
	fputc('\n', stderr);
	funlockfile(stderr);
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
