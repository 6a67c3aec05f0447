/* SPDX-License-Identifier: MIT */
#include "daemon/run/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define US_PER_MS       1000
#define DECIMAL         10
#define WATCHDOG_MAX_US UINT64_C(86400000000)

/* A path, or a name of Linux' own that no file has, which begins with @. */
static bool read_notify_address(const char *text, struct notify *notify)
{
	size_t length = text ? strlen(text) : 0;

	if (length < 2 || length >= sizeof(notify->address.sun_path) ||
	    (text[0] != '/' && text[0] != '@')) {
		return false;
	}
	notify->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(notify->address.sun_path, text, length);
	if (text[0] == '@') {
		notify->address.sun_path[0] = '\0';
	}
	notify->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

/* 0 where it is no number, or none that makes sense. */
static uint64_t read_interval(const char *text, uint64_t max)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9') {
		return 0;
	}
	errno = 0;
	unsigned long long number = strtoull(text, &end, DECIMAL);
	return errno == 0 && *end == '\0' && number <= max ? number : 0;
}

static uint64_t read_watchdog_ms(void)
{
	const char *process = getenv("WATCHDOG_PID");

	if (process && read_interval(process, INT32_MAX) != (uint64_t)getpid()) {
		return 0;
	}
	return read_interval(getenv("WATCHDOG_USEC"), WATCHDOG_MAX_US) / US_PER_MS;
}

void notify_open(struct notify *notify)
{
	*notify = (struct notify){.socket = -1};
	if (read_notify_address(getenv("NOTIFY_SOCKET"), notify)) {
		notify->socket = socket(AF_UNIX, SOCK_DGRAM, 0);
	}
	if (notify->socket >= 0) {
		(void)fcntl(notify->socket, F_SETFD, FD_CLOEXEC);
		notify->watchdog_ms = read_watchdog_ms();
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

void notify_close(struct notify *notify)
{
	if (notify->socket >= 0) {
		close(notify->socket);
		notify->socket = -1;
	}
}

bool notify_send(const struct notify *notify, const char *lines)
{
	size_t length = strlen(lines);

	return notify->socket >= 0 &&
	       sendto(notify->socket, lines, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (const struct sockaddr *)&notify->address, notify->length) == (ssize_t)length;
}

uint64_t notify_watchdog_period_ms(const struct notify *notify)
{
	/* Half of it, as sd_watchdog_enabled(3) advises, but no busy loop. */
	return notify->watchdog_ms > 2 ? notify->watchdog_ms / 2 : notify->watchdog_ms;
}
