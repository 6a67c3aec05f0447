/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PORTS_PORTS_H
#define GATEWAY_PORTS_PORTS_H

#include "base/problem.h"
#include "daemon/http/http.h"
#include "daemon/log/log.h"
#include "daemon/pipe/pipe.h"
#include "daemon/run/bind.h"
#include "gateway/access/access.h"
#include "gateway/printers/printers.h"

#include <stdint.h>
#include <uv.h>

/*
 * A port for each printer, for programs that know one printer at one address: the interfaces of
 * other programs answer there with no printer in their paths. All of them are one HTTP server,
 * whose requests have the printer's serial number as http_request_listener. They come and go with
 * the printers. docs/moonraker.md says how they are numbered. A printer with a port has a unix
 * socket, too: moonraker/SERIAL.sock in the gateway's folder.
 */
struct gateway_ports;

#define GATEWAY_PORTS_RETRY_MS 5000 /* a port that another program has is tried again so often */

struct gateway_ports_options {
	struct gateway_printers *printers;
	struct access *access; /* is told of the server */
	struct log *log;
	const struct http_options *http; /* copied */
	const struct bind *bind;         /* copied */
	const char *certificate_file;    /* NULL: no TLS; copied */
	const char *key_file;
	const char *folder;              /* of the gateway: ports.json is there */
	const struct pipe_options *pipe; /* of each socket but for path and name; copied */
	uint16_t base; /* of the printer with index 0; 0: only those that have one of their own */
};

/* Opens those of the printers that there are. A port that is taken is logged, and tried again.
 * Errors: STORE (ports.json; with problem), ARGUMENT (with problem), MEMORY. */
int gateway_ports_create(uv_loop_t *loop, const struct gateway_ports_options *options,
			 struct gateway_ports **ports, struct problem *problem)
	__attribute__((warn_unused_result));

/* Reads ports.json and the certificates again; what cannot be read is logged, and changes nothing.
 * NULL is accepted. */
void gateway_ports_reload(struct gateway_ports *ports);

/* Of clients, on all of them. NULL is accepted. */
size_t gateway_ports_connections(const struct gateway_ports *ports);

/* The loop is needed a little longer. NULL is accepted. */
void gateway_ports_stop(struct gateway_ports *ports);
/* Once the loop runs no more. NULL is accepted. */
void gateway_ports_destroy(struct gateway_ports *ports);

#endif
