/* SPDX-License-Identifier: MIT */
#ifndef BASE_NET_UNIX_SOCKET_H
#define BASE_NET_UNIX_SOCKET_H

#include <sys/socket.h>
#include <sys/un.h>

/* The address of a unix socket, whose path may be longer than one has room for. */
struct unix_address {
	struct sockaddr_un address;
	int folder; /* the descriptor by which a long path is shortened, or -1 */
};

/* To be finished once it was bound or connected to. -1 with errno: the folder cannot be opened, or
 * the name alone is too long. */
int unix_address_init(struct unix_address *address, const char *path)
	__attribute__((warn_unused_result));
/* Keeps errno. */
void unix_address_finish(struct unix_address *address);

/* Bound, so that this user alone may open it; what lies there goes, where it is a socket. Nobody is
 * listening yet. A descriptor that does not block, to be closed; -1 with errno. */
int unix_socket_bind(const char *path) __attribute__((warn_unused_result));

/* A descriptor that does not block, to be closed; -1 with errno where nobody listens there. */
int unix_socket_connect(const char *path) __attribute__((warn_unused_result));

#endif
