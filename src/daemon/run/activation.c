/* SPDX-License-Identifier: MIT */
#include "daemon/run/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DECIMAL   10
#define SEPARATOR ':'
#define NAMELESS  "unknown"

/* -1 where it is no number. */
static int64_t read_number(const char *text)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9') {
		return -1;
	}
	errno = 0;
	long long number = strtoll(text, &end, DECIMAL);
	return errno == 0 && *end == '\0' ? number : -1;
}

/* Copies the name up to the separator, and returns what follows, NULL after the last one. */
static const char *read_name(const char *names, char out[ACTIVATION_NAME_MAX + 1])
{
	size_t length = names ? strcspn(names, ":") : 0;

	if (length == 0 || length > ACTIVATION_NAME_MAX) {
		memcpy(out, NAMELESS, sizeof(NAMELESS));
	} else {
		memcpy(out, names, length);
		out[length] = '\0';
	}
	return names && names[length] == SEPARATOR ? names + length + 1 : NULL;
}

bool activation_read(const char *process, const char *count, const char *names, int64_t own_process,
		     struct activation *activation)
{
	int64_t sockets = read_number(count);

	activation->count = 0;
	if (read_number(process) != own_process || sockets < 1 || sockets > ACTIVATION_MAX) {
		return false;
	}
	for (; activation->count < (size_t)sockets; activation->count++) {
		struct activation_socket *socket = &activation->sockets[activation->count];

		socket->descriptor = ACTIVATION_FIRST + (int)activation->count;
		names = read_name(names, socket->name);
	}
	return true;
}

static bool listens(int descriptor)
{
	socklen_t length = sizeof(int);
	int accepts = 0;

	return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) == 0 &&
	       accepts != 0;
}

bool activation_open(struct activation *activation)
{
	bool any = false;

	(void)activation_read(getenv("LISTEN_PID"), getenv("LISTEN_FDS"), getenv("LISTEN_FDNAMES"),
			      (int64_t)getpid(), activation);
	for (size_t i = 0; i < activation->count; i++) {
		int *descriptor = &activation->sockets[i].descriptor;

		(void)fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
		*descriptor = listens(*descriptor) ? *descriptor : -1;
		any = any || *descriptor >= 0;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return any;
}

int activation_take(struct activation *activation, const char *name)
{
	for (size_t i = 0; i < activation->count; i++) {
		struct activation_socket *socket = &activation->sockets[i];
		int descriptor = socket->descriptor;

		if (descriptor >= 0 && strcmp(socket->name, name) == 0) {
			socket->descriptor = -1;
			return descriptor;
		}
	}
	return -1;
}

void activation_close(struct activation *activation)
{
	for (size_t i = 0; i < activation->count; i++) {
		if (activation->sockets[i].descriptor >= 0) {
			close(activation->sockets[i].descriptor);
		}
	}
	activation->count = 0;
}
