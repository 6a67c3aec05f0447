/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_ACTIVATION_H
#define DAEMON_RUN_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sockets that the service manager opened before the server was started (sd_listen_fds(3)): they
 * come as descriptors from 3 on, with a name each (FileDescriptorName= of the .socket unit).
 */
#define ACTIVATION_FIRST    3
#define ACTIVATION_MAX      16
#define ACTIVATION_NAME_MAX 255 /* as systemd has it */

struct activation_socket {
	int descriptor; /* -1: taken */
	char name[ACTIVATION_NAME_MAX + 1];
};

struct activation {
	struct activation_socket sockets[ACTIVATION_MAX];
	size_t count;
};

/*
 * LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, each of which may be NULL, for this process. True
 * where there are sockets for it; those without a name are "unknown". Else the count is 0: they
 * were meant for another process, or make no sense.
 */
bool activation_read(const char *process, const char *count, const char *names, int64_t own_process,
		     struct activation *activation);

/* Of the environment, from which they are removed; what is no socket that listens is left out. No
 * child inherits them. */
bool activation_open(struct activation *activation);

/* The next one of this name that was not taken, which is the caller's to close; -1: there is none.
 */
int activation_take(struct activation *activation, const char *name);

/* Closes what nobody took. */
void activation_close(struct activation *activation);

#endif
