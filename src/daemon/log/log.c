/* SPDX-License-Identifier: MIT */
#include "daemon/log/log.h"

#include "base/clock.h"
#include "base/shown_text.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048
#define TIME_MAX       32
#define SOURCE_MAX     32
#define NOTICE_MAX     96

/* Lines that nobody read in time, as stderr is one for the whole program. */
static unsigned long dropped;

/* A pipe that is writable takes a line as a whole; a socket may take a part of it. */
static bool write_now(const char *text, size_t length)
{
	struct pollfd stream = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&stream, 1, 0) <= 0 || (stream.revents & POLLOUT) == 0) {
		return false;
	}
	ssize_t written = send(STDERR_FILENO, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written < 0 && errno == ENOTSOCK) {
		written = write(STDERR_FILENO, text, length);
	}
	return written > 0;
}

/* A reader that stalls must not stop the broker, whose log is waited for by it. */
static void write_or_drop(const char *text, size_t length)
{
	char notice[NOTICE_MAX];

	if (dropped > 0) {
		int size = snprintf(notice, sizeof(notice),
				    "%lu lines were dropped: nobody read them\n", dropped);

		if (!write_now(notice, (size_t)size)) {
			dropped++;
			return;
		}
		dropped = 0;
	}
	if (!write_now(text, length)) {
		dropped++;
	}
}

void log_line(const char *source, const char *line)
{
	char safe[LINE_MAX_BYTES];
	char text[LINE_MAX_BYTES + SOURCE_MAX + 2 * TIME_MAX];
	char when[TIME_MAX] = "";
	time_t now = (time_t)clock_unix_s();
	struct tm parts;

	if (localtime_r(&now, &parts)) {
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &parts);
	}
	shown_text_copy(line, strlen(line), safe, sizeof(safe));
	int length = snprintf(text, sizeof(text), "%s %s: %s\n", when, source, safe);
	write_or_drop(text, (size_t)length);
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
