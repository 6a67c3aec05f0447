/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ATTACH_ATTACH_H
#define GATEWAY_ATTACH_ATTACH_H

#include "daemon/log/log.h"
#include "daemon/run/daemon.h"
#include "gateway/access/access.h"
#include "gateway/camera/cameras.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"

/*
 * Programs of this machine that go by the gateway in place of a login of their own
 * (fleet/attach/frame.h), on a unix socket that this user alone may open: they follow printers, and
 * their commands are submitted to the one service of all; they decide on programs that ask for a
 * key; and the only session that a printer has in the local network is left to them.
 */
struct attach_server;

#define ATTACH_CLIENTS_MAX 64 /* at a time; who comes then logs in at the broker */

struct attach_options {
	const char *folder; /* of the gateway, which holds its lock; the socket is in it */
	struct gateway_printers *printers;
	struct access *access;
	struct cameras *cameras;
	struct history *history; /* which has what a client is told of the end of its command */
	struct log *log;
};

/*
 * Listens, as a part of the daemon that ends all connections, and their commands with them. NULL
 * where nobody can listen there, or for want of memory, which is logged: commands of the shell log
 * in by themselves then.
 */
struct attach_server *attach_server_start(struct daemon *daemon,
					  const struct attach_options *options)
	__attribute__((warn_unused_result));

/* Once the daemon has run. NULL is accepted. */
void attach_server_destroy(struct attach_server *server);

#endif
