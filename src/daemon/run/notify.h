/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_NOTIFY_H
#define DAEMON_RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * What the service manager is notified of: that the server is ready, that it ends, and, where it
 * asks for that, now and then that it lives. A datagram each, as sd_notify(3) describes; no library
 * is needed. Nothing ever waits for it.
 */
struct notify {
	int socket; /* -1: nobody wants to know */
	struct sockaddr_un address;
	socklen_t length;
	uint64_t watchdog_ms; /* it ends the server that was silent for so long; 0: it does not */
};

/* What the environment says: NOTIFY_SOCKET, and WATCHDOG_USEC where WATCHDOG_PID is this process or
 * is not given. They are removed, for children are not who was meant. What cannot be understood
 * counts as not given. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Lines of NAME=VALUE: "READY=1", "STATUS=…". False where nobody took them. */
bool notify_send(const struct notify *notify, const char *lines);

/* How often to send "WATCHDOG=1"; 0: never. */
uint64_t notify_watchdog_period_ms(const struct notify *notify);

#endif
