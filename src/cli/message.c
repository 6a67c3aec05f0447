/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* vasprintf */
#include "cli/ascii.h"
#include "cli/cli.h"
#include "cli/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void cli_print(const char *prefix, const char *format, va_list arguments)
{
	const struct output plain = {.stream = stderr, .ascii = ascii_wanted(stderr)};
	char *text = NULL;
	int length = vasprintf(&text, format, arguments);

	fflush(stdout);
	flockfile(stderr);
	fputs(prefix, stderr);
	/* Names of printers and what brokers say are in it. */
	if (length >= 0) {
		output_text(&plain, OUTPUT_PLAIN, text, (size_t)length, true);
		free(text);
	}
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
