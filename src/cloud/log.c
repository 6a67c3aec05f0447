/* SPDX-License-Identifier: MIT */
#include "cloud/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 2048
#define TIME_MAX       32
#define DELETE         0x7f

void log_line(const char *source, const char *line)
{
	char safe[LINE_MAX_BYTES];
	char when[TIME_MAX] = "";
	time_t now = time(NULL);
	struct tm parts;

	if (localtime_r(&now, &parts)) {
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &parts);
	}
	snprintf(safe, sizeof(safe), "%s", line);
	for (char *c = safe; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == DELETE) {
			*c = '?';
		}
	}
	fprintf(stderr, "%s %s: %s\n", when, source, safe);
}

void log_format(const char *source, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	log_line(source, line);
}
